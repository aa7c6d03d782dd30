"""Is one forecaster better than another on the same draws?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from reflection.statistics.intervals import (
    Interval,
    anytime_interval,
    draws_until_settled,
    t_interval,
)


@dataclass(frozen=True)
class Difference:
    """First less second, bits per draw on the same draws.

    `p` is of a paired t-test for one look; `anytime` may be read after every draw.
    `settled_after` is how many more draws would settle the difference seen now.
    """

    first: str
    second: str
    interval: Interval
    anytime: Interval
    p: float
    settled_after: int | None

    @property
    def differs(self) -> bool:
        """Whether the confidence sequence leaves out 0."""
        return not self.anytime.contains_zero


def paired(first: str, second: str, a: ArrayLike, b: ArrayLike) -> Difference | None:
    """Compare two rows of gains on the same draws; None below 2 draws."""
    gap = np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
    interval, anytime = t_interval(gap), anytime_interval(gap)
    if interval is None or anytime is None or interval.low is None:
        return None
    error = float(gap.std(ddof=1)) / gap.size**0.5
    if error == 0.0:
        p = 1.0 if interval.mean == 0.0 else 0.0
    else:
        p = 2.0 * float(stdtr(gap.size - 1, -abs(interval.mean) / error))
    return Difference(first, second, interval, anytime, p, draws_until_settled(anytime))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's corrected p-values, in the order given."""
    order = np.argsort(p_values, kind="stable")
    corrected, worst = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        worst = max(worst, min(1.0, p_values[place] * (len(p_values) - rank)))
        corrected[place] = worst
    return corrected


def pareto(costs: Sequence[float], gains: Sequence[float]) -> list[bool]:
    """Which points no other beats in both: as cheap and as good, and better in one."""
    points = list(zip(costs, gains, strict=True))
    return [
        not any(
            c <= cost and g >= gain and (c < cost or g > gain)
            for place, (c, g) in enumerate(points)
            if place != own
        )
        for own, (cost, gain) in enumerate(points)
    ]
