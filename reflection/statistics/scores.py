"""Scores of a forecast against the fair drum: bits, matches and Brier.

A game is `picks` of `balls` white balls and, if it has one, 1 of `bonus` bonus balls.
"""

from dataclasses import dataclass
from math import comb, log2, sqrt

import numpy as np
from numpy.typing import ArrayLike

from reflection.statistics.subsets import (
    LN2,
    Floats,
    Ints,
    inclusion,
    log_conditional_bernoulli,
)


@dataclass(frozen=True)
class Drum:
    """A matrix of a game and what a fair drum of that matrix does."""

    balls: int = 69
    picks: int = 5
    bonus: int = 26

    @property
    def white_bits(self) -> float:
        """Bits of the white set under uniform: `log2 C(balls, picks)`."""
        return log2(comb(self.balls, self.picks))

    @property
    def bits(self) -> float:
        """Bits of a whole draw under uniform; 28.122388 for 5/69 + 1/26."""
        return self.white_bits + (log2(self.bonus) if self.bonus > 1 else 0.0)

    @property
    def inclusion(self) -> float:
        """Chance that one given white ball is in a draw."""
        return self.picks / self.balls

    @property
    def expected_matches(self) -> float:
        """Mean number of white balls that any ticket has right; 0.362319 for 5/69."""
        return self.picks**2 / self.balls

    @property
    def matches_sd(self) -> float:
        """Standard deviation of that number."""
        others = self.balls - self.picks
        return sqrt(self.expected_matches * others**2 / (self.balls * (self.balls - 1)))

    def matches_law(self) -> Floats:
        """Probability of 0, 1, ..., picks matches of any ticket."""
        others, sets = self.balls - self.picks, comb(self.balls, self.picks)
        hits = range(self.picks + 1)
        ways = [comb(self.picks, h) * comb(others, self.picks - h) for h in hits]
        return np.array([way / sets for way in ways])

    @property
    def brier(self) -> float:
        """Brier score of the uniform forecast, summed over the white balls."""
        return self.balls * self.inclusion * (1.0 - self.inclusion)

    @property
    def bonus_brier(self) -> float:
        """Brier score of the uniform forecast of the bonus ball."""
        return (self.bonus - 1) / self.bonus


POWERBALL = Drum()


def white_gain(theta: ArrayLike, drawn: Ints) -> Floats:
    """Bits that a conditional-Bernoulli forecast gained over uniform, one per draw.

    `theta` is `(..., balls)`, `drawn` `(..., picks)` indices from 0.
    """
    balls = np.asarray(theta).shape[-1]
    uniform = Drum(balls=balls, picks=np.asarray(drawn).shape[-1], bonus=1)
    return np.asarray(log_conditional_bernoulli(theta, drawn) / LN2 + uniform.bits)


def bonus_gain(probabilities: ArrayLike, drawn: Ints) -> Floats:
    """Bits that a forecast of the bonus ball gained over uniform; `(..., bonus)` and `(...)`."""
    q = np.asarray(probabilities, dtype=np.float64)
    hit = np.take_along_axis(q, np.asarray(drawn)[..., None], axis=-1)[..., 0]
    return np.asarray(np.log2(hit * q.shape[-1]))


def gain_range(theta: ArrayLike, picks: int) -> tuple[Floats, Floats]:
    """Least and most bits the white forecast can gain, known before the draw."""
    logits = np.asarray(theta, dtype=np.float64)
    order = np.argsort(logits, axis=-1)
    worst, best = order[..., :picks], order[..., -picks:]
    return white_gain(logits, worst), white_gain(logits, best)


def with_floor(gain: ArrayLike, epsilon: float = 2.0**-7) -> Floats:
    """Gain of the forecast mixed with a share `epsilon` of uniform.

    A draw can then never cost more than `log2(1 / epsilon)` bits.
    """
    return np.asarray(np.log2((1.0 - epsilon) * np.exp2(gain) + epsilon))


def brier_difference(theta: ArrayLike, drawn: Ints) -> Floats:
    """Brier score of the white marginals less that of uniform, per draw; below 0 is better."""
    logits = np.asarray(theta, dtype=np.float64)
    drawn = np.asarray(drawn)
    picks = drawn.shape[-1]
    marginals = inclusion(logits, picks)
    outcome = np.zeros(np.broadcast_shapes(marginals.shape, (*drawn.shape[:-1], 1)))
    np.put_along_axis(outcome, drawn, 1.0, axis=-1)
    uniform = Drum(balls=logits.shape[-1], picks=picks, bonus=1)
    return np.asarray(((outcome - marginals) ** 2).sum(axis=-1) - uniform.brier)


def fair_drum_cost(sd: float, drum: Drum = POWERBALL) -> float:
    """Bits per draw that random logits of standard deviation `sd` lose on a fair drum.

    Second order of KL(uniform || model): `sd^2 / 2 * picks (balls - picks) / balls / ln 2`.
    """
    spread = drum.picks * (drum.balls - drum.picks) / drum.balls
    return sd**2 / 2.0 * spread / LN2
