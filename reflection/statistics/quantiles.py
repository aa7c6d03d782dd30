"""Quantiles and tails of the laws used here, and a root finder, from scipy.special alone.

Importing scipy.stats and scipy.optimize costs a process 70 MB and a second; the web
process shows intervals on every page and need not pay that.
"""

from collections.abc import Callable

from scipy.special import betaincinv, chdtri, chndtr, ndtr, ndtri, stdtrit


def normal_upper(tail: float) -> float:
    """The value that a standard normal variable exceeds with probability `tail`."""
    return float(-ndtri(tail))


def normal_tail(value: float) -> float:
    """Probability that a standard normal variable exceeds `value`."""
    return float(ndtr(-value))


def student_quantile(level: float, degrees: float) -> float:
    """Quantile of Student's t."""
    return float(stdtrit(degrees, level))


def beta_quantile(level: float, a: float, b: float) -> float:
    """Quantile of the beta law."""
    return float(betaincinv(a, b, level))


def chi_square_upper(tail: float, degrees: float) -> float:
    """The value that a chi-square variable exceeds with probability `tail`."""
    return float(chdtri(degrees, tail))


def noncentral_chi_square_tail(value: float, degrees: float, shift: float) -> float:
    """Probability that a noncentral chi-square variable exceeds `value`."""
    return float(1.0 - chndtr(value, degrees, shift))


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a continuous function changes sign between `low` and `high`, by bisection.

    Raises ValueError if its signs at the ends agree.
    """
    at_low, at_high = function(low), function(high)
    if at_low == 0.0 or at_high == 0.0:
        return low if at_low == 0.0 else high
    if (at_low > 0.0) == (at_high > 0.0):
        raise ValueError("the function has the same sign at both ends")
    while True:
        middle = 0.5 * (low + high)
        if middle in (low, high):  # no number lies between them
            return middle
        if (function(middle) > 0.0) == (at_low > 0.0):
            low = middle
        else:
            high = middle
