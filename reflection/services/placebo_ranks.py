"""Placebo ranks: real draws among fair histories that went through the identical pipeline."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from reflection.models import Backtest, ControlRun
from reflection.services.clearance import USUAL
from reflection.services.control_series import READ, series_of, series_of_backtest
from reflection.statistics.controls import placebo_p
from reflection.statistics.verdicts import signed
from reflection.walking.folds import Protocol
from registry.models import ModelArtifact
from training.engine.config import SETTINGS, Config, ConfigError

FAIR = "fair"


@dataclass(frozen=True)
class PlaceboRank:
    """How the gain in total of `draws` real draws stands among `placebos` of the same pipeline.

    `as_good` of them gained as much or more; `sentence` says how `p` follows.
    """

    p: float
    placebos: int
    as_good: int
    total_bits: float
    draws: int
    sentence: str


@dataclass(frozen=True)
class RankedReplay:
    """A backtest of a model with its rank."""

    model_name: str
    backtest: int
    rank: PlaceboRank


def rank_among(total: float, placebos: Sequence[float], draws: int) -> PlaceboRank | None:
    """The rank of a total in bits among those of placebos; None without any."""
    if not placebos:
        return None
    count = len(placebos)
    better = int(np.count_nonzero(np.asarray(placebos) >= total))
    p = placebo_p(total, placebos)
    few = f" It takes {USUAL} to reach 0.050." if count < USUAL else ""
    sentence = (
        f"These {draws:,} draws gained {signed(total, 1)} bits in total; of {count:,}"
        f" placebo{'' if count == 1 else 's'}, fair histories through the same pipeline, {better:,}"
        f" gained as much or more: p = (1 + {better:,}) / ({count:,} + 1) = {p:.3f}.{few}"
    )
    return PlaceboRank(p, count, better, total, draws, sentence)


def rank_of_backtest(backtest: Backtest) -> PlaceboRank | None:
    """The rank of a replay among placebos with its draws, settings and protocol. One query."""
    series = series_of_backtest(backtest)
    found = (
        ControlRun.objects.filter(series=series, key=FAIR)
        if series
        else ControlRun.objects.none()
    )
    totals = list(found.values_list("raw_bits", flat=True))
    return rank_among(backtest.raw_bits, [total or 0.0 for total in totals], backtest.draws)


def rank_of_tests(version: ModelArtifact, total: float, draws: int) -> PlaceboRank | None:
    """The rank of a version's test draws among the sessions of placebos of its settings. One query.

    Whichever way those placebos were replayed afterwards: the session before is the same.
    """
    rows = ControlRun.objects.filter(
        dataset_name=version.dataset_name,
        dataset_fingerprint=version.dataset_fingerprint,
        key=FAIR,
        test_draws=draws,
    ).exclude(job=None)
    found, own = {}, _series(version)
    for row in rows.select_related("job"):
        if row.job is not None and row.series == own(row.job.settings):
            found[row.seed] = row.test_bits or 0.0
    return rank_among(total, list(found.values()), draws)


def _series(version: ModelArtifact) -> Callable[[Mapping[str, Any]], str]:
    """The series of a version's settings under the protocol of a job of controls."""
    try:
        config = Config.parse({k: v for k, v in version.config.items() if k in SETTINGS})
    except ConfigError:
        return lambda settings: ""

    @cache
    def of(*protocol: Any) -> str:
        return series_of(
            dataset=version.dataset_name,
            fingerprint=version.dataset_fingerprint,
            config=config,
            protocol=Protocol(*protocol),
        )

    return lambda job: of(job["origin"], job["refit"], job.get("warm", False))


def ranked_replays(
    *, dataset_name: str, placebos: Mapping[str, Sequence[float]]
) -> dict[str, tuple[RankedReplay, ...]]:
    """The backtests on a dataset by the series of their placebos, newest first. One query."""
    columns = ("model__name", "raw_bits", "draws", *READ)
    rows = Backtest.objects.filter(dataset_name=dataset_name).select_related("model")
    found: dict[str, list[RankedReplay]] = {}
    for row in _newest_first(rows.only(*columns)) if placebos else ():
        series = series_of_backtest(row)
        rank = rank_among(row.raw_bits, placebos.get(series, ()), row.draws)
        if rank is not None:
            found.setdefault(series, []).append(RankedReplay(row.model.name, row.pk, rank))
    return {series: tuple(some) for series, some in found.items()}


def _newest_first(rows: Iterable[Backtest]) -> list[Backtest]:
    return sorted(rows, key=lambda row: -row.pk)
