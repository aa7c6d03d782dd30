"""What a learning curve says: memorised, over-fitted, flat, and unstable.

Curves are one value per epoch, epochs counted from 1, in bits per draw: losses where lower
is better, gains over chance where higher is better.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from reflection.statistics.quantiles import normal_upper
from reflection.statistics.subsets import LN2, Floats


@dataclass(frozen=True)
class MemorisationLine:
    """Training bits per draw that a fit gains on pure noise, and two deviations around it."""

    gain: float
    low: float
    high: float


def memorisation_line(parameters: float, draws: int) -> MemorisationLine:
    """The in-sample gain of a maximum-likelihood fit to a fair drum: `d / (2 N ln 2)`.

    Wilks: twice the log-likelihood ratio is chi-square with d degrees of freedom, so the
    total has mean `d / (2 ln 2)` and deviation `sqrt(d / 2) / ln 2` bits. The same amount
    is lost out of sample. A network's effective d is at most its parameter count; for
    large d the expansion is an upper bound, not a forecast.
    """
    centre = parameters / (2.0 * LN2 * draws)
    spread = 2.0 * sqrt(parameters / 2.0) / (LN2 * draws)
    return MemorisationLine(centre, centre - spread, centre + spread)


def effective_parameters(placebo_gain: float, draws: int) -> float:
    """The d whose memorisation line is the mean in-sample gain seen on placebo histories."""
    return 2.0 * LN2 * placebo_gain * draws


def best_epoch(gains: ArrayLike) -> int | None:
    """The first epoch with the highest validation gain; None without epochs."""
    curve = np.asarray(gains, dtype=np.float64)
    return None if curve.size == 0 else int(np.argmax(curve)) + 1


def overfit_onset(gains: ArrayLike, standard_error: float) -> int | None:
    """The first epoch within one standard error of the best; training beyond it bought nothing."""
    curve = np.asarray(gains, dtype=np.float64)
    if curve.size == 0:
        return None
    return int(np.argmax(curve >= curve.max() - standard_error)) + 1


def is_memorising(train_gains: ArrayLike, validation_gains: ArrayLike) -> bool:
    """Training improves while validation never rose above chance: noise being learnt."""
    train = np.asarray(train_gains, dtype=np.float64)
    validation = np.asarray(validation_gains, dtype=np.float64)
    if train.size < 2:
        return False
    return bool(train[-1] > max(train[0], 0.0) and validation[-1] < 0.0 < train[-1])


def share_after(epoch: int, seconds: ArrayLike) -> float:
    """Share of the time of training spent after an epoch, 0 to 1."""
    spent = np.asarray(seconds, dtype=np.float64)
    total = float(spent.sum())
    return 0.0 if total <= 0.0 else float(spent[epoch:].sum() / total)


def is_plateau(losses: ArrayLike, standard_error: float, window: int = 10) -> bool:
    """The last epochs neither rise nor fall.

    Their Theil-Sen slope is 0 within its interval, and what it would add up to over the
    window is below the error of the measurement.
    """
    tail = np.asarray(losses, dtype=np.float64)[-window:]
    if tail.size < window or not np.isfinite(tail).all():
        return False
    slope, low, high = theil_sen(tail)
    return bool(low <= 0.0 <= high and abs(slope) * window < standard_error)


def theil_sen(values: Floats, level: float = 0.95) -> tuple[float, float, float]:
    """Median slope per step of equally spaced values, and Sen's interval of it (1968).

    Needs 2 values or more. The interval's ends are order statistics of the pairwise slopes.
    """
    first, second = np.triu_indices(values.size, k=1)
    slopes = np.sort((values[second] - values[first]) / (second - first))
    n, pairs = values.size, slopes.size
    _, ties = np.unique(values, return_counts=True)
    tied = float((ties * (ties - 1) * (2 * ties + 5)).sum())
    deviation = sqrt((n * (n - 1) * (2 * n + 5) - tied) / 18.0)
    reach = normal_upper((1.0 - level) / 2.0) * deviation
    low = max(0, round((pairs - reach) / 2.0) - 1)
    high = min(pairs - 1, round((pairs + reach) / 2.0))
    return float(np.median(slopes)), float(slopes[low]), float(slopes[high])


@dataclass(frozen=True)
class Instability:
    """What went wrong, at which epoch, and the last epoch before it (None: none was good)."""

    epoch: int
    reason: str
    last_good: int | None


def instability(
    losses: ArrayLike, gradient_norms: ArrayLike, memory: int = 50
) -> Instability | None:
    """The first epoch that is not finite, far above the best, or with a wild gradient.

    Far: 5 bits per draw above the best so far. Wild: more than 10 robust deviations
    above the median of the last `memory` norms, once 10 are known.
    """
    curve = np.asarray(losses, dtype=np.float64)
    norms = np.asarray(gradient_norms, dtype=np.float64)
    for place, (loss, norm) in enumerate(zip(curve, norms, strict=True)):
        reason = ""
        recent = norms[max(0, place - memory) : place]
        if not (np.isfinite(loss) and np.isfinite(norm)):
            reason = "a value that is not finite"
        elif place and loss > curve[:place].min() + 5.0:
            reason = "a loss 5 bits above the best"
        elif recent.size >= 10 and norm > _wild(recent):
            reason = "a gradient far above its usual size"
        if reason:
            return Instability(place + 1, reason, place or None)
    return None


def _wild(norms: Floats) -> float:
    median = float(np.median(norms))
    # 1.4826 makes the median deviation that of a normal law.
    spread = 1.4826 * float(np.median(np.abs(norms - median)))
    # A constant gradient has no spread: allow it to double before calling it wild.
    return median + 10.0 * max(spread, 0.1 * median)


@dataclass(frozen=True)
class Efficiency:
    """Bits bought per second of processor time; None where there is no gain to divide."""

    gain: float
    seconds: float
    bits_per_second: float | None
    seconds_to_chance: float | None
    share_after_best: float


def efficiency(gains: ArrayLike, seconds: ArrayLike, near: float = 0.01) -> Efficiency | None:
    """What training bought: best validation gain for the time, and the time after it.

    `seconds_to_chance` is the time until a gain within `near` bits of chance, None if
    never. Seconds are per epoch. None without epochs.
    """
    curve = np.asarray(gains, dtype=np.float64)
    spent = np.asarray(seconds, dtype=np.float64)
    best = best_epoch(curve)
    if best is None:
        return None
    total = float(spent.sum())
    gain = float(curve[best - 1])
    reached = np.flatnonzero(curve >= -near)
    until = float(spent[: reached[0] + 1].sum()) if reached.size else None
    rate = gain / total if gain > 0.0 and total > 0.0 else None
    return Efficiency(gain, total, rate, until, share_after(best, spent))
