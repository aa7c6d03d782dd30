"""Counts of balls, the band of a fair drum, and results that came again."""

import numpy as np
import pytest

from training.draws.frequency import frequency, repeated_results
from training.draws.games import Matrix
from training.draws.simulate import Bias, simulate


def test_counts_and_recency_are_those_of_the_draws():
    drawn = np.array([[1, 2, 3, 4, 5], [1, 2, 3, 4, 6], [2, 3, 4, 5, 7]])
    found = frequency(drawn, 10)
    assert [ball.count for ball in found.balls] == [2, 3, 3, 3, 2, 1, 1, 0, 0, 0]
    assert [ball.since for ball in found.balls] == [1, 0, 0, 0, 0, 1, 0, None, None, None]
    assert found.expected == 1.5


def test_the_band_is_wider_than_that_of_one_ball():
    white, bonus = simulate([Matrix(69, 5, 26)] * 1436, seed=3)
    found = frequency(white, 69)
    assert found.expected == pytest.approx(104.06, abs=0.01)
    # One look would give 104.06 +- 1.96 * 9.82; 69 looks need 3.36 standard deviations
    assert (found.low, found.high) == (72, 139)
    assert not frequency(bonus.reshape(-1, 1), 26).outside


def test_chi_square_of_fair_drums_is_rejected_one_time_in_twenty():
    low = [
        frequency(simulate([Matrix(69, 5, 26)] * 300, seed=seed)[0], 69).p < 0.05
        for seed in range(200)
    ]
    assert 2 <= sum(low) <= 20  # 99.9 % of binomial(200, 0.05)


def test_a_loaded_ball_lies_outside_the_band():
    loaded = Bias(ball=7, weight=2.0)
    white, _ = simulate([Matrix(69, 5, 26)] * 1436, seed=3, bias=loaded)
    assert [ball.ball for ball in frequency(white, 69).outside] == [7]


def test_results_that_came_again_are_found_by_all_six_balls():
    white = np.array([[1, 2, 3, 4, 5], [1, 2, 3, 4, 6], [1, 2, 3, 4, 5], [1, 2, 3, 4, 6]])
    again = repeated_results(white, np.array([9, 9, 9, 8]))
    assert [places.tolist() for places in again] == [[0, 2]]
    assert repeated_results(white[:0], np.array([], dtype=int)) == []
