"""What is expected of settings that were not tried yet, from those that were.

A Gaussian process over the settings' axes, with the error of one trial as the least noise it may
assume. Its three scales are those of a grid under which the outcomes are likeliest. Small on
purpose: hundreds of trials, ten settings.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from math import pi, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erfc

from reflection.statistics.subsets import Floats

_LENGTHS = (0.1, 0.2, 0.4, 0.8, 1.6)
_HEIGHTS = (
    0.03,
    0.1,
    0.3,
    1.0,
)  # of the spread of the outcomes: how much of it is the settings'
_NOISES = (1.0, 2.0, 5.0)  # times the least noise


@dataclass(frozen=True)
class Expectation:
    """Of candidates: the mean outcome expected, its deviation, and the improvement `(n,)` over the
    best mean among the settings that were tried, `best`.
    """

    mean: Floats
    deviation: Floats
    improvement: Floats
    best: float


def expect(tried: Floats, outcomes: ArrayLike, error: float, candidates: Floats) -> Expectation:
    """What outcomes of candidates are expected; rows are settings as `search_space.matrix` has them.

    `error` is the standard error of one outcome. Needs two outcomes or more.
    """
    y = np.asarray(outcomes, dtype=np.float64)
    centre, spread = float(y.mean()), max(float(y.std()), error, 1e-12)
    scales = max(
        product(_LENGTHS, _HEIGHTS, _NOISES),
        key=lambda s: _likelihood(tried, (y - centre) / spread, error / spread, *s),
    )
    length, height, noise = scales
    solve = _solver(tried, error / spread, length, height, noise)
    weights = solve((y - centre) / spread)
    at_tried = height * _kernel(tried, tried, length) @ weights
    across = height * _kernel(candidates, tried, length)
    mean = across @ weights
    variance = height - np.einsum("ij,ji->i", across, solve(across.T))
    deviation = np.sqrt(np.maximum(variance, 1e-12))
    best = float(at_tried.max())
    gain = improvement(mean - best, deviation)
    return Expectation(
        centre + spread * mean, spread * deviation, spread * gain, centre + spread * best
    )


def improvement(ahead: Floats, deviation: Floats) -> Floats:
    """Mean of the positive part of a normal law: `E max(0, N(ahead, deviation^2))`."""
    z = ahead / deviation
    density = np.exp(-(z**2) / 2.0) / sqrt(2.0 * pi)
    return np.asarray(ahead * 0.5 * erfc(-z / sqrt(2.0)) + deviation * density)


def _kernel(one: Floats, other: Floats, length: float) -> Floats:
    """Likeness of settings, 1 for equal ones, falling with their distance."""
    apart = ((one[:, None, :] - other[None, :, :]) ** 2).sum(axis=-1)
    return np.asarray(np.exp(-apart / (2.0 * length**2)))


def _covariance(
    tried: Floats, error: float, length: float, height: float, noise: float
) -> Floats:
    own = (noise * error) ** 2 + 1e-6
    return np.asarray(height * _kernel(tried, tried, length) + own * np.eye(len(tried)))


def _solver(
    tried: Floats, error: float, length: float, height: float, noise: float
) -> Callable[[Floats], Floats]:
    factor = np.linalg.cholesky(_covariance(tried, error, length, height, noise))
    return lambda right: np.linalg.solve(factor.T, np.linalg.solve(factor, right))


def _likelihood(
    tried: Floats, y: Floats, error: float, length: float, height: float, noise: float
) -> float:
    """Log marginal likelihood of the outcomes, up to a constant."""
    factor = np.linalg.cholesky(_covariance(tried, error, length, height, noise))
    half = np.linalg.solve(factor, y)
    return float(-0.5 * half @ half - np.log(np.diag(factor)).sum())
