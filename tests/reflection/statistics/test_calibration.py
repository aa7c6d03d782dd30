"""Slopes, drift and shifts, from the sums that scoring keeps."""

import numpy as np
import pytest

from reflection.statistics.calibration import (
    Stretch,
    evidence_of_drift,
    evidence_of_scaling,
    mean_shift,
    together,
)
from reflection.statistics.subsets import calibration_slope
from tests.reflection.statistics.drums import draws
from tests.reflection.statistics.forecasts import kept


def blocks_of(theta: np.ndarray, drawn: np.ndarray) -> list[Stretch]:
    found = kept(theta, drawn)
    return [Stretch.read(found["scales"], block) for block in found["blocks"]]


@pytest.mark.parametrize(("sd", "truth"), [(0.15, 0.0), (0.3, 1.0), (0.5, 0.3), (0.05, -1.0)])
def test_the_slope_from_the_sums_is_that_of_the_logits(sd: float, truth: float) -> None:
    rng = np.random.default_rng(3)
    theta = rng.normal(0.0, sd, size=(300, 69))
    drawn = np.concatenate([draws(rng, 1, truth * row) for row in theta])
    slope = together(blocks_of(theta[None], drawn)).slope()
    # The bonus logits are 0 and add nothing: the same slope, from 13 scales instead of all logits.
    assert (slope.value, slope.error) == pytest.approx(
        calibration_slope(theta, drawn), rel=2e-3
    )
    assert abs(slope.value - truth) < 3 * slope.error
    assert slope.draws == 300


def test_a_mixture_is_taken_as_the_set_distribution_like_it() -> None:
    rng = np.random.default_rng(1)
    theta, drawn = rng.normal(0.0, 0.3, 69), draws(rng, 120)
    one = np.tile(theta, (1, 120, 1))
    alone, twice = (together(blocks_of(rows, drawn)) for rows in (one, np.tile(one, (2, 1, 1))))
    assert twice.slope().value == pytest.approx(alone.slope().value, abs=1e-6)
    assert twice.gains == pytest.approx(alone.gains, abs=1e-6)


def test_a_forecast_without_opinions_has_no_slope() -> None:
    drawn = draws(np.random.default_rng(1), 30)
    assert together(blocks_of(np.zeros((1, 30, 69)), drawn)).slope() is None
    assert together([]) is None


def test_too_loud_a_model_is_shown_to_be_and_an_honest_one_is_not() -> None:
    rng = np.random.default_rng(2)
    truth = rng.normal(0.0, 0.3, 69)
    drawn, wide = draws(rng, 300, truth), np.ones((1, 300, 1))
    assert evidence_of_scaling(blocks_of(3 * truth * wide, drawn)) > np.log2(20)
    assert evidence_of_scaling(blocks_of(truth * wide, drawn)) < np.log2(20)


def test_a_drum_that_is_changed_half_way_shows_as_drift() -> None:
    rng = np.random.default_rng(5)
    truth, wide = rng.normal(0.0, 0.4, 69), np.ones((1, 800, 1))
    changed = np.concatenate([draws(rng, 400, truth), draws(rng, 400)])
    assert evidence_of_drift(blocks_of(truth * wide, changed)) > np.log2(20)
    assert evidence_of_drift(blocks_of(truth * wide, draws(rng, 800, truth))) < np.log2(20)
    assert evidence_of_drift(blocks_of(truth * wide, draws(rng, 800))) < np.log2(20)


def test_balls_that_come_as_forecast_shift_nothing_and_a_heavy_one_does() -> None:
    rng, few = np.random.default_rng(4), 1e-3
    p = []
    for _ in range(200):
        seen = np.bincount(draws(rng, 300).ravel(), minlength=69)
        expected = np.full(69, 300 * 5 / 69)
        p.append(mean_shift(seen, expected, expected * (1 - 5 / 69)).p)
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.035)
    heavy = np.zeros(69)
    heavy[11] = np.log(2.5)
    found = kept(np.zeros((1, 400, 69)), draws(rng, 400, heavy))
    white = [found[name][:69] for name in ("observed", "expected", "variance")]
    assert mean_shift(*white).p < few
    assert mean_shift(*white).farthest == 12
    assert mean_shift([1.0], [1.0], [0.5]) is None
