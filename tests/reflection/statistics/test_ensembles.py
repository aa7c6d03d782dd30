"""Pools: what they can never lose, and what fitting them costs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reflection.statistics.ensembles import (
    bayes_mixture,
    correlations,
    fitted_weights,
    greedy_weights,
    linear_pool,
    prior,
    walked_weights,
)
from reflection.statistics.evidence import mixture_wealth, wealth
from reflection.statistics.scores import fair_drum_cost, white_gain
from tests.reflection.statistics.drums import drawn_again, draws, gains_of_noise

GAINS = st.tuples(st.integers(1, 6), st.integers(1, 40)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.floats(-20.0, 20.0))
)


@given(GAINS)
def test_the_mixture_is_never_more_than_one_bit_behind_chance(gains: np.ndarray) -> None:
    assert bayes_mixture(gains).log_wealth.min() >= -1.0 - 1e-9


@given(GAINS)
def test_the_mixture_is_never_far_behind_its_best_member(gains: np.ndarray) -> None:
    mixture = bayes_mixture(gains)
    behind = gains.cumsum(axis=1).max(axis=0) - mixture.log_wealth
    assert behind.max() <= mixture.regret_bound + 1e-9
    assert mixture.regret_bound == pytest.approx(np.log2(2 * len(gains)))


@given(GAINS)
def test_the_mixture_is_the_prior_average_of_the_wealths(gains: np.ndarray) -> None:
    rows = np.vstack([gains, np.zeros((1, gains.shape[1]))])
    expected = mixture_wealth(wealth(rows), prior(len(gains)))
    assert bayes_mixture(gains).log_wealth == pytest.approx(expected, abs=1e-8)


@given(GAINS)
def test_pooling_never_earns_less_than_the_average_of_its_members(gains: np.ndarray) -> None:
    mixture = bayes_mixture(gains)
    assert mixture.diversity.min() >= -1e-9
    assert mixture.weights.sum() == pytest.approx(1.0)


def test_among_noise_the_mixture_comes_back_to_uniform() -> None:
    noise = np.random.default_rng(1).normal(-0.03, 0.25, size=(11, 1500))
    mixture = bayes_mixture(noise)
    assert mixture.weights[-1] > 0.9
    assert -1.0 <= mixture.log_wealth[-1] <= 0.0


def test_eleven_models_on_a_fair_drum_cost_the_mixture_a_bit_and_no_more() -> None:
    rng = np.random.default_rng(3)
    gains = drawn_again(rng, gains_of_noise(rng, 11, 0.1, 50_000), 20, 1500)
    ends, worst, equal = [], [], []
    for world in range(20):
        path = bayes_mixture(gains[:, world]).log_wealth
        ends.append(path[-1])
        worst.append(path.min())
        equal.append(linear_pool(gains[:, world], np.append(np.full(11, 1 / 11), 0.0)).sum())
    assert np.mean(ends) == pytest.approx(-0.989, abs=0.03)
    assert -1.0 <= min(worst) < -0.98
    assert np.mean(equal) == pytest.approx(-4.4, abs=1.5)
    assert gains.sum(axis=2).mean() == pytest.approx(-46.3, abs=8.0)


def test_on_a_biased_drum_the_mixture_pays_its_bound_and_nothing_else() -> None:
    rng = np.random.default_rng(4)
    truth = rng.normal(0.0, 0.2, 69)
    drawn = draws(rng, 1500, truth)
    known = white_gain(truth, drawn)[None]
    gains = np.vstack([known, gains_of_noise(rng, 10, 0.2, 1500, truth)])
    mixture = bayes_mixture(gains)
    assert known.sum() == pytest.approx(1500 * fair_drum_cost(0.2), rel=0.25)
    assert known.sum() - mixture.log_wealth[-1] == pytest.approx(4.459, abs=5e-4)
    assert mixture.regret_bound == pytest.approx(np.log2(22))


@given(GAINS)
def test_fitted_weights_never_gain_less_than_equal_ones_where_they_were_fitted(
    gains: np.ndarray,
) -> None:
    equal = np.full(len(gains) + 1, 1.0 / (len(gains) + 1))
    fitted = fitted_weights(gains)
    assert fitted.sum() == pytest.approx(1.0)
    assert linear_pool(gains, fitted).sum() >= linear_pool(gains, equal).sum() - 1e-6


def test_walked_weights_see_only_what_was_before() -> None:
    asked = []

    def fit(seen: int, last: np.ndarray) -> np.ndarray:
        asked.append((seen, last.tolist()))
        return np.array([float(seen), 0.0])

    found = walked_weights(7, 3, np.array([0.5, 0.5]), fit)
    assert found.tolist() == [[0.5, 0.5, 0.5, 3.0, 3.0, 3.0, 6.0], [0.5] * 3 + [0.0] * 4]
    assert asked == [(3, [0.5, 0.5]), (6, [3.0, 0.0])]


def test_fitted_weights_over_fit_and_the_mixture_does_not() -> None:
    rng = np.random.default_rng(5)
    # Gains of ten noise forecasts over a choice of 64: the mean ratio is exactly 1.
    forecasts = rng.normal(0.0, 0.3, size=(10, 64))
    ratios = np.exp(forecasts) / np.exp(forecasts).mean(axis=1, keepdims=True)
    gains = np.log2(ratios)[:, rng.integers(0, 64, size=(60, 700))]  # (10, 60 worlds, 700)
    shown, held = gains[..., :350], gains[..., 350:]
    fitted = [linear_pool(held[:, w], fitted_weights(shown[:, w], 50)).sum() for w in range(60)]
    inside = [
        linear_pool(shown[:, w], fitted_weights(shown[:, w], 50)).sum() for w in range(60)
    ]
    mixed = [bayes_mixture(gains[:, w]).gains.sum() for w in range(60)]
    assert np.mean(inside) > 0 > np.mean(fitted)
    assert np.mean(mixed) > np.mean(fitted)
    assert min(mixed) >= -1.0


def test_the_greedy_pool_takes_uniform_when_nothing_helps_and_the_best_when_something_does() -> (
    None
):
    bad = np.full((3, 50), -0.5)
    assert greedy_weights(bad).tolist() == [0.0, 0.0, 0.0, 1.0]
    good = np.vstack([bad[:2], np.full((1, 50), 0.5)])
    assert greedy_weights(good).tolist() == [0.0, 0.0, 1.0, 0.0]


def test_correlations_of_the_same_series_are_one_and_of_a_constant_zero() -> None:
    series = np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [-1.0, -2.0, 0.0], [1.0, 1.0, 1.0]])
    found = correlations(series)
    assert found[0, 1] == pytest.approx(1.0)
    assert found[0, 2] == pytest.approx(-1.0)
    assert found[0, 3] == 0.0
