"""Pooling forecasts, always with the fair drum as a member.

Gains are bits over uniform, members on the first axis and draws on the last:
`(members, draws)`. Uniform itself is never passed in; it is added as the last member.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from reflection.statistics.subsets import Floats


@dataclass(frozen=True)
class Mixture:
    """A Bayes mixture over the draws that it has seen.

    `gains` `(draws,)` are its own, `weights` `(members + 1,)` those for the next draw with
    uniform last, `shares` `(members + 1, draws)` those before each draw, `diversity` `(draws,)` what pooling itself earned, `regret_bound` the most
    bits it can ever be behind its best member.
    """

    gains: Floats
    weights: Floats
    diversity: Floats
    regret_bound: float
    shares: Floats

    @property
    def log_wealth(self) -> Floats:
        """Log2 wealth of the mixture after each draw."""
        return np.asarray(np.cumsum(self.gains))


def prior(members: int) -> Floats:
    """Half on uniform (last), the other half shared by the members."""
    if members == 0:
        return np.ones(1)
    return np.append(np.full(members, 0.5 / members), 0.5)


def with_uniform(gains: ArrayLike) -> Floats:
    """The members' gains with uniform's row of zeros below."""
    rows = np.atleast_2d(np.asarray(gains, dtype=np.float64))
    return np.vstack([rows, np.zeros((1, rows.shape[1]))])


def bayes_mixture(gains: ArrayLike) -> Mixture:
    """Weigh members by the wealth they have so far (Vovk's aggregating algorithm, log loss).

    With half the prior on uniform, the mixture is never more than 1 bit behind chance, nor
    `log2(2 members)` bits behind the best member, on any sequence whatever.
    """
    rows = with_uniform(gains)
    members = rows.shape[0] - 1
    start = np.log2(prior(members))[:, None]
    # Log2 of prior times wealth before each draw, and after the last.
    standing = start + np.concatenate([np.zeros((members + 1, 1)), rows.cumsum(axis=1)], axis=1)
    top = standing.max(axis=0)
    total = top + np.log2(np.exp2(standing - top).sum(axis=0))
    own = np.diff(total)
    weights = np.exp2(standing - total)
    diversity = own - (weights[:, :-1] * rows).sum(axis=0)
    bound = float(np.log2(2 * members)) if members else 0.0
    return Mixture(own, weights[:, -1], diversity, bound, weights[:, :-1])


def linear_pool(gains: ArrayLike, weights: ArrayLike) -> Floats:
    """Gain per draw of an average of the members and uniform; weights sum to 1.

    They are `(members + 1,)`, or `(members + 1, draws)` where they change from draw to draw.
    """
    shares = np.asarray(weights, dtype=np.float64)
    wide = shares[:, None] if shares.ndim == 1 else shares
    return np.asarray(np.log2((wide * np.exp2(with_uniform(gains))).sum(axis=0)))


def fitted_weights(gains: ArrayLike, rounds: int = 200) -> Floats:
    """The average that would have gained most on these very draws, by EM; uniform last.

    The likelihood rises with every round and has one maximum. Fitted weights over-fit: judge
    them on other draws.
    """
    rows = with_uniform(gains)
    ratio = np.exp2(rows - rows.max(axis=0))
    weights = np.full(rows.shape[0], 1.0 / rows.shape[0])
    for _ in range(rounds):
        shares = weights[:, None] * ratio
        weights = (shares / shares.sum(axis=0)).mean(axis=1)
    return np.asarray(weights)


def walked_weights(
    draws: int, refit: int, first: Floats, fit: Callable[[int, Floats], Floats]
) -> Floats:
    """The weights before each draw of a walk-forward pool, `(members, draws)`.

    `first` until there are draws to fit to; then, every `refit` draws, what `fit(seen, last)`
    makes of the first `seen` of them, going on from the `last` weights.
    """
    weights, columns = first, []
    for seen in range(0, draws, refit):
        weights = fit(seen, weights) if seen else weights
        columns.append(np.tile(weights[:, None], min(refit, draws - seen)))
    return np.hstack(columns)


def greedy_weights(gains: ArrayLike, steps: int = 25) -> Floats:
    """Caruana's selection with replacement: add whichever member helps the average most."""
    rows = with_uniform(gains)
    ratio = np.exp2(rows)
    counts = np.zeros(rows.shape[0])
    pooled = np.zeros(rows.shape[1])
    for _ in range(steps):
        best = int(np.argmax(np.log2(pooled + ratio).sum(axis=1)))
        counts[best] += 1
        pooled = pooled + ratio[best]
    return counts / steps


def correlations(gains: ArrayLike) -> Floats:
    """Correlation of the members' gain series, `(members, members)`; 0 for a constant one."""
    rows = np.atleast_2d(np.asarray(gains, dtype=np.float64))
    centred = rows - rows.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1))
    scaled = np.divide(
        centred, length[:, None], out=np.zeros_like(centred), where=length[:, None] > 0
    )
    return np.asarray(scaled @ scaled.T)
