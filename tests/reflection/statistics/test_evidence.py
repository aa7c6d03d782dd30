"""Laws of the evidence, and what simulated fair and biased drums do to it."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflection.statistics.evidence import (
    accepted_by_e_bh,
    anytime_p,
    bits_needed,
    calibration_wealth,
    hedged_wealth,
    house_wealth,
    mixture_wealth,
    model_threshold,
    model_weight,
    tempered_wealth,
    wealth,
)
from reflection.statistics.scores import white_gain
from tests.reflection.statistics.drums import draws

EVERY_SET = np.array([[a, b, c] for a in range(6) for b in range(a) for c in range(b)])
GAINS = st.lists(st.floats(-20.0, 20.0), min_size=1, max_size=80).map(np.array)


def test_wealth_is_the_product_of_the_ratios() -> None:
    path = wealth(np.log2([1.1, 0.95, 1.2, 0.9]))
    assert path[-1] == pytest.approx(0.174534, abs=5e-7)
    assert np.exp2(path[-1]) == pytest.approx(1.1286, abs=5e-5)


def test_one_ratio_of_a_fair_drum_is_one_on_average() -> None:
    theta = np.log(np.arange(1.0, 7.0))
    assert np.exp2(white_gain(theta, EVERY_SET)).mean() == pytest.approx(1.0, abs=1e-12)


@given(GAINS)
def test_the_hedge_is_the_average_over_its_stakes(gains: np.ndarray) -> None:
    stakes = np.linspace(0.0, 1.0, 101)
    logs = np.log2(1.0 + stakes[:, None] * (np.exp2(gains) - 1.0)).cumsum(axis=1)
    expected = np.log2(np.exp2(logs - logs.max(axis=0)).mean(axis=0)) + logs.max(axis=0)
    assert hedged_wealth(gains) == pytest.approx(expected, abs=1e-8)


@settings(deadline=None, max_examples=50)  # its cost is the 20 sets, not the example
@given(GAINS, st.integers(0, 99))
def test_every_wealth_stays_where_it_is_on_average(gains: np.ndarray, seed: int) -> None:
    """The law behind all of it: over the 20 sets of a fair 3-of-6 drum, the next wealth is this one."""
    said = np.random.default_rng(seed).normal(0.0, 1.0, (2, 6))
    past, steps = hedged_wealth(gains)[-1], white_gain(said[:, None], EVERY_SET)  # (2, 20)
    futures = np.concatenate([np.tile(gains, (20, 1)), steps[0][:, None]], axis=1)
    assert np.exp2(hedged_wealth(futures)[:, -1]).mean() == pytest.approx(np.exp2(past))
    both = wealth(np.concatenate([np.zeros((2, 20, 1)), steps[..., None]], axis=2))
    assert np.exp2(mixture_wealth(both, [0.3, 0.7])[:, -1]).mean() == pytest.approx(1.0)
    assert house_wealth([3, 9], both)[:, -1].mean() == pytest.approx(1.0)
    tempered = [tempered_wealth(said[:1], one[None])[-1] for one in EVERY_SET]
    assert np.exp2(tempered).mean() == pytest.approx(1.0)


@given(GAINS)
def test_the_hedge_never_loses_more_than_its_number_of_stakes(gains: np.ndarray) -> None:
    assert hedged_wealth(gains).min() >= -np.log2(101) - 1e-9


def test_many_models_are_hedged_as_one_by_one() -> None:
    gains = np.random.default_rng(0).normal(0.0, 0.4, size=(7, 100))
    together = hedged_wealth(gains)
    for row, path in zip(gains, together, strict=True):
        assert path == pytest.approx(hedged_wealth(row), abs=1e-10)


def test_a_gain_no_lottery_can_give_is_refused() -> None:
    with pytest.raises(ValueError, match="31 bits"):
        hedged_wealth(np.array([40.0]))


@given(st.integers(1, 400))
def test_the_shares_of_all_models_never_pass_one(models: int) -> None:
    total = sum(Fraction(1, j * (j + 1)) for j in range(1, models + 1))
    assert total == 1 - Fraction(1, models + 1)
    assert model_weight(models) == pytest.approx(1.0 / (models * (models + 1)))


def test_a_model_alone_needs_more_the_later_it_came() -> None:
    assert model_threshold(1) == pytest.approx(40.0)
    assert model_threshold(10) == pytest.approx(2200.0)
    assert bits_needed(10) == pytest.approx(11.1, abs=0.05)
    assert bits_needed(50) == pytest.approx(15.6, abs=0.05)


def test_a_house_without_scores_is_worth_its_first_coin() -> None:
    assert house_wealth([1, 2, 5], np.zeros(3)) == pytest.approx(1.0)
    assert house_wealth([2], np.log2([13.0])) == pytest.approx(1.0 + 12.0 / 6.0)


def test_e_bh_accepts_by_rank() -> None:
    rest = [12.0] * 6
    assert accepted_by_e_bh([200.0, 90.0, *rest]).sum() == 2
    assert accepted_by_e_bh([12.0, 90.0, *rest[1:], 200.0]).tolist()[1] is True
    assert accepted_by_e_bh([65.0, 30.0, *rest]).sum() == 0


def test_an_anytime_p_value_remembers_the_highest_wealth() -> None:
    assert anytime_p(np.array([0.0, 3.0, -2.0])) == pytest.approx(1 / 8)
    assert anytime_p(np.array([-1.0])) == 1.0


def test_a_mixture_of_one_is_itself() -> None:
    path = wealth(np.array([0.3, -0.4, 0.2]))
    assert mixture_wealth(path[None], [1.0]) == pytest.approx(path)


def test_a_weighted_ball_is_found_by_the_right_and_by_the_over_confident_model() -> None:
    rng = np.random.default_rng(7)
    theta = np.zeros(69)
    theta[17] = np.log(1.6)
    drawn = draws(rng, 1500, theta)
    right, loud = white_gain(theta, drawn), white_gain(3 * theta, drawn)
    assert hedged_wealth(right)[-1] > np.log2(20)
    assert hedged_wealth(loud)[-1] > np.log2(20)
    assert wealth(loud)[-1] < 0
    assert tempered_wealth(3 * theta + np.zeros((1500, 1)), drawn)[-1] > np.log2(20)
    assert calibration_wealth(3 * theta + np.zeros((1500, 1)), drawn)[-1] > np.log2(20)
