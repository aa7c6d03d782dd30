"""The log-linear pool: one conditional Bernoulli whose logits are the members', each times its weight.

Weights are not negative and sum to at most 1; the rest is uniform, whose logits are 0
(statistics.md 7). Arrays lie as `(members, draws, balls)`.
"""

from dataclasses import dataclass
from functools import cached_property
from math import comb

import numpy as np
from numpy.typing import ArrayLike

from reflection.statistics.subsets import LN2, Floats, Ints

_LEAST_STEP = 1e-6
_LEAST_GAIN = 1e-9  # nats per draw


@dataclass(frozen=True, eq=False)
class Spoken:
    """What several members said of some draws, and what came.

    `white` `(members, draws, n)` and `bonus` `(members, draws, m)` are logits; `sizes` and
    `bonus_sizes` `(draws,)` say how many of the balls were in the drums of that day, `drawn`
    `(draws, picks)` and `bonus_drawn` `(draws,)` are indices from 0. Without a bonus drum m is 1.
    """

    white: Floats
    bonus: Floats
    drawn: Ints
    bonus_drawn: Ints
    sizes: Ints
    bonus_sizes: Ints

    def until(self, stop: int) -> "Spoken":
        """The same of the first draws."""
        return Spoken(
            self.white[:, :stop],
            self.bonus[:, :stop],
            *(part[:stop] for part in (self.drawn, self.bonus_drawn)),
            *(part[:stop] for part in (self.sizes, self.bonus_sizes)),
        )

    @cached_property
    def present(self) -> np.ndarray:
        """Which white balls were there, `(draws, n)`."""
        return np.asarray(np.arange(self.white.shape[-1]) < self.sizes[:, None])

    @cached_property
    def bonus_present(self) -> np.ndarray:
        """Which bonus balls were there, `(draws, m)`."""
        return np.asarray(np.arange(self.bonus.shape[-1]) < self.bonus_sizes[:, None])

    @cached_property
    def centred(self) -> Floats:
        """White logits with mean 0 over the balls that were there, and 0 for the others."""
        total = (self.white * self.present).sum(axis=-1, keepdims=True)
        return np.asarray(np.where(self.present, self.white - total / self.sizes[:, None], 0.0))

    @cached_property
    def ways(self) -> Floats:
        """Log of the number of white sets of each day, `(draws,)`."""
        picks = self.drawn.shape[-1]
        known = {int(size): np.log(comb(int(size), picks)) for size in np.unique(self.sizes)}
        return np.array([known[int(size)] for size in self.sizes])


def pooled_logits(said: Spoken, weights: ArrayLike) -> tuple[Floats, Floats]:
    """The pool's logits of both drums; weights `(members,)`, or `(members, draws)` that change."""
    factors = np.asarray(weights, dtype=np.float64)
    how = "m,mdn->dn" if factors.ndim == 1 else "md,mdn->dn"
    return np.einsum(how, factors, said.centred), np.einsum(how, factors, said.bonus)


def pool_gains(said: Spoken, weights: ArrayLike) -> Floats:
    """Bits over the fair drum that the pool gained on each draw, `(draws,)`."""
    return _score(said, *pooled_logits(said, weights))[0] / LN2


def log_linear_weights(
    said: Spoken, start: ArrayLike | None = None, rounds: int = 200
) -> Floats:
    """The weights that gain most on these draws, by projected gradient steps from `start`.

    The gain is concave in the weights: a step that does not help is halved. Fitted weights
    over-fit: judge them on other draws.
    """
    weights = np.zeros(len(said.white)) if start is None else onto_simplex(start)
    value, slope = _value(said, weights)
    step = 1.0
    for _ in range(rounds):
        trial = onto_simplex(weights + step * slope)
        reached, next_slope = _value(said, trial)
        if reached > value:
            enough = reached - value < _LEAST_GAIN
            weights, value, slope, step = trial, reached, next_slope, step * 2.0
            if enough:
                break
        else:
            step /= 2.0
            if step < _LEAST_STEP or np.abs(trial - weights).max() < _LEAST_STEP:
                break
    return np.asarray(weights)


def _value(said: Spoken, weights: Floats) -> tuple[float, Floats]:
    """Mean gain in nats, and its derivative by the weights `(members,)`."""
    gains, chance, bonus_chance = _score(said, *pooled_logits(said, weights))
    came = _chosen(said.centred, said.drawn).mean(axis=1)
    came = came + _chosen(said.bonus, said.bonus_drawn[:, None]).mean(axis=1)
    expected = np.einsum("mdn,dn->m", said.centred, chance)
    expected = expected + np.einsum("mdn,dn->m", said.bonus, bonus_chance)
    return float(gains.mean()), came - expected / len(gains)


def _score(said: Spoken, white: Floats, bonus: Floats) -> tuple[Floats, Floats, Floats]:
    """Nats over the fair drum `(draws,)` and both drums' probabilities of each ball."""
    total, chance = _sets(np.where(said.present, np.exp(white), 0.0), said.drawn.shape[-1])
    set_nats = _chosen(white, said.drawn) - np.log(total) + said.ways
    weights = np.exp(bonus - bonus.max(axis=-1, keepdims=True)) * said.bonus_present
    shares = weights / weights.sum(axis=-1, keepdims=True)
    hit = np.take_along_axis(shares, said.bonus_drawn[:, None], axis=-1)[:, 0]
    return set_nats + np.log(hit * said.bonus_sizes), chance, shares


def _chosen(logits: Floats, drawn: Ints) -> Floats:
    """Sum of the logits of what was drawn; the last axis goes."""
    index = np.broadcast_to(drawn, (*logits.shape[:-1], drawn.shape[-1]))
    return np.asarray(np.take_along_axis(logits, index, axis=-1).sum(axis=-1))


def _sets(weights: Floats, picks: int) -> tuple[Floats, Floats]:
    """`e_k` of each draw's weights `(draws, n)`, and each ball's probability to be in the set.

    In linear space: centred logits are at most 24, where `e_5` is far from overflow (1.3).
    """
    before, after = (_prefixes(row, picks) for row in (weights, weights[:, ::-1]))
    total = before[-1, :, picks]
    without = np.einsum(
        "ndj,ndj->dn", before[:-1, :, :picks], after[-2::-1, :, picks - 1 :: -1]
    )
    return total, weights * without / total[:, None]


def _prefixes(weights: Floats, picks: int) -> Floats:
    """Elementary symmetric polynomials of every prefix: `(n + 1, draws, picks + 1)`."""
    draws, balls = weights.shape
    table = np.zeros((balls + 1, draws, picks + 1))
    table[0, :, 0] = 1.0
    for ball in range(balls):
        table[ball + 1] = table[ball]
        table[ball + 1, :, 1:] += table[ball, :, :-1] * weights[:, ball, None]
    return table


def onto_simplex(weights: ArrayLike) -> Floats:
    """The nearest weights that are not negative and sum to at most 1."""
    clipped = np.maximum(np.asarray(weights, dtype=np.float64), 0.0)
    if clipped.sum() <= 1.0:
        return clipped
    descending = np.sort(np.asarray(weights, dtype=np.float64))[::-1]
    excess = (np.cumsum(descending) - 1.0) / np.arange(1, descending.size + 1)
    level = excess[np.flatnonzero(descending > excess)[-1]]
    return np.asarray(np.maximum(np.asarray(weights, dtype=np.float64) - level, 0.0))
