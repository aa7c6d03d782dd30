"""Where a learning curve leads: a power law with a bootstrap band.

Apart from `learning_curves` because scipy.optimize is too large for the web process.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import curve_fit

from reflection.statistics.subsets import Floats


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
