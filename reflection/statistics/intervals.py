"""Intervals of a mean gain: for one look, and for looking as often as one likes."""

from dataclasses import dataclass
from math import lgamma, log, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc

from reflection.statistics.quantiles import root, student_quantile
from reflection.statistics.subsets import Floats


@dataclass(frozen=True)
class Interval:
    """A mean of `n` values with the interval around it; bounds are None where unknown."""

    mean: float
    low: float | None
    high: float | None
    n: int

    @property
    def contains_zero(self) -> bool:
        """Whether the interval leaves chance possible; an unknown one always does."""
        return self.low is None or self.high is None or self.low <= 0.0 <= self.high

    @property
    def half_width(self) -> float | None:
        """Half the length of the interval; None where it is unknown."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2.0


def t_interval(values: ArrayLike, level: float = 0.95) -> Interval | None:
    """Student's interval of a mean: right for one look at a sample fixed beforehand.

    None without values; no bounds below 2 values.
    """
    sample = np.asarray(values, dtype=np.float64)
    n = sample.size
    if n == 0:
        return None
    mean = float(sample.mean())
    if n < 2:
        return Interval(mean, None, None, n)
    half = student_quantile(0.5 + level / 2.0, n - 1) * float(sample.std(ddof=1)) / sqrt(n)
    return Interval(mean, mean - half, mean + half, n)


def _best_rho_squared(alpha: float, t_opt: float) -> float:
    """Where the sequence is narrowest: `(-2 ln a + ln(-2 ln a) + 1) / t_opt`."""
    a = -2.0 * log(alpha)
    return (a + log(a) + 1.0) / t_opt


def asymptotic_sequence(values: ArrayLike, alpha: float = 0.05, t_opt: int = 500) -> Floats:
    """Half-widths of the anytime-valid asymptotic interval after 1, 2, ... values.

    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, Annals of Statistics 2024. It may be
    read at every draw from about the 50th; infinite at the first value.
    """
    sample = np.asarray(values, dtype=np.float64)
    t = np.arange(1, sample.size + 1, dtype=np.float64)
    mean = np.cumsum(sample) / t
    variance = np.maximum(np.cumsum(sample**2) / t - mean**2, 0.0)
    rho2 = _best_rho_squared(alpha, t_opt)
    grown = t * rho2 + 1.0
    half = np.sqrt(variance * 2.0 * grown / (t**2 * rho2) * np.log(np.sqrt(grown) / alpha))
    half[:1] = np.inf
    return np.asarray(half)


def anytime_interval(
    values: ArrayLike, alpha: float = 0.05, t_opt: int = 500
) -> Interval | None:
    """The interval of a mean gain that stays valid however often one looks.

    None without values; no bounds below 50 values, where the asymptotics do not hold yet.
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.size == 0:
        return None
    mean = float(sample.mean())
    if sample.size < 50:
        return Interval(mean, None, None, sample.size)
    half = float(asymptotic_sequence(sample, alpha, t_opt)[-1])
    return Interval(mean, mean - half, mean + half, sample.size)


def draws_until_settled(interval: Interval) -> int | None:
    """Further draws until the half-width would be below the mean seen now.

    Widths shrink like 1 / sqrt(n). None if already settled or not foreseeable.
    """
    half = interval.half_width
    if half is None or interval.mean == 0.0 or half <= abs(interval.mean):
        return None
    return int(np.ceil(interval.n * ((half / abs(interval.mean)) ** 2 - 1.0)))


class _GammaExponential:
    """The mixture supermartingale of Howard, Ramdas, McAuliffe and Sekhon 2021, Prop. 9.

    `scale` is the range c of the differences; `rho` fixes where the boundary is tightest.
    """

    def __init__(self, scale: float, alpha: float, v_opt: float) -> None:
        spread = 2.0 * log(1.0 / (2.0 * alpha))
        self.scale = scale
        self.rho = v_opt / (spread + log(1.0 + spread))
        self.level = log(1.0 / alpha)
        r = self.rho / scale**2
        self.leading = r * log(r) - lgamma(r) - log(gammainc(r, r))

    def log_value(self, s: float, v: float) -> float:
        """Log of the supermartingale at sum `s` and variance `v`."""
        square = self.scale**2
        shape = (v + self.rho) / square
        reach = (self.scale * s + v) / square
        lower = float(gammainc(shape, reach + self.rho / square))
        return (
            self.leading
            + lgamma(shape)
            + (log(lower) if lower > 0.0 else float("-inf"))
            - shape * log(reach + self.rho / square)
            + reach
        )

    def boundary(self, v: float) -> float:
        """The sum that a path of variance `v` passes with probability at most alpha."""
        top = 1.0
        while self.log_value(top, v) < self.level:
            top *= 2.0
        return root(lambda s: self.log_value(s, v) - self.level, 0.0, top)


def exact_interval(
    values: ArrayLike, scale: float, alpha: float = 0.05, v_opt: float = 10.0
) -> Interval | None:
    """Anytime-valid and non-asymptotic: for differences declared to lie in +- scale / 2.

    Empirical-Bernstein sequence of Choe and Ramdas, Operations Research 2024; the
    prediction of each value is the mean of those before it.
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.size == 0:
        return None
    if np.abs(sample).max() > scale / 2.0:
        raise ValueError("a value lies outside the declared range")
    earlier = np.concatenate([[0.0], np.cumsum(sample)[:-1] / np.arange(1, sample.size)])
    variance = float(((sample - earlier) ** 2).sum())
    half = _GammaExponential(scale, alpha / 2.0, v_opt).boundary(variance) / sample.size
    mean = float(sample.mean())
    return Interval(mean, mean - half, mean + half, sample.size)
