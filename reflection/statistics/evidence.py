"""Evidence against a fair drum that stays valid however often one looks.

The wealth of a forecaster is what one coin would have become had it bet its forecasts
at fair odds: `2 ** (sum of bits gained)`. Under a fair drum it is a martingale that
starts at 1, so it passes `1 / alpha` ever with probability at most alpha (Ville). It is
handled as log2 wealth. Gains are bits over uniform, draws along the last axis.
"""

from math import log2

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reflection.statistics.scores import white_gain
from reflection.statistics.subsets import Floats, Ints, log_conditional_bernoulli

STAKES: Floats = np.linspace(0.0, 1.0, 101)
TEMPERATURES: Floats = np.array([0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0])
_MOST_BITS = 31.0


def wealth(gains: ArrayLike) -> Floats:
    """Log2 wealth after each draw: the running sum of the bits gained."""
    return np.asarray(np.cumsum(np.asarray(gains, dtype=np.float64), axis=-1))


def hedged_wealth(gains: ArrayLike, stakes: Floats = STAKES) -> Floats:
    """Log2 wealth of the average bettor who stakes a fixed share on the model.

    The average over lambda of `prod(1 - lambda + lambda 2^gain)`, itself a martingale
    under a fair drum. Raw wealth punishes over-confidence so much that real signal
    vanishes in it; this does not, and it never falls below 1 / len(stakes).
    """
    bits = np.asarray(gains, dtype=np.float64)
    if bits.size and bits.max() > _MOST_BITS:
        raise ValueError("a gain above 31 bits is not a gain over a lottery's odds")
    edge = np.exp2(bits) - 1.0
    growth = np.empty_like(bits)
    # Shares of the wealth held by each stake: they sum to 1 and are carried in linear space,
    # so that the loop only multiplies.
    held = np.full((*bits.shape[:-1], stakes.size), 1.0 / stakes.size)
    factor = np.empty_like(held)
    for draw in range(bits.shape[-1]):
        np.multiply(stakes, edge[..., draw, None], out=factor)
        factor += 1.0
        held *= factor
        total = held.sum(axis=-1)
        held /= total[..., None]
        growth[..., draw] = total
    return np.asarray(np.cumsum(np.log2(growth), axis=-1))


def mixture_wealth(log_wealths: ArrayLike, prior: ArrayLike) -> Floats:
    """Log2 of the prior-weighted average of several wealths; members on the first axis.

    An average of martingales is a martingale: this too starts at 1 and obeys Ville.
    """
    paths = np.asarray(log_wealths, dtype=np.float64)
    weights = np.asarray(prior, dtype=np.float64).reshape(-1, *([1] * (paths.ndim - 1)))
    top = paths.max(axis=0)
    return np.asarray(top + np.log2((weights * np.exp2(paths - top)).sum(axis=0)))


def tempered_wealth(
    theta: ArrayLike, drawn: Ints, temperatures: Floats = TEMPERATURES
) -> Floats:
    """Log2 wealth of the average forecaster that holds `alpha * theta`; theta `(draws, balls)`."""
    logits = np.asarray(theta, dtype=np.float64)
    paths = np.stack([wealth(white_gain(a * logits, drawn)) for a in temperatures])
    return mixture_wealth(paths, np.full(temperatures.size, 1.0 / temperatures.size))


def calibration_wealth(
    theta: ArrayLike, drawn: Ints, temperatures: Floats = TEMPERATURES
) -> Floats:
    """Log2 evidence that a tempered model is better than the model itself.

    The ratio `P_b / P_1` averaged over b: a martingale if the model were right
    (Arnold, Henzi and Ziegel, Annals of Applied Statistics 2023).
    """
    logits = np.asarray(theta, dtype=np.float64)
    own = log_conditional_bernoulli(logits, drawn) / np.log(2.0)
    paths = np.stack(
        [
            wealth(log_conditional_bernoulli(b * logits, drawn) / np.log(2.0) - own)
            for b in temperatures
        ]
    )
    return mixture_wealth(paths, np.full(temperatures.size, 1.0 / temperatures.size))


def anytime_p(log_wealth: ArrayLike) -> float:
    """The p-value of the highest wealth ever reached: `1 / sup W`, at most 1."""
    path = np.asarray(log_wealth, dtype=np.float64)
    return 1.0 if path.size == 0 else float(min(1.0, np.exp2(-path.max())))


def model_weight(number: int) -> float:
    """The share of the house's first coin that model `number` (1, 2, ...) bets: `1 / (j (j + 1))`.

    The shares sum to 1 over all models ever, so nobody need know how many will come.
    """
    if number < 1:
        raise ValueError("models are numbered from 1")
    return 1.0 / (number * (number + 1))


def model_threshold(number: int, alpha: float = 0.05) -> float:
    """Wealth that model `number` needs alone: `j (j + 1) / alpha`."""
    return 1.0 / (model_weight(number) * alpha)


def house_wealth(numbers: ArrayLike, log_wealths: ArrayLike) -> Floats:
    """Wealth (not its logarithm) of the house that bets on every model ever registered.

    `log_wealths` is `(models,)` or `(models, times)` on one clock, 0 before a model is
    registered. Models without scored draws, deleted or failed, keep their share at 1.
    """
    shares = np.array([model_weight(int(j)) for j in np.atleast_1d(np.asarray(numbers))])
    paths = np.asarray(log_wealths, dtype=np.float64)
    return np.asarray(1.0 - shares.sum() + np.tensordot(shares, np.exp2(paths), axes=1))


def accepted_by_e_bh(e_values: ArrayLike, alpha: float = 0.05) -> NDArray[np.bool_]:
    """Which models are accepted at false discovery rate alpha, under any dependence.

    e-BH of Wang and Ramdas (JRSS-B 2022): the largest k with `e_(k) >= K / (k alpha)`.
    Give wealths of now: a running maximum is not an e-value.
    """
    values = np.asarray(e_values, dtype=np.float64)
    order = np.argsort(-values, kind="stable")
    rank = np.arange(1, values.size + 1)
    passing = np.flatnonzero(values[order] >= values.size / (rank * alpha))
    accepted = np.zeros(values.size, dtype=bool)
    if passing.size:
        accepted[order[: passing[-1] + 1]] = True
    return accepted


def bits_needed(number: int, alpha: float = 0.05) -> float:
    """The threshold of model `number` in bits; 5.3 for the first, 15.6 for the fiftieth."""
    return log2(model_threshold(number, alpha))
