"""Summaries that merge exactly, so that nothing true is lost when rows are compacted.

Each is a monoid: `of(rows)`, `merge` and an empty element, with
`of(a + b) == merge(of(a), of(b))`. Gains are kept as whole multiples of 2^-40 bits, so that
their sums are exact in any order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from reflection.statistics.subsets import Ints

UNIT = 2.0**-40  # bits; 2^63 of them are 8 million bits: 20 million draws of a model
_LIMIT = 2**62


def to_units(gains: ArrayLike) -> Ints:
    """Gains in bits as whole units of 2^-40, rounded to the nearest; at most 4 million bits."""
    scaled = np.rint(np.asarray(gains, dtype=np.float64) / UNIT)
    if not np.isfinite(scaled).all() or np.abs(scaled).max(initial=0.0) > _LIMIT:
        raise ValueError("a gain is not finite or too large to keep exactly")
    return scaled.astype(np.int64)


@dataclass(frozen=True)
class GainSummary:
    """Gains in the order of time: how many, their sum, and the extremes of the running sum.

    The running sum starts at 0 before the first draw. Integers are units of 2^-40 bits, so
    wealth and the highest wealth ever survive any number of merges exactly.
    """

    count: int = 0
    total: int = 0
    highest: int = 0
    lowest: int = 0

    @classmethod
    def of(cls, gains: ArrayLike) -> Self:
        """Summarise gains in bits, oldest first."""
        units = to_units(gains)
        if units.size == 0:
            return cls()
        path = np.cumsum(units)
        return cls(
            int(units.size), int(path[-1]), max(0, int(path.max())), min(0, int(path.min()))
        )

    def merge(self, later: Self) -> Self:
        """This stretch of draws followed by a later one."""
        return type(self)(
            self.count + later.count,
            self.total + later.total,
            max(self.highest, self.total + later.highest),
            min(self.lowest, self.total + later.lowest),
        )

    @property
    def log_wealth(self) -> float:
        """Log2 wealth at the end, in bits."""
        return self.total * UNIT

    @property
    def highest_log_wealth(self) -> float:
        """The highest log2 wealth ever reached, at least 0."""
        return self.highest * UNIT


@dataclass(frozen=True)
class MomentSummary:
    """Count, mean and spread (Chan's update), lowest and highest with their place.

    Places are positions in the whole sequence, counted from 0; None when empty. `unusable`
    counts values that were not finite; they are in no other figure.
    """

    length: int = 0
    count: int = 0
    mean: float = 0.0
    spread: float = 0.0
    lowest: float | None = None
    lowest_at: int | None = None
    highest: float | None = None
    highest_at: int | None = None
    first: float | None = None
    last: float | None = None

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Summarise values in their order."""
        row = np.asarray(values, dtype=np.float64)
        good = np.isfinite(row)
        if not good.any():
            return cls(length=row.size)
        kept = row[good]
        low, high = (
            int(np.argmin(np.where(good, row, np.inf))),
            int(np.argmax(np.where(good, row, -np.inf))),
        )
        mean = float(kept.mean())
        return cls(
            length=row.size,
            count=kept.size,
            mean=mean,
            spread=float(((kept - mean) ** 2).sum()),
            lowest=float(row[low]),
            lowest_at=low,
            highest=float(row[high]),
            highest_at=high,
            first=float(kept[0]),
            last=float(kept[-1]),
        )

    @property
    def unusable(self) -> int:
        """How many values were not finite."""
        return self.length - self.count

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation; None below two values."""
        return sqrt(self.spread / (self.count - 1)) if self.count > 1 else None

    def merge(self, later: Self) -> Self:
        """These values followed by later ones. Extremes keep their first place."""
        if not self.count or not later.count:
            return self._beside(later)
        count = self.count + later.count
        step = later.mean - self.mean
        low = _earlier(self.lowest, later.lowest, smaller=True)
        high = _earlier(self.highest, later.highest, smaller=False)
        return type(self)(
            length=self.length + later.length,
            count=count,
            mean=self.mean + step * later.count / count,
            spread=self.spread + later.spread + step**2 * self.count * later.count / count,
            lowest=self.lowest if low else later.lowest,
            lowest_at=self.lowest_at if low else _moved(later.lowest_at, self.length),
            highest=self.highest if high else later.highest,
            highest_at=self.highest_at if high else _moved(later.highest_at, self.length),
            first=self.first,
            last=later.last,
        )

    def _beside(self, later: Self) -> Self:
        """The merge when one of the two holds no finite value."""
        full, shift = (self, 0) if self.count else (later, self.length)
        return type(self)(
            length=self.length + later.length,
            count=full.count,
            mean=full.mean,
            spread=full.spread,
            lowest=full.lowest,
            lowest_at=_moved(full.lowest_at, shift),
            highest=full.highest,
            highest_at=_moved(full.highest_at, shift),
            first=full.first,
            last=full.last,
        )


def _earlier(first: float | None, second: float | None, *, smaller: bool) -> bool:
    """Whether the first of two extremes is the one to keep."""
    if first is None or second is None:
        return second is None
    return first <= second if smaller else first >= second


def _moved(place: int | None, by: int) -> int | None:
    return None if place is None else place + by


@dataclass(frozen=True)
class DrawSummary:
    """Counts of white balls, bonus balls and pairs; added entry by entry.

    Arrays are int64: `(balls,)`, `(bonus,)` and `(balls * balls,)` with the pair (a, b), a < b,
    at `a * balls + b`, balls from 0.
    """

    draws: int
    white: Ints
    bonus: Ints
    pairs: Ints

    @classmethod
    def of(cls, white: ArrayLike, bonus: ArrayLike, balls: int, extras: int) -> Self:
        """Count draws: white `(draws, picks)` and bonus `(draws,)`, both from 1."""
        sets = np.sort(np.asarray(white, dtype=np.int64), axis=-1) - 1
        extra = np.asarray(bonus, dtype=np.int64) - 1
        first, second = np.triu_indices(sets.shape[-1], k=1)
        codes = sets[:, first] * balls + sets[:, second]
        return cls(
            len(sets),
            np.bincount(sets.ravel(), minlength=balls),
            np.bincount(extra, minlength=extras),
            np.bincount(codes.ravel(), minlength=balls * balls),
        )

    def merge(self, other: Self) -> Self:
        """The counts of both."""
        return type(self)(
            self.draws + other.draws,
            self.white + other.white,
            self.bonus + other.bonus,
            self.pairs + other.pairs,
        )


def merged(parts: Iterable[GainSummary]) -> GainSummary:
    """All stretches one after the other."""
    whole = GainSummary()
    for part in parts:
        whole = whole.merge(part)
    return whole
