"""Are a forecaster's probabilities honest? Slopes, drift and shifts from sums over draws.

A forecast's logits, scaled by b, forecast `P_b(S) ~ exp(b theta.x)`: 1 is the model itself, 0 the
fair drum. What is needed of a stretch of draws are sums at a few values of b, and sums of two
stretches add up to those of both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from reflection.statistics.evidence import mixture_wealth
from reflection.statistics.quantiles import normal_upper, root
from reflection.statistics.subsets import Floats


@dataclass(frozen=True)
class Slope:
    """The scale b that fits the draws best and its standard error; 95 % limits beside.

    1 is honest, between 0 and 1 over-confident, 0 carries no information, below 0 misleads.
    """

    value: float
    error: float
    low: float
    high: float
    draws: int

    @classmethod
    def of(cls, value: float, error: float, draws: int) -> Self:
        """A slope with the normal interval around it."""
        reach = normal_upper(0.025) * error
        return cls(value, error, value - reach, value + reach, draws)


@dataclass(frozen=True, eq=False)
class Stretch:
    """Sums over some draws, at each of `scales` (ascending, 0 and 1 among them).

    `score` is the sum of the drawn balls' logits; `gains` are bits over uniform of the model
    scaled so, `means` and `variances` those of the score that it expects.
    """

    scales: Floats
    draws: int
    score: float
    gains: Floats
    means: Floats
    variances: Floats
    first: str = ""
    last: str = ""

    @classmethod
    def read(cls, scales: Sequence[float], stored: Mapping[str, Any]) -> Self:
        """One stored block, by the names of its sums."""
        return cls(
            scales=np.asarray(scales, dtype=np.float64),
            draws=int(stored["draws"]),
            score=float(stored["score"]),
            gains=np.asarray(stored["gains"], dtype=np.float64),
            means=np.asarray(stored["means"], dtype=np.float64),
            variances=np.asarray(stored["variances"], dtype=np.float64),
            first=str(stored.get("first", "")),
            last=str(stored.get("last", "")),
        )

    def merge(self, later: Self) -> Self:
        """These draws and later ones together."""
        return type(self)(
            self.scales,
            self.draws + later.draws,
            self.score + later.score,
            self.gains + later.gains,
            self.means + later.means,
            self.variances + later.variances,
            self.first,
            later.last,
        )

    def slope(self) -> Slope | None:
        """The best scale: where the expected score is the observed one. None without opinions.

        The expected score rises with b. Between the scales it is the cubic through its values
        and derivatives; outside of them a straight line.
        """
        if self.variances.min() < 1e-9:
            return None
        ends = self._outside()
        b = ends if ends is not None else self._between()
        error = 1.0 / np.sqrt(np.interp(b, self.scales, self.variances))
        return Slope.of(b, float(error), self.draws)

    def _outside(self) -> float | None:
        if self.score < self.means[0]:
            return float(self.scales[0] + (self.score - self.means[0]) / self.variances[0])
        if self.score > self.means[-1]:
            return float(self.scales[-1] + (self.score - self.means[-1]) / self.variances[-1])
        return None

    def _between(self) -> float:
        place = int(
            np.clip(np.searchsorted(self.means, self.score) - 1, 0, len(self.scales) - 2)
        )
        low, high = self.scales[place], self.scales[place + 1]
        return root(lambda b: self._expected(place, b) - self.score, float(low), float(high))

    def _expected(self, place: int, b: float) -> float:
        """Hermite's cubic of the expected score between two scales."""
        pair = slice(place, place + 2)
        width = float(np.diff(self.scales[pair])[0])
        t = (b - self.scales[place]) / width
        (m0, m1), (v0, v1) = self.means[pair], self.variances[pair] * width
        return float(
            (1 + 2 * t) * (1 - t) ** 2 * m0
            + t * (1 - t) ** 2 * v0
            + t**2 * (3 - 2 * t) * m1
            + t**2 * (t - 1) * v1
        )

    def at(self, b: float) -> float:
        """Bits gained over uniform by the model scaled by b, within the scales."""
        return float(np.interp(b, self.scales, self.gains))


def together(blocks: Sequence[Stretch]) -> Stretch | None:
    """All stretches as one; None without any."""
    if not blocks:
        return None
    whole = blocks[0]
    for block in blocks[1:]:
        whole = whole.merge(block)
    return whole


def evidence_of_scaling(blocks: Sequence[Stretch]) -> float:
    """Log2 evidence, at its highest, that a scaled model is better than the model itself.

    The average of `P_b / P_1` over the scales: a martingale if the model were right (Arnold,
    Henzi and Ziegel, Annals of Applied Statistics 2023), looked at after each block.
    """
    if not blocks:
        return 0.0
    steps = np.stack([block.gains - block.at(1.0) for block in blocks], axis=1)
    paths = np.cumsum(steps, axis=1)  # (scales, blocks)
    scales = len(blocks[0].scales)
    return float(max(0.0, mixture_wealth(paths, np.full(scales, 1.0 / scales)).max()))


def evidence_of_drift(blocks: Sequence[Stretch]) -> float:
    """Log2 evidence that the slope changed at some block: a mixture over the moments of change.

    Each block is forecast by the slope of all before it, clipped to the scales; whatever
    scale does better instead is paid for by averaging. A change at the j-th comparison has the
    prior 1 / (j (j + 1)), so that nobody need know how many will come.
    """
    steps = []
    for place in range(1, len(blocks)):
        past, now = together(blocks[:place]), blocks[place]
        slope = past.slope() if past else None
        if slope is None:
            return 0.0
        scales = now.scales
        usual = now.at(float(np.clip(slope.value, scales[0], scales[-1])))
        paths = (now.gains - usual)[:, None]
        steps.append(float(mixture_wealth(paths, np.full(len(scales), 1.0 / len(scales)))[0]))
    return _since_some_change(np.array(steps))


def _since_some_change(steps: Floats) -> float:
    """Highest log2 of `sum_j prior_j prod_{i >= j} 2^step_i`, what is left of the prior at 1."""
    highest, held = 0.0, np.zeros(0)
    for number, step in enumerate(steps, start=1):
        held = np.append(held, 1.0 / (number * (number + 1))) * np.exp2(step)
        rest = 1.0 / (number + 1)
        highest = max(highest, float(np.log2(held.sum() + rest)))
    return highest


@dataclass(frozen=True)
class Shift:
    """Do balls come as often as their forecasts say? Chi-square over all balls of a drum."""

    statistic: float
    degrees: int
    p: float
    farthest: int  # the ball of the largest deviation, from 1
    deviation: float  # its standardised deviation


def mean_shift(observed: ArrayLike, expected: ArrayLike, variance: ArrayLike) -> Shift | None:
    """`z_i = (O_i - sum pi_i) / sqrt(sum pi_i (1 - pi_i))` per ball, and all together.

    Counts of balls sum to a constant, so `(n - 1) / n sum z^2` is chi-square (n - 1), the factor
    of the frequency test. Balls that never existed are left out; None below 2 balls.
    """
    spread = np.asarray(variance, dtype=np.float64)
    there = spread > 1e-9
    n = int(there.sum())
    if n < 2:
        return None
    gap = np.asarray(observed, dtype=np.float64) - np.asarray(expected, dtype=np.float64)
    z = np.divide(gap, np.sqrt(spread), out=np.zeros_like(gap), where=there)
    statistic = float((n - 1) / n * (z**2).sum())
    far = int(np.argmax(np.abs(z)))
    return Shift(statistic, n - 1, float(chdtrc(n - 1, statistic)), far + 1, float(z[far]))
