"""Which forecast should be used? Pools of models, judged beside the fair drum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reflection.services.comparison import find_models
from reflection.services.shared_draws import enough_shared_draws
from reflection.services.stored_replays import Shelf
from reflection.statistics.ensembles import (
    bayes_mixture,
    correlations,
    fitted_weights,
    greedy_weights,
    linear_pool,
)
from reflection.statistics.intervals import Interval, anytime_interval, t_interval
from reflection.statistics.subsets import Floats
from reflection.statistics.verdicts import signed
from registry.models import RegisteredModel

UNIFORM = "uniform"


@dataclass(frozen=True)
class Pool:
    """A way of pooling: its weights (they sum to 1, `uniform` among them) and its held-out gain.

    A fitted pool is fitted on the older half of the draws and judged on the newer half; the
    mixture is judged there too, having seen the older half.
    """

    method: str
    weights: dict[str, float]
    gain: Interval
    anytime: Interval


@dataclass(frozen=True)
class Recommendation:
    """What to forecast with, in words and numbers.

    `behind` is how many bits the mixture has lost to chance at worst; it can never lose more
    than 1. `diversity` is what pooling itself earned, bits per draw: no merit among noise.
    """

    sentence: str
    method: str
    draws: int
    first_date: str
    last_date: str
    pools: tuple[Pool, ...]
    total_bits: float
    behind: float
    regret_bound: float
    diversity: float
    largest_correlation: float | None

    @property
    def is_uniform(self) -> bool:
        """Whether the fair drum has more weight than any model."""
        weights = next(pool.weights for pool in self.pools if pool.method == self.method)
        return max(weights, key=lambda name: weights[name]) == UNIFORM


def recommend(*, models: Sequence[str]) -> Recommendation:
    """Weigh models by their common test draws, and say when uniform wins.

    Raises Invalid and NotFound for bad names, Conflict when they share too few draws.
    """
    return recommend_among(find_models(models))


def recommend_among(
    rows: Sequence[RegisteredModel], shelf: Shelf | None = None
) -> Recommendation:
    """The same of models that were read already, with their backtests where `shelf` has them."""
    shared = enough_shared_draws(rows, shelf)
    return _recommendation(shared.dates, shared.gains)


def _recommendation(dates: list[str], gains: Mapping[str, Floats]) -> Recommendation:
    names, table = list(gains), np.stack(list(gains.values()))
    whole = bayes_mixture(table)
    pools = _pools(names, table)
    chosen = _choose(pools)
    pairs = np.abs(correlations(table)[np.triu_indices(len(names), k=1)])
    return Recommendation(
        sentence=_sentence(chosen, whole.log_wealth),
        method=chosen.method,
        draws=len(dates),
        first_date=dates[0],
        last_date=dates[-1],
        pools=pools,
        total_bits=float(whole.log_wealth[-1]),
        behind=float(max(0.0, -whole.log_wealth.min())),
        regret_bound=whole.regret_bound,
        diversity=float(whole.diversity.mean()),
        largest_correlation=float(pairs.max()) if pairs.size else None,
    )


def _pools(names: list[str], table: Floats) -> tuple[Pool, ...]:
    """The mixture, and two fitted pools that have to beat it on draws they were not fitted on."""
    half = table.shape[1] // 2
    older, newer = table[:, :half], table[:, half:]
    mixture = bayes_mixture(table)
    fitted, greedy = fitted_weights(older), greedy_weights(older)
    return (
        _pool("Bayes mixture", names, mixture.weights, mixture.gains[half:]),
        _pool("fitted average", names, fitted, linear_pool(newer, fitted)),
        _pool("greedy selection", names, greedy, linear_pool(newer, greedy)),
    )


def _pool(method: str, names: list[str], weights: Floats, gains: Floats) -> Pool:
    once, anytime = t_interval(gains), anytime_interval(gains)
    assert once is not None  # there are at least FEWEST_DRAWS / 2 draws
    assert anytime is not None
    parts = dict(zip([*names, UNIFORM], weights.tolist(), strict=True))
    return Pool(method, parts, once, anytime)


def _choose(pools: tuple[Pool, ...]) -> Pool:
    """The mixture, unless a fitted pool's sequence lies above all the mixture's: fits over-fit."""
    mixture, *fitted = pools
    for pool in fitted:
        low, high = pool.anytime.low, mixture.anytime.high
        if low is not None and high is not None and low > high:
            return pool
    return mixture


def _sentence(chosen: Pool, path: Floats) -> str:
    share = f"{chosen.weights[UNIFORM]:.0%}".replace("%", " %")
    top = max(chosen.weights, key=lambda name: chosen.weights[name])
    cost = max(0.0, -float(path.min()))
    if top == UNIFORM:
        return (
            f"Recommended forecast: uniform. Weight on uniform {share}. The mixture has cost"
            f" {cost:.2f} of the at most 1 bit that it can ever lose."
        )
    return (
        f"Recommended forecast: the {chosen.method}, {chosen.weights[top]:.0%}".replace(
            "%", " %"
        )
        + f" on {top} and {share} on uniform. It stands at {signed(float(path[-1]), 2)} bits against chance;"
        " 5.3 bits or more would be evidence."
    )
