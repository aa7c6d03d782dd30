"""How often each ball of a drum was drawn, beside what a fair drum does. Descriptive only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, chdtrc

LEVEL = 0.05  # for all balls of a drum together


@dataclass(frozen=True, slots=True)
class BallCount:
    """A ball: how often it was drawn, and how many draws ago last (None: never)."""

    ball: int
    count: int
    since: int | None
    outside: bool


@dataclass(frozen=True, slots=True)
class Frequency:
    """The counts of one drum over N draws of one matrix.

    A fair drum keeps every count between `low` and `high` in 95 of 100 histories: the band is
    corrected for looking at all balls at once. `p` belongs to chi-square with size - 1 degrees.
    """

    size: int
    draws: int
    expected: float
    low: int
    high: int
    chi2: float
    p: float
    balls: tuple[BallCount, ...]

    @property
    def outside(self) -> tuple[BallCount, ...]:
        return tuple(ball for ball in self.balls if ball.outside)


def frequency(drawn: NDArray[np.int64], size: int) -> Frequency:
    """Counts of the balls 1..size in `drawn` (N, k), oldest draw first; N >= 1.

    Chi-square has the factor (n - 1) / (n - k), because k balls leave the drum without
    replacement (Joe 1993); the band is a Sidak-corrected binomial one.
    """
    draws, picks = drawn.shape
    counts = np.bincount(drawn.ravel(), minlength=size + 1)[1:]
    expected = draws * picks / size
    low, high = _band(draws, picks / size, size)
    factor = (size - 1) / (size - picks)
    chi2 = float(factor * ((counts - expected) ** 2 / expected).sum())
    last = np.full(size + 1, -1)
    for column in drawn.T:
        np.maximum.at(last, column, np.arange(draws))
    return Frequency(
        size=size,
        draws=draws,
        expected=expected,
        low=low,
        high=high,
        chi2=chi2,
        p=float(chdtrc(size - 1, chi2)),
        balls=tuple(
            BallCount(
                ball=ball,
                count=count,
                since=None if last[ball] < 0 else int(draws - 1 - last[ball]),
                outside=not low <= count <= high,
            )
            for ball, count in enumerate(counts.tolist(), 1)
        ),
    )


def _band(draws: int, chance: float, looks: int) -> tuple[int, int]:
    """The smallest and the largest count of one ball whose tails are not too unlikely."""
    tail = (1 - (1 - LEVEL) ** (1 / looks)) / 2
    below = bdtr(np.arange(draws + 1), draws, chance)  # P(X <= c)
    low = int(np.searchsorted(below, tail, side="right"))
    # P(X >= c) = 1 - P(X <= c - 1)
    high = int(np.searchsorted(below, 1 - tail, side="left"))
    return low, high


def repeated_results(
    white: NDArray[np.int64], bonus: NDArray[np.int64]
) -> list[NDArray[np.int64]]:
    """Places of draws with the same full result, one array per result that came again."""
    results = np.column_stack([white, bonus])  # (N, k + 1)
    if not len(results):
        return []
    _, which, counts = np.unique(results, axis=0, return_inverse=True, return_counts=True)
    which = which.ravel()
    return [np.flatnonzero(which == result) for result in np.flatnonzero(counts > 1)]
