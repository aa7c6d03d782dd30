"""Models whose epochs and scored draws are stored, as training leaves them."""

import datetime as dt
from collections.abc import Callable

import numpy as np
import pytest
from django.utils import timezone

from reflection.services import jobs, kinds
from registry.models import ModelArtifact
from registry.networks.spec import NetSpec, layout
from registry.services import VersionRecord, reserve_model, save_version
from tests.reflection import counting
from training.models import Dataset, Epoch, TrainingSession
from training.services import leases
from training.services.draws import create_dataset

NETWORK = NetSpec(encoder="mlp", white=69, bonus=26, window=3, hidden=4)
CHANCE = 28.122388
FIRST_TEST_DRAW = dt.date(2024, 1, 1)


@pytest.fixture
def drum(db: None) -> Dataset:
    return create_dataset(name="drum", game="powerball", actor="alice")


def gains_of(seed: int, draws: int = 208, mean: float = -0.01, sd: float = 0.3) -> np.ndarray:
    """Per-draw gains whose mean is exactly `mean`."""
    noise = np.random.default_rng(seed).normal(0.0, sd, size=draws)
    return noise - noise.mean() + mean


@pytest.fixture
def train(drum: Dataset) -> Callable[..., TrainingSession]:
    """A session that is over: `train("owl", val=[-0.1, 0.0], train=[0.1, 0.2])`, in gains."""

    def run(
        name: str = "owl",
        val: tuple[float, ...] = (-0.02, 0.004, -0.1, -0.3),
        train: tuple[float, ...] = (0.01, 0.1, 0.3, 0.5),
        state: str = "completed",
    ) -> TrainingSession:
        now = timezone.now()
        session = TrainingSession.objects.create(
            model=reserve_model(name=name, actor="alice"),
            dataset=drum,
            dataset_fingerprint="ab" * 32,
            config={"encoder": "mlp", "epochs": len(val)},
            state=state,
            actor="alice",
            current_epoch=len(val),
            total_epochs=len(val),
            best_epoch=int(np.argmax(val)) + 1 if val else None,
            best_gain=max(val, default=None),
            process_seconds=4.0,
            finished_at=now,
        )
        Epoch.objects.bulk_create(
            Epoch(
                session=session,
                number=place + 1,
                train_bits=CHANCE - train[place],
                val_bits=CHANCE - gain,
                gain=gain,
                learning_rate=0.001,
                grad_norm=1.0,
                seconds=1.0,
                best=gain == max(val),
                at=now,
            )
            for place, gain in enumerate(val)
        )
        return session

    return run


@pytest.fixture
def score() -> Callable[..., ModelArtifact]:
    """A version with scored test draws: `score(session, gains, calibration=...)`."""

    def save(
        session: TrainingSession, gains: np.ndarray | None = None, **kept: object
    ) -> ModelArtifact:
        found = gains_of(1) if gains is None else gains
        days = [str(FIRST_TEST_DRAW + dt.timedelta(days=2 * i)) for i in range(len(found))]
        hits = np.random.default_rng(2).binomial(5, 5 / 69, size=len(found))
        test = {"dates": days, "gains": found.tolist(), "hits": hits.tolist(), **kept}
        record = VersionRecord(
            config=session.config,
            network=NETWORK.as_dict(),
            dataset_name=session.dataset.name,
            dataset_fingerprint=session.dataset_fingerprint,
            session_id=session.pk,
            metrics={
                "train_bits": CHANCE - 0.1,
                "train_gain": 0.1,
                "train_n": 900,
                "test_gain": float(found.mean()) if len(found) else None,
                "test_n": len(found),
                "train_seconds": session.process_seconds,
            },
            evaluation={"test": test, "val": {"gains": gains_of(3).tolist()}},
        )
        artifact = save_version(
            model=session.model,
            weights={
                name: np.zeros((1, *shape), np.float32) for name, shape in layout(NETWORK)
            },
            record=record,
            actor="alice",
        )
        session.artifact = artifact
        session.save(update_fields=["artifact"])
        return artifact

    return save


@pytest.fixture
def enqueued(monkeypatch):
    """The rows handed to the queue, in order."""
    handed = []
    monkeypatch.setattr(leases, "enqueue", lambda model, pk: handed.append((model, pk)))
    return handed


@pytest.fixture
def count(db, monkeypatch, enqueued):
    """Queue a job that counts: `count(5)`."""
    monkeypatch.setitem(kinds.KINDS, "count", counting.COUNTING)
    monkeypatch.setattr("reflection.tasks.FLUSH_SECONDS", 0.0)
    return lambda upto=5, **more: jobs.start_job(
        kind="count", settings={"upto": upto}, actor="alice", **more
    )
