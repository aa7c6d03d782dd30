"""Thin curves so that what matters stays exact: first, minimum, maximum and last of stretches.

Pure. A curve of `count` points is cut into equal stretches; of each, the points stay at which a
column has its first, lowest, highest or last value (M4: Jugel et al., VLDB 2014). So first,
last, minimum and maximum of the whole stay, and a point that went lies between the lowest and
the highest that stayed in its stretch: a bound, not a guess. Thinning twice changes nothing.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
MOST = 100  # stretches of a curve, however long


class Bound(NamedTuple):
    """What a value lies between; both ends are the value where it is known."""

    low: float
    high: float

    @property
    def is_exact(self) -> bool:
        """Whether there is nothing in between."""
        return self.low == self.high


def stretches(count: int, length: int) -> int:
    """How many stretches of about `length` points a curve of count points is cut into."""
    return max(1, min(MOST, -(-count // length)))


def most_kept(count: int, length: int, columns: int) -> int:
    """The most points that `thinned` keeps of a curve."""
    return min(count, stretches(count, length) * (2 + 2 * columns))


def thinned(positions: Ints, columns: Sequence[Floats], *, count: int, parts: int) -> Ints:
    """Return the places in `positions` that stay, ascending.

    `positions` are points 0 to count - 1, ascending: all of them, or those that an earlier
    thinning into as many `parts` kept. Each column has a value for each; NaN is no extreme.
    """
    kept = set()
    part_of = positions * parts // count
    for part in np.unique(part_of):
        inside = np.flatnonzero(part_of == part)
        kept |= {int(inside[0]), int(inside[-1])}
        for column in columns:
            values = column[inside]
            if not np.isnan(values).all():
                kept |= {int(inside[np.nanargmin(values)]), int(inside[np.nanargmax(values)])}
    return np.array(sorted(kept), dtype=np.int64)


def bound(positions: Ints, column: Floats, wanted: int, *, count: int, parts: int) -> Bound:
    """Return what the column's value at a point lies between, by the points that stayed."""
    place = int(np.searchsorted(positions, wanted))
    if place < len(positions) and positions[place] == wanted:
        return Bound(float(column[place]), float(column[place]))
    inside = column[positions * parts // count == wanted * parts // count]
    return Bound(float(np.nanmin(inside)), float(np.nanmax(inside)))
