"""Which stored backtest speaks for a model: the first way its history was replayed, not the luckiest."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from reflection.models import Backtest
from reflection.services.scored import ScoredDraws


@dataclass(frozen=True)
class Replay:
    """A backtest as evidence."""

    number: int
    grade: str
    version_id: int | None
    draws: ScoredDraws


@dataclass(frozen=True)
class Replays:
    """What is stored for the models of some datasets; keys are (model, dataset)."""

    chosen: dict[tuple[int, str], Replay] = field(default_factory=dict)
    series: dict[tuple[int, str], int] = field(default_factory=dict)


def scored_draws(backtest: Backtest) -> ScoredDraws:
    """The draws of a backtest as evidence and comparison read them."""
    days = np.frombuffer(backtest.days, np.int32)
    return ScoredDraws(
        dates=tuple(date.fromordinal(int(day)).isoformat() for day in days),
        gains=np.frombuffer(backtest.gains, np.float64),
        hits=np.frombuffer(backtest.hits, np.uint8).astype(np.float64),
    )


def stored_replays(
    *, datasets: Collection[str], versions: Collection[int] | None = None
) -> Replays:
    """The replays that speak for the models of these datasets. Two queries.

    Of each model the newest replay of its first series of grade B, or its newest of grade C: a
    later way to replay it was chosen when the first was known. `versions` restricts the choice
    to replays of these versions; the count of series is of all.
    """
    rows = Backtest.objects.filter(dataset_name__in=set(datasets)).order_by("pk")
    columns = ("pk", "model_id", "dataset_name", "series", "grade", "version_id")
    found = defaultdict(list)
    for row in rows.values_list(*columns, named=True):
        found[row.model_id, row.dataset_name].append(row)
    wanted = {}
    for key, some in found.items():
        allowed = [row for row in some if versions is None or row.version_id in versions]
        first = next((row.series for row in allowed if row.grade == "B"), None)
        if allowed:
            wanted[next(row.pk for row in reversed(allowed) if first in (None, row.series))] = (
                key
            )
    heavy = Backtest.objects.filter(pk__in=wanted).only(
        *("pk", "grade", "version_id", "days", "gains", "hits")
    )
    return Replays(
        chosen={
            wanted[one.pk]: Replay(one.pk, one.grade, one.version_id, scored_draws(one))
            for one in heavy
        },
        series={key: len({row.series for row in some}) for key, some in found.items()},
    )
