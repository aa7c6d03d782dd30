"""Does a history of draws look like a fair drum? Eight tests, corrected for being eight.

Every statistic is compared with its values in simulated fair histories of the same length,
in both tails: too regular is as suspicious as too irregular. The joint p-value is that of the
smallest of the eight (min-p of Westfall and Young). White balls are `(..., draws, picks)` from
1, bonus balls `(..., draws)` from 1; leading axes are histories.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from reflection.statistics.quantiles import normal_tail
from reflection.statistics.scores import Drum
from reflection.statistics.subsets import Floats, Ints

ROUNDS = 1999
_BATCH = 10  # histories simulated at once: a few megabytes


@dataclass(frozen=True)
class Finding:
    """One test: its statistic, where fair histories lie, and two-sided p-values.

    `p` is by simulation; `joint_p` corrects it for all the tests; `reference_p` is the
    closed form where there is one, one-sided for chi-squares.
    """

    name: str
    statistic: float
    low: float
    median: float
    high: float
    p: float
    joint_p: float
    reference_p: float | None


@dataclass(frozen=True)
class Audit:
    """The eight tests of one history of one matrix."""

    draws: int
    rounds: int
    findings: tuple[Finding, ...]
    joint_p: float

    def is_fair(self, alpha: float = 0.05) -> bool:
        """Whether the history is one that a fair drum gives, at joint level alpha."""
        return self.joint_p > alpha


def simulate_fair(
    drum: Drum, histories: int, draws: int, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Fair draws: white `(histories, draws, picks)` ascending and bonus `(histories, draws)`.

    Each next ball is a rank among those left, moved past the smaller ones drawn before.
    """
    white = np.empty((histories, draws, drum.picks), dtype=np.int64)
    for place in range(drum.picks):
        ball = rng.integers(0, drum.balls - place, size=(histories, draws))
        earlier = np.sort(white[..., :place], axis=-1)
        for other in range(place):
            ball += ball >= earlier[..., other]
        white[..., place] = ball
    bonus = rng.integers(1, drum.bonus + 1, size=(histories, draws))
    return np.sort(white, axis=-1) + 1, bonus


def repeated_sets(white: Ints, drum: Drum) -> tuple[int, float]:
    """Pairs of draws with the same white set: how many there are, and are expected.

    `white` is one history `(draws, picks)`, ascending.
    """
    _, counts = np.unique(white, axis=0, return_counts=True)
    expected = comb(len(white), 2) / comb(drum.balls, drum.picks)
    return int((counts * (counts - 1) // 2).sum()), expected


def ball_counts(balls: Ints, size: int) -> Ints:
    """How often each of 1..size was drawn, `(histories, size)`."""
    flat = balls.reshape(balls.shape[0], -1) - 1
    codes = flat + size * np.arange(flat.shape[0])[:, None]
    return np.bincount(codes.ravel(), minlength=size * flat.shape[0]).reshape(-1, size)


def _chi_square(observed: Ints, expected: float) -> Floats:
    return np.asarray(((observed - expected) ** 2).sum(axis=-1) / expected)


def white_frequency(white: Ints, bonus: Ints, drum: Drum) -> Floats:
    """Chi-square of the white counts; the factor makes it chi-square (n - 1) (Joe 1993)."""
    expected = white.shape[1] * drum.inclusion
    factor = (drum.balls - 1) / (drum.balls - drum.picks)
    return np.asarray(factor * _chi_square(ball_counts(white, drum.balls), expected))


def bonus_frequency(white: Ints, bonus: Ints, drum: Drum) -> Floats:
    """Chi-square of the bonus counts, with (bonus - 1) degrees of freedom."""
    return _chi_square(ball_counts(bonus, drum.bonus), bonus.shape[1] / drum.bonus)


def pairs(white: Ints, bonus: Ints, drum: Drum) -> Floats:
    """Sum of (O - E)^2 / E over all pairs of white balls; a mixture of two chi-squares."""
    places = np.array(list(combinations(range(drum.picks), 2)))
    codes = white[..., places[:, 0]] * drum.balls + white[..., places[:, 1]] - drum.balls
    possible = comb(drum.balls, 2)
    expected = white.shape[1] * comb(drum.picks, 2) / possible
    counts = ball_counts(codes, drum.balls**2)
    # Codes that no ascending pair has are always 0: they would add `expected` each.
    return np.asarray(_chi_square(counts, expected) - expected * (drum.balls**2 - possible))


def pairs_law(drum: Drum) -> tuple[float, float]:
    """The law of `pairs`: `a chi2(n - 1) + b chi2(n (n - 3) / 2)`; returns (a, b).

    Pair counts are correlated: a and b are the eigenvalues of their covariance over their
    expectation (Johnson scheme), 3.82 and 0.91 for 5 of 69, not 1.
    """
    n, k = drum.balls, drum.picks
    two = k * (k - 1) / (n * (n - 1))
    three = two * (k - 2) / (n - 2)
    four = three * (k - 3) / (n - 3)
    same, sharing, apart = two - two**2, three - two**2, four - two**2
    balls = same + (n - 4) * sharing - (n - 3) * apart
    rest = same - 2.0 * sharing + apart
    return balls / two, rest / two


def overlap(white: Ints, bonus: Ints, drum: Drum) -> Floats:
    """Chi-square of how many balls repeat from the draw before: 0, 1, 2, 3 or more."""
    drawn = np.zeros((*white.shape[:2], drum.balls), dtype=bool)
    np.put_along_axis(drawn, white - 1, True, axis=-1)
    repeats = np.minimum((drawn[:, 1:] & drawn[:, :-1]).sum(axis=-1), 3)
    law = drum.matches_law()
    expected = np.append(law[:3], law[3:].sum()) * (white.shape[1] - 1)
    observed = ball_counts(repeats + 1, 4)
    return np.asarray(((observed - expected) ** 2 / expected).sum(axis=-1))


def serial_correlation(white: Ints, bonus: Ints, drum: Drum) -> Floats:
    """`sqrt(N - 1) r` of successive sums of the white balls: about standard normal."""
    sums = white.sum(axis=-1) - drum.picks * (drum.balls + 1) / 2.0
    variance = drum.picks * (drum.balls - drum.picks) * (drum.balls + 1) / 12.0
    products = (sums[:, 1:] * sums[:, :-1]).sum(axis=-1)
    return np.asarray(products / (variance * sqrt(sums.shape[1] - 1)))


def longest_gap(white: Ints, bonus: Ints, drum: Drum) -> Floats:
    """The most draws from one coming of some white ball to its next, the ends included."""
    histories, draws, picks = white.shape
    # Every ball is taken as drawn just before the first draw and just after the last.
    ends = np.broadcast_to(np.arange(1, drum.balls + 1), (histories, drum.balls))
    balls = np.concatenate([ends, white.reshape(histories, -1), ends], axis=1)
    when = np.concatenate(
        [np.zeros(drum.balls), np.repeat(np.arange(1, draws + 1), picks)]
        + [np.full(drum.balls, draws + 1)]
    ).astype(np.int64)
    order = np.argsort(balls * (draws + 2) + when, axis=1)
    gaps = np.diff(
        np.take_along_axis(np.broadcast_to(when, balls.shape), order, axis=1), axis=1
    )
    return np.asarray(gaps.max(axis=1).astype(np.float64))  # to the next ball is negative


def count_range(white: Ints, bonus: Ints, drum: Drum) -> Floats:
    """Highest count of a white ball less the lowest."""
    return np.asarray(np.ptp(ball_counts(white, drum.balls), axis=-1).astype(np.float64))


def neighbours(white: Ints, bonus: Ints, drum: Drum) -> Floats:
    """Standardised number of draws with two white balls next to each other."""
    chance = 1.0 - comb(drum.balls - drum.picks + 1, drum.picks) / comb(drum.balls, drum.picks)
    draws = white.shape[1]
    seen = (np.diff(white, axis=-1) == 1).any(axis=-1).sum(axis=-1)
    return np.asarray((seen - draws * chance) / sqrt(draws * chance * (1.0 - chance)))


Statistic = Callable[[Ints, Ints, Drum], Floats]
TESTS: dict[str, Statistic] = {
    "white frequency": white_frequency,
    "bonus frequency": bonus_frequency,
    "pairs": pairs,
    "repeats of the previous draw": overlap,
    "serial correlation of sums": serial_correlation,
    "longest gap": longest_gap,
    "range of counts": count_range,
    "neighbouring numbers": neighbours,
}


def statistics_of(white: Ints, bonus: Ints, drum: Drum) -> Floats:
    """The eight statistics of each history, `(histories, 8)`."""
    return np.stack([test(white, bonus, drum) for test in TESTS.values()], axis=-1)


@lru_cache(maxsize=32)
def fair_statistics(drum: Drum, draws: int, rounds: int = ROUNDS, seed: int = 0) -> Floats:
    """The statistics of simulated fair histories, `(rounds, 8)`; the same for the same seed."""
    rng = np.random.default_rng([seed, draws])
    batches = [min(_BATCH, rounds - done) for done in range(0, rounds, _BATCH)]
    found = [statistics_of(*simulate_fair(drum, size, draws, rng), drum) for size in batches]
    return np.concatenate(found)


def two_sided(values: Floats) -> Floats:
    """Rank p-values of every row among all rows, per column: `2 min(#<=, #>=) / rows`."""
    rows = values.shape[0]
    ascending = np.sort(values, axis=0)
    result = np.empty_like(values)
    for column in range(values.shape[1]):
        ordered, own = ascending[:, column], values[:, column]
        below = np.searchsorted(ordered, own, side="right")
        above = rows - np.searchsorted(ordered, own, side="left")
        result[:, column] = np.minimum(1.0, 2.0 * np.minimum(below, above) / rows)
    return result


def audit(
    white: ArrayLike, bonus: ArrayLike, drum: Drum, *, rounds: int = ROUNDS, seed: int = 0
) -> Audit:
    """Test one history: white `(draws, picks)` and bonus `(draws,)`, of at least 30 draws.

    Raises ValueError for fewer draws or balls outside the drum.
    """
    balls = np.sort(np.asarray(white, dtype=np.int64), axis=-1)
    extra = np.asarray(bonus, dtype=np.int64)
    draws = balls.shape[0]
    if draws < 30:
        raise ValueError("an audit needs at least 30 draws")
    if (
        balls.min() < 1
        or balls.max() > drum.balls
        or extra.min() < 1
        or extra.max() > drum.bonus
    ):
        raise ValueError("a ball lies outside the drum")
    observed = statistics_of(balls[None], extra[None], drum)
    fair = fair_statistics(drum, draws, rounds, seed)
    # The history is one more among the simulated ones: under a fair drum all are alike.
    p = two_sided(np.concatenate([observed, fair]))
    least: NDArray[np.float64] = p.min(axis=1)
    low, median, high = np.quantile(fair, [0.025, 0.5, 0.975], axis=0)
    findings = tuple(
        Finding(
            name=name,
            statistic=float(observed[0, place]),
            low=float(low[place]),
            median=float(median[place]),
            high=float(high[place]),
            p=float(p[0, place]),
            joint_p=float((least <= p[0, place]).mean()),
            reference_p=_reference(name, float(observed[0, place]), drum),
        )
        for place, name in enumerate(TESTS)
    )
    return Audit(draws, rounds, findings, float((least <= least[0]).mean()))


def _reference(name: str, statistic: float, drum: Drum) -> float | None:
    """p-value by the closed form, where the statistic has a textbook law."""
    degrees = {
        "white frequency": drum.balls - 1,
        "bonus frequency": drum.bonus - 1,
        "repeats of the previous draw": 3,
    }
    if name in degrees:
        return float(chdtrc(degrees[name], statistic))
    if name in ("serial correlation of sums", "neighbouring numbers"):
        return 2.0 * normal_tail(abs(statistic))
    return None
