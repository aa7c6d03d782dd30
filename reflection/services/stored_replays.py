"""Which stored backtest speaks for a model: the first way its history was replayed, not the luckiest."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from django.db.models import Q

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


class Shelf:
    """Some backtests: which there are is asked once, what they hold when they are chosen."""

    def __init__(self, which: Q) -> None:
        rows = Backtest.objects.filter(which).order_by("pk")
        columns = ("pk", "model_id", "dataset_name", "series", "grade", "version_id")
        self._rows = list(rows.values_list(*columns, named=True))
        self._read: dict[int, Replay] = {}

    @property
    def datasets(self) -> set[str]:
        """Those of which there is a backtest."""
        return {row.dataset_name for row in self._rows}

    def choose(
        self,
        datasets: Collection[str],
        versions: Collection[int] | None = None,
        models: Collection[int] | None = None,
    ) -> Replays:
        """The replays that speak for the models of these datasets, or for some of them.

        Of each model the newest replay of its first series of grade B, or its newest of grade C: a
        later way to replay it was chosen when the first was known. `versions` restricts the choice
        to replays of these versions; the count of series is of all.
        """
        found = defaultdict(list)
        for row in self._rows:
            if row.dataset_name in datasets and (models is None or row.model_id in models):
                found[row.model_id, row.dataset_name].append(row)
        wanted = {}
        for key, some in found.items():
            allowed = [row for row in some if versions is None or row.version_id in versions]
            first = next((row.series for row in allowed if row.grade == "B"), None)
            fitting = [row.pk for row in allowed if first in (None, row.series)]
            if fitting:
                wanted[key] = fitting[-1]
        self._fetch(wanted.values())
        return Replays(
            chosen={key: self._read[pk] for key, pk in wanted.items()},
            series={key: len({row.series for row in some}) for key, some in found.items()},
        )

    def _fetch(self, wanted: Iterable[int]) -> None:
        """Read what was not read before."""
        new = [pk for pk in wanted if pk not in self._read]
        if not new:
            return
        heavy = ("pk", "grade", "version_id", "days", "gains", "hits")
        for one in Backtest.objects.filter(pk__in=new).only(*heavy):
            self._read[one.pk] = Replay(one.pk, one.grade, one.version_id, scored_draws(one))


def stored_replays(
    *, datasets: Collection[str], versions: Collection[int] | None = None
) -> Replays:
    """What `Shelf.choose` says of these datasets. Two queries."""
    return shelf_of_datasets(datasets).choose(datasets, versions)


def shelf_of_datasets(datasets: Collection[str]) -> Shelf:
    """All backtests of some datasets. One query, and one for those that are chosen."""
    return Shelf(Q(dataset_name__in=set(datasets)))


def shelf_of_models(models: Collection[int]) -> Shelf:
    """All backtests of some models. Likewise."""
    return Shelf(Q(model__in=set(models)))
