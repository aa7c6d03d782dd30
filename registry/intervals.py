"""The interval beside a mean gain. Pure: no Django."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

LEVEL = 0.95


class Interval(NamedTuple):
    """A mean and the ends of its confidence interval, in the unit of the values."""

    mean: float
    low: float
    high: float


def mean_interval(values: Sequence[float], level: float = LEVEL) -> Interval | None:
    """Student's t interval of the mean of independent `values`; None for fewer than two."""
    if len(values) < 2:
        return None
    array = np.asarray(values, dtype=float)
    mean = float(array.mean())
    error = float(array.std(ddof=1)) / len(array) ** 0.5
    half = float(stdtrit(len(array) - 1, (1 + level) / 2)) * error
    return Interval(mean, mean - half, mean + half)
