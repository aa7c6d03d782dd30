"""Learning curves are read as the reference says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import theilslopes

from reflection.statistics.extrapolation import forecast_loss
from reflection.statistics.learning_curves import (
    Instability,
    best_epoch,
    effective_parameters,
    efficiency,
    instability,
    is_memorising,
    is_plateau,
    memorisation_line,
    overfit_onset,
    share_after,
    theil_sen,
)
from reflection.statistics.scores import white_gain
from reflection.statistics.subsets import logits_of
from tests.reflection.statistics.drums import draws

CURVE = st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=60).map(np.array)


@pytest.mark.parametrize(("draws", "per_draw"), [(600, 0.0818), (1436, 0.0342)])
def test_noise_is_memorised_at_a_known_rate(draws: int, per_draw: float) -> None:
    line = memorisation_line(68, draws)
    assert line.gain == pytest.approx(per_draw, abs=6e-5)
    assert line.gain * draws == pytest.approx(49.05, abs=0.01)
    assert (line.high - line.low) / 4 * draws == pytest.approx(8.41, abs=0.01)


def test_counts_fitted_to_a_fair_drum_gain_what_the_line_says_and_lose_it_again() -> None:
    rng = np.random.default_rng(4)
    balls, draws, totals = np.zeros((200, 20)), 500, []
    for row in balls:
        picks = rng.integers(0, 20, size=draws)
        row += np.bincount(picks, minlength=20)
        totals.append(np.sum(row * np.log2(np.maximum(row, 1e-9) / draws * 20)))
    line = memorisation_line(19, draws)
    assert np.mean(totals) == pytest.approx(line.gain * draws, rel=0.05)


def test_fitting_all_69_balls_to_a_fair_drum_gains_49_bits_and_loses_them_again() -> None:
    rng, fits = np.random.default_rng(1), 40
    drawn = draws(rng, 2 * fits * 600).reshape(fits, 2, 600, 5)
    seen = np.stack([np.bincount(one[0].ravel(), minlength=69) for one in drawn])
    theta = logits_of(seen / 600, 5)[:, None]  # maximum likelihood, 68 parameters each
    inside, outside = (white_gain(theta, drawn[:, part]).sum(axis=1) for part in (0, 1))
    assert inside.mean() == pytest.approx(49.77, abs=4.0)
    assert inside.std() == pytest.approx(8.41, rel=0.35)
    assert outside.mean() == pytest.approx(-51.7, abs=5.0)
    assert effective_parameters(inside.mean() / 600, 600) == pytest.approx(68, abs=6)
    assert memorisation_line(93, 600).gain * 600 == pytest.approx(67.1, abs=0.05)


@given(st.integers(1, 10_000), st.integers(1, 5_000))
def test_effective_parameters_invert_the_line(parameters: int, draws: int) -> None:
    gain = memorisation_line(parameters, draws).gain
    assert effective_parameters(gain, draws) == pytest.approx(parameters)


@given(CURVE, st.floats(0.0, 2.0))
def test_the_onset_is_never_after_the_best_epoch(curve: np.ndarray, error: float) -> None:
    onset, best = overfit_onset(curve, error), best_epoch(curve)
    assert onset is not None
    assert best is not None
    assert 1 <= onset <= best
    assert curve[best - 1] == curve.max()


def test_without_epochs_there_is_nothing_to_say() -> None:
    assert best_epoch([]) is None
    assert overfit_onset([], 0.1) is None
    assert efficiency([], []) is None
    assert forecast_loss([1.0] * 5, 10) is None


def test_memorising_needs_a_rising_train_and_a_sinking_validation() -> None:
    assert is_memorising([0.0, 0.1, 0.4], [-0.01, -0.1, -0.3])
    assert not is_memorising([0.0, 0.1, 0.4], [0.0, 0.05, 0.1])
    assert not is_memorising([0.0, -0.1, -0.4], [-0.01, -0.1, -0.3])


def test_a_flat_tail_is_a_plateau_and_a_slope_is_not() -> None:
    noise = np.random.default_rng(2).normal(0.0, 0.001, size=30)
    assert is_plateau(28.0 + noise, standard_error=0.02)
    assert not is_plateau(28.0 - 0.01 * np.arange(30) + noise, standard_error=0.02)
    assert not is_plateau([28.0] * 9, standard_error=0.02)


@pytest.mark.parametrize(
    ("losses", "norms", "found"),
    [
        ([28.0] * 20, [1.0] * 20, None),
        (
            [28.0, float("nan"), 28.0],
            [1.0] * 3,
            Instability(2, "a value that is not finite", 1),
        ),
        ([28.0, 27.0, 32.5], [1.0] * 3, Instability(3, "a loss 5 bits above the best", 2)),
        (
            [28.0] * 12,
            [1.0] * 11 + [90.0],
            Instability(12, "a gradient far above its usual size", 11),
        ),
        (
            [float("inf")],
            [1.0],
            Instability(1, "a value that is not finite", None),
        ),
    ],
)
def test_the_first_bad_epoch_is_named(losses: list, norms: list, found: object) -> None:
    assert instability(losses, norms) == found


def test_a_power_law_is_extrapolated_within_its_band() -> None:
    rng = np.random.default_rng(0)
    epochs = np.arange(1, 101)
    truth = 28.1 + 2.0 * (epochs + 1.0) ** -0.7
    forecast = forecast_loss(truth[:40] + rng.normal(0.0, 0.01, 40), 100)
    assert forecast is not None
    assert forecast.low <= truth[-1] <= forecast.high
    assert forecast.loss == pytest.approx(truth[-1], abs=0.05)


def test_time_after_the_best_epoch_is_time_spent_memorising() -> None:
    assert share_after(2, [1.0, 1.0, 4.0, 4.0]) == pytest.approx(0.8)
    found = efficiency([-0.5, -0.005, -0.2], [1.0, 2.0, 7.0])
    assert found is not None
    assert found.bits_per_second is None
    assert found.seconds_to_chance == pytest.approx(3.0)
    assert found.share_after_best == pytest.approx(0.7)


@given(st.lists(st.floats(-5.0, 5.0), min_size=3, max_size=30).map(np.array))
def test_the_slope_is_the_one_that_scipy_finds(values: np.ndarray) -> None:
    slope, _, low, high = theilslopes(values, np.arange(values.size), alpha=0.95)
    assert theil_sen(values) == pytest.approx((slope, low, high))
