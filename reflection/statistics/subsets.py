"""Probabilities of a drawn set: conditional Bernoulli and Plackett-Luce.

Both are exact. Weights are given as natural-log weights `theta`; adding a constant
to all of them changes nothing. Arrays are `(..., balls)`, sets are index arrays
`(..., picks)` counted from 0, and results are natural logarithms.
"""

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

Floats = NDArray[np.float64]
Ints = NDArray[np.integer[Any]]

LN2 = float(np.log(2.0))


def _tables(theta: Floats, picks: int) -> Floats:
    """Log elementary symmetric polynomials of every prefix: `(balls + 1, ..., picks + 1)`."""
    balls = theta.shape[-1]
    table = np.full((balls + 1, *theta.shape[:-1], picks + 1), -np.inf)
    table[0, ..., 0] = 0.0
    for ball in range(balls):
        table[ball + 1] = table[ball]
        table[ball + 1, ..., 1:] = np.logaddexp(
            table[ball, ..., 1:], table[ball, ..., :-1] + theta[..., ball, None]
        )
    return table


def log_partition(theta: ArrayLike, picks: int) -> Floats:
    """`log e_k(exp(theta))`, by the O(balls * picks) recursion in log space.

    Stable at any scale of theta; never from power sums, which cancel.
    """
    logits = np.asarray(theta, dtype=np.float64)
    shape = logits.shape[:-1]
    partial = np.full((*shape, picks + 1), -np.inf)
    partial[..., 0] = 0.0
    for ball in range(logits.shape[-1]):
        partial[..., 1:] = np.logaddexp(
            partial[..., 1:], partial[..., :-1] + logits[..., ball, None]
        )
    return np.asarray(partial[..., picks])


def log_conditional_bernoulli(theta: ArrayLike, drawn: Ints) -> Floats:
    """Log probability of each set when balls are independent but their number is fixed."""
    logits = np.asarray(theta, dtype=np.float64)
    drawn = np.asarray(drawn)
    shape = np.broadcast_shapes(logits.shape[:-1], drawn.shape[:-1])
    wide = np.broadcast_to(logits, (*shape, logits.shape[-1]))
    sets = np.broadcast_to(drawn, (*shape, drawn.shape[-1]))
    chosen = np.take_along_axis(wide, sets, axis=-1).sum(axis=-1)
    return np.asarray(chosen - log_partition(logits, drawn.shape[-1]))


def inclusion(theta: ArrayLike, picks: int) -> Floats:
    """Probability that each ball is in the drawn set; the last axis sums to `picks`.

    Prefix and suffix tables are multiplied: dividing a ball out of the full
    polynomial loses all digits when its weight is large.
    """
    logits = np.asarray(theta, dtype=np.float64)
    balls = logits.shape[-1]
    before = _tables(logits, picks)
    after = _tables(logits[..., ::-1], picks)
    total = before[balls, ..., picks]
    result = np.empty_like(logits)
    for ball in range(balls):
        others = logsumexp(
            before[ball, ..., :picks] + after[balls - 1 - ball, ..., picks - 1 :: -1], axis=-1
        )
        result[..., ball] = np.exp(logits[..., ball] + others - total)
    return result


def logits_of(inclusion_wanted: ArrayLike, picks: int, rounds: int = 40) -> Floats:
    """The conditional Bernoulli with these inclusion probabilities `(..., balls)`: its logits.

    Of all laws of a set with these marginals it is the one of most entropy, so also the
    maximum-likelihood fit where they are the shares of draws that had each ball. Every
    probability lies strictly between 0 and 1; the logits have mean 0.
    """
    wanted = np.asarray(inclusion_wanted, dtype=np.float64)
    theta: Floats = _log_odds(wanted)
    for _ in range(rounds):
        step = _log_odds(wanted) - _log_odds(inclusion(theta, picks))
        theta = theta + step
        if np.abs(step).max() < 1e-12:
            break
    return np.asarray(theta - theta.mean(axis=-1, keepdims=True))


def _log_odds(probability: Floats) -> Floats:
    return np.asarray(np.log(probability) - np.log1p(-probability))


def log_plackett_luce(theta: ArrayLike, drawn: Ints) -> Floats:
    """Log probability of each unordered set drawn one ball at a time without replacement.

    Sums over all orders by dynamic programming over the subsets of the drawn set:
    `F(T) = sum_{i in T} F(T - i) w_i / (W - w(T - i))`.
    """
    logits = np.asarray(theta, dtype=np.float64)
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    drawn = np.asarray(drawn)
    picks = drawn.shape[-1]
    shape = np.broadcast_shapes(weights.shape[:-1], drawn.shape[:-1])
    wide = np.broadcast_to(weights, (*shape, weights.shape[-1]))
    chosen = np.take_along_axis(wide, np.broadcast_to(drawn, (*shape, picks)), axis=-1)
    total = wide.sum(axis=-1)
    reached: dict[tuple[int, ...], Floats] = {(): np.ones(shape)}
    for size in range(1, picks + 1):
        step: dict[tuple[int, ...], Floats] = {}
        for members in combinations(range(picks), size):
            ways = np.zeros(shape)
            for last in members:
                earlier = tuple(i for i in members if i != last)
                left = total - chosen[..., list(earlier)].sum(axis=-1)
                ways = ways + reached[earlier] * chosen[..., last] / left
            step[members] = ways
        reached = step
    return np.asarray(np.log(reached[tuple(range(picks))]))


def calibration_slope(theta: ArrayLike, drawn: Ints) -> tuple[float, float]:
    """How far the logits should be scaled to fit the draws: `(slope, standard error)`.

    1 is calibrated, between 0 and 1 over-confident, 0 carries no information. Newton
    steps on the concave likelihood of `P_b(S) ~ exp(b * theta(S))`; theta is `(draws, balls)`.
    """
    logits = np.asarray(theta, dtype=np.float64)
    logits = logits - logits.mean(axis=-1, keepdims=True)
    picks = np.asarray(drawn).shape[-1]
    observed = float(np.take_along_axis(logits, np.asarray(drawn), axis=-1).sum())
    slope, information = 0.0, 0.0
    for _ in range(50):
        expected, information = _moments(logits, slope, picks)
        if information <= 0.0:
            return float("nan"), float("nan")
        step = float(np.clip((observed - expected) / information, -1.0, 1.0))
        slope += step
        if abs(step) < 1e-10:
            break
    return slope, float(1.0 / np.sqrt(information))


def _moments(logits: Floats, slope: float, picks: int) -> tuple[float, float]:
    """Mean and variance of the summed logits of the drawn sets under `slope * logits`.

    The variance is the derivative of the mean, taken by a central difference.
    """
    width = 1e-4
    low, middle, high = (
        float((logits * inclusion(b * logits, picks)).sum())
        for b in (slope - width, slope, slope + width)
    )
    return middle, (high - low) / (2.0 * width)
