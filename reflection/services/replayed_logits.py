"""What members said of the draws that all of them replayed: what a log-linear pool is fitted to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from memory.refusals import Conflict
from reflection.models import Backtest
from reflection.services.pooled_replays import spoken
from reflection.services.shared_draws import BACKTESTS, FEWEST_DRAWS
from reflection.services.stored_replays import stored_replays
from reflection.statistics.log_linear import Spoken
from reflection.statistics.subsets import Floats, Ints
from reflection.walking.packing import unpack_logits
from registry.models import RegisteredModel
from training.models import Dataset
from training.services.draws import known_history


@dataclass(frozen=True, eq=False)
class ReplayedDraws:
    """The draws that all members replayed, oldest first: their gains `(members, draws)` and words."""

    dates: list[str]
    gains: Floats
    said: Spoken


def enough_replayed_draws(rows: Sequence[RegisteredModel]) -> ReplayedDraws:
    """The common draws of the backtests that speak for these models' newest versions.

    Raises Conflict `not_comparable` with the remedy where there are too few.
    """
    newest = [row.newest for row in rows if row.newest]
    names = {version.dataset_name for version in newest}
    chosen = stored_replays(datasets=names, versions={one.pk for one in newest}).chosen
    numbers = [
        chosen[row.pk, name].number
        for row in rows
        for name in names
        if (row.pk, name) in chosen
    ]
    dataset = Dataset.objects.filter(name__in=names).first() if len(names) == 1 else None
    if dataset is None or len(numbers) < len(rows):
        raise _too_few(rows, 0)
    found = {one.model_id: one for one in Backtest.objects.filter(pk__in=numbers)}
    tests = [found[row.pk] for row in rows]
    drums = {(one.network["white"], one.network["bonus"]) for one in newest}
    days = _shared_days(tests)
    if len(days) < FEWEST_DRAWS or len(drums) > 1:
        raise _too_few(rows, len(days))
    white, bonus = next(iter(drums))
    history = known_history(dataset)
    places = [np.isin(np.frombuffer(one.days, np.int32), days) for one in tests]
    logits = [
        unpack_logits(bytes(one.logits), one.draws)[place]
        for one, place in zip(tests, places, strict=True)
    ]
    if any(part.shape[1] != white + bonus for part in logits):
        raise _too_few(rows, 0)
    gains = [
        np.frombuffer(one.gains, np.float64)[place]
        for one, place in zip(tests, places, strict=True)
    ]
    seen = history.take(np.isin(history.ordinal, days))
    dates = [date.fromordinal(int(day)).isoformat() for day in days]
    return ReplayedDraws(dates, np.stack(gains), spoken(logits, seen, white))


def _shared_days(tests: Sequence[Backtest]) -> Ints:
    """The days that all of them forecast."""
    days = np.frombuffer(tests[0].days, np.int32)
    for one in tests[1:]:
        days = np.intersect1d(days, np.frombuffer(one.days, np.int32))
    return days


def _too_few(rows: Sequence[RegisteredModel], shared: int) -> Conflict:
    names = ", ".join(row.name for row in rows)
    return Conflict(
        f"The {BACKTESTS} of {names} share {shared} draws of one dataset and matrix, and"
        f" {FEWEST_DRAWS} are needed: the weights of added logits are fitted to what each of them said"
        " walk-forward. Backtest each of them first, or make a mixture.",
        code="not_comparable",
    )
