"""What a learning curve says: memorised, over-fitted, flat, unstable, and where it leads.

Curves are one value per epoch, epochs counted from 1, in bits per draw: losses where lower
is better, gains over chance where higher is better.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import curve_fit
from scipy.stats import median_abs_deviation, theilslopes

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
    """The last epochs neither rise nor fall: the Theil-Sen slope is 0 within its interval

    and what it would add up to over the window is below the error of the measurement.
    """
    tail = np.asarray(losses, dtype=np.float64)[-window:]
    if tail.size < window:
        return False
    slope, _, low, high = theilslopes(tail, np.arange(window), alpha=0.95)
    return bool(low <= 0.0 <= high and abs(slope) * window < standard_error)


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
    spread = float(median_abs_deviation(norms, scale="normal"))
    median = float(np.median(norms))
    # A constant gradient has no spread: allow it to double before calling it wild.
    return median + 10.0 * max(spread, 0.1 * median)


@dataclass(frozen=True)
class CurveForecast:
    """Loss expected at `epoch`, with a band that should hold `level` of the time."""

    epoch: int
    loss: float
    low: float
    high: float
    level: float


def _power_law(epoch: Floats, floor: float, height: float, rate: float) -> Floats:
    return np.asarray(floor + height * (epoch + 1.0) ** -rate)


def forecast_loss(
    losses: ArrayLike, epoch: int, *, level: float = 0.8, rounds: int = 50, seed: int = 0
) -> CurveForecast | None:
    """Extrapolate `a + b (e + 1)^-c` to a later epoch; None below 8 epochs or without a fit.

    The band refits resampled residuals `rounds` times and adds one residual each.
    """
    curve = np.asarray(losses, dtype=np.float64)
    if curve.size < 8 or not np.isfinite(curve).all():
        return None
    epochs = np.arange(1.0, curve.size + 1.0)
    fitted = _fit(epochs, curve)
    if fitted is None:
        return None
    residuals = curve - _power_law(epochs, *fitted)
    rng = np.random.default_rng(seed)
    at = np.array([float(epoch)])
    futures = []
    for _ in range(rounds):
        again = _fit(epochs, curve - residuals + rng.choice(residuals, curve.size))
        if again is not None:
            futures.append(float(_power_law(at, *again)[0]) + float(rng.choice(residuals)))
    if not futures:
        return None
    low, high = np.quantile(futures, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    centre = float(_power_law(at, *fitted)[0])
    return CurveForecast(epoch, centre, float(low), float(high), level)


def _fit(epochs: Floats, curve: Floats) -> tuple[float, float, float] | None:
    span = max(float(np.ptp(curve)), 1e-6)
    start = (float(curve.min()), span, 0.5)
    bounds = ([curve.min() - 10 * span, -50 * span, 0.01], [curve.max() + span, 50 * span, 5.0])
    try:
        found, _ = curve_fit(_power_law, epochs, curve, p0=start, bounds=bounds, maxfev=2000)
    except RuntimeError:  # no convergence within maxfev
        return None
    return float(found[0]), float(found[1]), float(found[2])


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
