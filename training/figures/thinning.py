"""Fewer points that show what many would."""

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 1500  # of one series


def thinned(values: NDArray[np.float64], most: int = MOST_POINTS) -> NDArray[np.int64]:
    """The places of at most `most` values: the lowest and the highest of equal buckets.

    The first and the last stay, so that a curve begins and ends where it does. Values that are
    not finite are nobody's extreme.
    """
    if len(values) <= most:
        return np.arange(len(values))
    finite = np.isfinite(values)
    low, high = np.where(finite, values, np.inf), np.where(finite, values, -np.inf)
    edges = np.linspace(1, len(values) - 1, (most - 2) // 2 + 1).astype(np.int64)
    kept = {0, len(values) - 1}
    for first, last in zip(edges[:-1], edges[1:], strict=True):
        kept.add(int(first + np.argmin(low[first:last])))
        kept.add(int(first + np.argmax(high[first:last])))
    return np.array(sorted(kept), dtype=np.int64)
