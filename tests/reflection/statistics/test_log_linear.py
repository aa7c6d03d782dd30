"""The log-linear pool: exact, concave, on both drums and across eras."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reflection.statistics.log_linear import (
    Spoken,
    log_linear_weights,
    onto_simplex,
    pool_gains,
    pooled_logits,
)
from reflection.statistics.scores import bonus_gain, white_gain


def drawn_by(theta: np.ndarray, picks: int, rng: np.random.Generator) -> np.ndarray:
    return np.argsort(-(theta + rng.gumbel(size=theta.shape)), axis=1)[:, :picks]


def said(seed: int = 2, draws: int = 600, sizes: int = 20, strength: float = 0.5) -> Spoken:
    """A member that knows the white drum, one that knows the bonus drum, and one that knows nothing."""
    rng = np.random.default_rng(seed)
    white, bonus = rng.normal(0, strength, (3, 20)), rng.normal(0, strength, (3, 7))
    white[1], bonus[0] = 0.0, 0.0
    return Spoken(
        white=np.tile(white[:, None], (1, draws, 1)),
        bonus=np.tile(bonus[:, None], (1, draws, 1)),
        drawn=drawn_by(np.tile(white[0, :sizes], (draws, 1)), 3, rng),
        bonus_drawn=drawn_by(np.tile(bonus[1], (draws, 1)), 1, rng)[:, 0],
        sizes=np.full(draws, sizes),
        bonus_sizes=np.full(draws, 7),
    )


def test_its_gain_is_that_of_the_added_logits() -> None:
    found, weights = said(), np.array([0.5, 0.2, 0.1])
    white, bonus = pooled_logits(found, weights)
    chances = np.exp(bonus) / np.exp(bonus).sum(-1, keepdims=True)
    wanted = white_gain(white, found.drawn) + bonus_gain(chances, found.bonus_drawn)
    assert pool_gains(found, weights) == pytest.approx(wanted, abs=1e-12)
    assert pool_gains(found, np.zeros(3)) == pytest.approx(
        0.0, abs=1e-12
    )  # the rest is uniform


def test_a_ball_that_was_not_there_takes_no_part() -> None:
    found = said(sizes=15)
    weights = np.array([0.4, 0.3, 0.3])
    before = pool_gains(found, weights)
    found.white[..., 15:] = 99.0
    fresh = Spoken(
        found.white, found.bonus, found.drawn, found.bonus_drawn, found.sizes, found.bonus_sizes
    )
    assert pool_gains(fresh, weights) == pytest.approx(before, abs=1e-9)
    alone = white_gain(np.einsum("m,mdn->dn", weights, found.white[..., :15]), found.drawn)
    assert alone.mean() < before.mean() + 1.0


def test_the_weights_find_who_knows_which_drum() -> None:
    weights = log_linear_weights(said(draws=4000))
    assert weights[2] < 0.1
    assert weights[0] > 0.3
    assert weights[1] > 0.3
    assert weights.sum() <= 1.0 + 1e-9


@pytest.mark.parametrize("start", [None, [0.0, 0.0, 1.0], [0.3, 0.3, 0.3]])
def test_no_neighbour_gains_more_wherever_the_steps_began(start) -> None:
    found = said(draws=300)
    weights = log_linear_weights(found, start)
    best = pool_gains(found, weights).mean()
    rng = np.random.default_rng(0)
    for _ in range(40):
        other = onto_simplex(weights + rng.normal(0, 0.05, 3))
        assert pool_gains(found, other).mean() <= best + 1e-7


def test_among_noise_the_weights_go_to_uniform() -> None:
    found = said(draws=5000)
    rng = np.random.default_rng(1)
    noise = Spoken(
        found.white, found.bonus, drawn_by(np.zeros((5000, 20)), 3, rng),
        rng.integers(0, 7, 5000), found.sizes, found.bonus_sizes,
    )  # fmt: skip
    assert log_linear_weights(noise).sum() < 0.15


@given(arrays(np.float64, st.integers(1, 8), elements=st.floats(-3.0, 3.0)))
def test_the_simplex_is_reached_and_left_alone_inside(weights: np.ndarray) -> None:
    found = onto_simplex(weights)
    assert found.min() >= 0.0
    assert found.sum() <= 1.0 + 1e-9
    assert onto_simplex(found) == pytest.approx(found, abs=1e-9)
