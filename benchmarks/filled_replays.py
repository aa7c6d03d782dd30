"""Jobs, backtests, played tickets and forecasts in bulk, for what measures their lists."""

import datetime as dt
from typing import Any

import numpy as np
from django.utils import timezone

from reflection.models import Backtest, Forecast, Job, TicketPlay
from registry.models import ModelArtifact
from training.models import Dataset

DRAWS = 100  # of a replay
FIRST = dt.date(2024, 1, 3)


def add_replays(versions: list[ModelArtifact], dataset: Dataset) -> None:
    """A backtest of each version with its job, tickets played by it, and a scored forecast."""
    jobs = Job.objects.bulk_create(job_of(version, dataset) for version in versions)
    backtests = Backtest.objects.bulk_create(
        backtest_of(version, job, dataset) for version, job in zip(versions, jobs, strict=True)
    )
    TicketPlay.objects.bulk_create(play_of(backtest) for backtest in backtests)
    drawn = dataset.draws.earliest("date")
    Forecast.objects.bulk_create(
        Forecast(
            model=version.model, version=version, dataset=dataset, draw=drawn, gain=-0.01,
            draw_date=drawn.date, draw_time=timezone.now(), document="{}", sha256="0" * 64,
            registered_at=timezone.now() - dt.timedelta(days=1), actor="bench", journal_seq=1,
        )
        for version in versions
    )  # fmt: skip


def job_of(version: ModelArtifact, dataset: Dataset) -> Job:
    return Job(
        kind="backtest", title=f"Walk-forward of {version} on {dataset.name}", total=10, done=10,
        model_name=version.model.name, settings={"model_name": version.model.name},
        fingerprint=f"{version.pk:064}", state=Job.State.COMPLETED, actor="bench",
        result={"address": "/reflection/backtests/1/"}, finished_at=timezone.now(),
    )  # fmt: skip


def backtest_of(version: ModelArtifact, job: Job, dataset: Dataset) -> Backtest:
    """A replay that knows nothing: gains around chance."""
    gains = np.random.default_rng(version.pk).normal(-0.005, 0.1, DRAWS)
    days = np.arange(FIRST.toordinal(), FIRST.toordinal() + 2 * DRAWS, 2, dtype=np.int32)
    facts: dict[str, Any] = {
        "dataset_name": dataset.name, "dataset_fingerprint": dataset.fingerprint,
        "draws_sha256": "0" * 64, "series": f"{version.pk:064}", "encoder": version.encoder,
        "origin": 300, "refit": 50, "seed": 0, "first_draw": 300, "draws": DRAWS,
        "first_date": FIRST, "last_date": dt.date.fromordinal(int(days[-1])),
        "gain": float(gains.mean()), "low": -0.03, "high": 0.02, "raw_bits": -1.0,
        "hedged_bits": -0.2, "highest_bits": 0.3, "grade": "B", "grade_reason": "bench",
        "seconds": 1.0, "steps": 100, "created_by": "bench", "config": {},
    }  # fmt: skip
    return Backtest(
        model=version.model, version=version, job=job, days=days.tobytes(), gains=gains.tobytes(),
        hits=bytes(DRAWS), bonus_hits=bytes(DRAWS), logits=b"", **facts,
    )  # fmt: skip


def play_of(backtest: Backtest) -> TicketPlay:
    return TicketPlay(
        backtest=backtest, model_name=backtest.model.name, dataset_name=backtest.dataset_name,
        tickets=1, seed=0, draws=DRAWS, priced_draws=DRAWS, first_date=backtest.first_date,
        last_date=backtest.last_date, cost=2 * DRAWS, returned=20, expected_return=64.0,
        exact=True, tiers=[], sources=[], created_by="bench",
    )  # fmt: skip
