"""Is the instrument honest, and what could it have seen?

Rates of alarms and detections with exact intervals, the rank of a score among placebos,
and the closed forms of how many draws a bias of a given size needs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import log1p, log2, sqrt

import numpy as np
from numpy.typing import ArrayLike

from reflection.statistics.quantiles import (
    beta_quantile,
    chi_square_upper,
    noncentral_chi_square_tail,
    normal_upper,
    root,
)
from reflection.statistics.scores import POWERBALL, Drum
from reflection.statistics.subsets import LN2

DRAWS_PER_YEAR = 156  # Monday, Wednesday and Saturday


@dataclass(frozen=True)
class Rate:
    """`hits` of `trials` with an exact interval, all as shares from 0 to 1."""

    hits: int
    trials: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The observed rate."""
        return self.hits / self.trials


def clopper_pearson(hits: int, trials: int, level: float = 0.95) -> Rate:
    """The exact interval of a rate; two-sided, also at 0 and at all hits."""
    tail = (1.0 - level) / 2.0
    low = 0.0 if hits == 0 else beta_quantile(tail, hits, trials - hits + 1)
    high = 1.0 if hits == trials else beta_quantile(1.0 - tail, hits + 1, trials - hits)
    return Rate(hits, trials, low, high)


def placebo_p(score: float, placebos: ArrayLike) -> float:
    """p-value of a score by its rank among the same pipeline on fair histories.

    `(1 + #{placebo >= score}) / (M + 1)`: exact for any pipeline, at least 1 / (M + 1).
    """
    others = np.asarray(placebos, dtype=np.float64)
    return float((1 + np.count_nonzero(others >= score)) / (others.size + 1))


def growth(change: float, chance: float = POWERBALL.inclusion) -> float:
    """Bits per draw that knowing one ball's true probability `chance (1 + change)` earns."""
    q = chance * (1.0 + change)
    result = (1.0 - q) * log2((1.0 - q) / (1.0 - chance))
    return result + (q * log2(q / chance) if q > 0.0 else 0.0)


def draws_to_evidence(
    change: float, *, threshold: float = 20.0, chance: float = POWERBALL.inclusion
) -> float:
    """Draws until the wealth of who knows the ball grows to the threshold on average."""
    return log2(threshold) / growth(change, chance)


def draws_to_notice(
    change: float,
    *,
    looks: int = 1,
    alpha: float = 0.05,
    power: float = 0.8,
    chance: float = POWERBALL.inclusion,
) -> float:
    """Draws that a one-sided z-test of one ball needs; `looks` balls share alpha (Bonferroni)."""
    q = chance * (1.0 + change)
    critical = normal_upper(alpha / looks)
    wanted = normal_upper(1.0 - power)
    spread = critical * sqrt(chance * (1.0 - chance)) + wanted * sqrt(q * (1.0 - q))
    return float((spread / (q - chance)) ** 2)


def draws_for_chi_square(
    change: float, *, drum: Drum = POWERBALL, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Draws that the corrected frequency test of all balls needs to notice one of them.

    The other balls share the shortfall; the statistic is noncentral chi-square.
    """
    df = drum.balls - 1
    critical = chi_square_upper(alpha, df)
    wanted = root(
        lambda shift: noncentral_chi_square_tail(critical, df, shift) - power, 1e-6, 1e4
    )
    p = drum.inclusion
    factor = (drum.balls - 1) / (drum.balls - drum.picks)
    return float(wanted / (factor * p * change**2 * drum.balls / (drum.balls - 1)))


def learning_price(draws: int, shrinkage: float, drum: Drum = POWERBALL) -> float:
    """Bits that learning all white counts from scratch costs on a fair drum.

    The forecast is counts + `shrinkage` fair draws: `(n - 1) / (2 ln 2) (ln(1 + N/s) - N/(N+s))`.
    """
    ratio = draws / shrinkage
    return float((drum.balls - 1) / (2.0 * LN2) * (log1p(ratio) - ratio / (1.0 + ratio)))


@dataclass(frozen=True)
class PowerRow:
    """What one bias needs: bits per draw and draws by each way of looking for it."""

    change: float
    bits: float
    evidence: int
    known_ball: int
    unknown_ball: int
    chi_square: int


def power_table(
    changes: tuple[float, ...] = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0), drum: Drum = POWERBALL
) -> tuple[PowerRow, ...]:
    """One white ball more likely by a share of its chance: how long until it could be seen."""
    p = drum.inclusion
    return tuple(
        PowerRow(
            change=d,
            bits=growth(d, p),
            evidence=round(draws_to_evidence(d, chance=p)),
            known_ball=round(draws_to_notice(d, chance=p)),
            unknown_ball=round(draws_to_notice(d, looks=drum.balls, chance=p)),
            chi_square=round(draws_for_chi_square(d, drum=drum)),
        )
        for d in changes
    )


@dataclass(frozen=True)
class Detectability:
    """The smallest biases found in 80 % of cases with `draws` draws, as shares of a chance."""

    draws: int
    known_ball: float
    unknown_ball: float
    chi_square: float


def detectability(draws: int, drum: Drum = POWERBALL) -> Detectability | None:
    """Which bias this many draws would have shown; None where not even a tenfold one would."""
    p = drum.inclusion
    most = min(10.0, 0.99 / p - 1.0)

    def smallest(needs: Callable[[float], float]) -> float | None:
        if draws < 1 or needs(most) > draws:
            return None
        return root(lambda change: needs(change) - draws, 1e-4, most)

    known = smallest(lambda change: draws_to_notice(change, chance=p))
    unknown = smallest(lambda change: draws_to_notice(change, looks=drum.balls, chance=p))
    square = smallest(lambda change: draws_for_chi_square(change, drum=drum))
    if known is None or unknown is None or square is None:
        return None
    return Detectability(draws, known, unknown, square)


def smallest_gain_noticed(standard_deviation: float, draws: int) -> float:
    """Mean gain that a 95 % interval of so many draws would exclude 0 for, 80 % of the time."""
    factor = normal_upper(0.025) + normal_upper(0.2)
    return float(factor * standard_deviation / sqrt(draws))


def best_of_guessers(
    deviations: ArrayLike, draws: ArrayLike, *, rounds: int = 2000, seed: int = 0
) -> float:
    """Median of the best total among models that know nothing, in bits.

    A forecast without knowledge whose gains spread by s loses about `s^2 ln 2 / 2` bits per
    draw, so its total is about normal. Taken as independent: shared draws make the best a
    little worse than this.
    """
    s, n = np.asarray(deviations, dtype=np.float64), np.asarray(draws, dtype=np.float64)
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((rounds, s.size))
    totals = -n * s**2 * np.log(2.0) / 2.0 + np.sqrt(n) * s * noise
    return float(np.median(totals.max(axis=1)))
