"""The numbers of the statistics reference, as test vectors."""

from itertools import combinations, permutations
from math import log2

import numpy as np
import pytest

from reflection.statistics.controls import learning_price
from reflection.statistics.scores import (
    POWERBALL,
    Drum,
    brier_difference,
    fair_drum_cost,
    gain_range,
    white_gain,
    with_floor,
)
from reflection.statistics.subsets import (
    LN2,
    calibration_slope,
    inclusion,
    log_conditional_bernoulli,
    log_partition,
    log_plackett_luce,
    logits_of,
)

SIX = np.log(np.arange(1.0, 7.0))
TOP, BOTTOM = np.array([3, 4, 5]), np.array([0, 1, 2])


@pytest.mark.parametrize(
    ("drum", "bits"),
    [
        (Drum(45, 5, 45), 25.712381),
        (Drum(49, 5, 42), 26.255103),
        (Drum(53, 5, 42), 26.844778),
        (Drum(55, 5, 42), 27.122460),
        (Drum(59, 5, 39), 27.540740),
        (Drum(59, 5, 35), 27.384621),
        (Drum(69, 5, 26), 28.122388),
        (Drum(70, 5, 25), 28.172719),
        (Drum(70, 5, 24), 28.113826),
        (Drum(49, 6, 1), 23.737255),
        (Drum(59, 6, 1), 25.425263),
    ],
)
def test_uniform_costs_what_the_matrix_says(drum: Drum, bits: float) -> None:
    assert drum.bits == pytest.approx(bits, abs=5e-7)


def test_one_in_292_million() -> None:
    assert 2**POWERBALL.bits == pytest.approx(292_201_338)
    assert POWERBALL.white_bits == pytest.approx(23.421948, abs=5e-7)
    assert POWERBALL.bits * LN2 == pytest.approx(19.492954, abs=5e-7)
    assert POWERBALL.inclusion == pytest.approx(0.0724638, abs=5e-8)


def test_a_fair_drum_of_today_has_these_secondary_numbers() -> None:
    assert POWERBALL.expected_matches == pytest.approx(0.362319, abs=5e-7)
    assert POWERBALL.matches_sd == pytest.approx(0.562401, abs=5e-7)
    assert POWERBALL.matches_law() == pytest.approx(
        [0.678427, 0.282678, 0.0370725, 0.00179383, 2.84735e-5, 8.898e-8], rel=1e-5
    )
    assert POWERBALL.brier == pytest.approx(4.637681, abs=5e-7)
    assert POWERBALL.bonus_brier == pytest.approx(0.961538, abs=5e-7)


def test_conditional_bernoulli_of_three_from_six() -> None:
    assert np.exp(log_partition(SIX, 3)) == pytest.approx(735.0, rel=1e-12)
    assert np.exp(log_conditional_bernoulli(SIX, TOP)) == pytest.approx(0.163265306122449)
    assert np.exp(log_conditional_bernoulli(SIX, BOTTOM)) == pytest.approx(0.00816326530612245)
    assert white_gain(SIX, TOP) == pytest.approx(1.707218250772154, abs=1e-12)


def test_inclusion_of_three_from_six() -> None:
    expected = [0.210884, 0.372789, 0.493878, 0.582313, 0.646259, 0.693878]
    assert inclusion(SIX, 3) == pytest.approx(expected, abs=5e-7)


def test_plackett_luce_of_three_from_six() -> None:
    assert np.exp(log_plackett_luce(SIX, TOP)) == pytest.approx(0.19677234530175705, rel=1e-13)
    assert np.exp(log_plackett_luce(SIX, BOTTOM)) == pytest.approx(
        0.005335028748341441, rel=1e-13
    )


def test_plackett_luce_is_the_sum_over_all_orders() -> None:
    weights = np.exp(np.random.default_rng(1).normal(size=9))
    total = 0.0
    for order in permutations([0, 2, 5, 7]):
        left, ways = weights.sum(), 1.0
        for ball in order:
            ways, left = ways * weights[ball] / left, left - weights[ball]
        total += ways
    found = np.exp(log_plackett_luce(np.log(weights), np.array([7, 0, 5, 2])))
    assert found == pytest.approx(total, rel=1e-13)


def test_one_ball_with_odds_of_one_point_two() -> None:
    theta = np.zeros(69)
    theta[11] = np.log(1.2)
    assert white_gain(theta, np.array([11, 1, 2, 3, 4])) == pytest.approx(0.242276, abs=5e-7)
    assert white_gain(theta, np.array([0, 1, 2, 3, 4])) == pytest.approx(-0.0207586, abs=5e-8)
    assert inclusion(theta, 5)[11] == pytest.approx(6 / 70, abs=1e-12)
    assert POWERBALL.inclusion * 0.242276 - (
        1 - POWERBALL.inclusion
    ) * 0.0207586 == pytest.approx(-0.00170, abs=5e-6)


def test_inclusion_agrees_with_brute_force_at_extreme_weights() -> None:
    theta = np.array([0.0, 300.0, -300.0, 1.0, 2.0, -5.0, 0.3])
    sets = np.array(list(combinations(range(7), 3)))
    chances = np.exp(log_conditional_bernoulli(theta, sets))
    expected = [chances[(sets == ball).any(axis=1)].sum() for ball in range(7)]
    assert chances.sum() == pytest.approx(1.0, abs=1e-12)
    assert inclusion(theta, 3) == pytest.approx(expected, abs=1e-12)


def test_the_uniform_forecast_gains_nothing() -> None:
    drawn = np.array([[0, 10, 20, 30, 68], [1, 2, 3, 4, 5]])
    assert white_gain(np.zeros(69), drawn) == pytest.approx([0.0, 0.0], abs=1e-12)
    assert brier_difference(np.zeros((2, 69)), drawn) == pytest.approx([0.0, 0.0], abs=1e-12)


def test_random_logits_cost_what_the_second_order_says() -> None:
    assert fair_drum_cost(0.1) == pytest.approx(0.0335, abs=5e-4)
    assert fair_drum_cost(0.2) == pytest.approx(0.134, abs=1e-3)


def test_the_floor_limits_what_one_draw_can_cost() -> None:
    assert with_floor(-50.0) == pytest.approx(-7.0, abs=1e-6)
    assert with_floor(0.0) == pytest.approx(0.0, abs=1e-12)


def test_the_range_of_a_gain_is_known_before_the_draw() -> None:
    low, high = gain_range(SIX, 3)
    assert high == pytest.approx(1.707218250772154)
    assert low == pytest.approx(log2(0.00816326530612245 * 20))


def test_a_calibration_slope_of_noise_is_zero_within_its_error() -> None:
    rng = np.random.default_rng(3)
    theta = rng.normal(0.0, 0.15, size=(600, 69))
    drawn = np.argsort(rng.random((600, 69)), axis=1)[:, :5]
    slope, error = calibration_slope(theta, drawn)
    assert error == pytest.approx(0.125, abs=0.01)
    assert abs(slope) < 3 * error


def test_logits_are_found_again_from_the_inclusion_they_give() -> None:
    theta = np.random.default_rng(1).normal(0.0, 0.8, size=(3, 30))
    found = logits_of(inclusion(theta, 5), 5)
    assert found == pytest.approx(theta - theta.mean(axis=1, keepdims=True), abs=1e-9)


def test_learning_from_scratch_costs_what_the_reference_says() -> None:
    found = [learning_price(1500, s) for s in (100, 500, 2000, 10_000)]
    assert found == pytest.approx([90, 31.2, 6.4, 0.46], abs=0.05)
