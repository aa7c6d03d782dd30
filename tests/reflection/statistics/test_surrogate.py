"""What is expected of settings that were not tried: nothing among noise, the top of a hill."""

import numpy as np
import pytest

from reflection.statistics.search_space import Axis, matrix
from reflection.statistics.surrogate import expect, improvement

RNG = np.random.default_rng(0)


def test_the_improvement_is_the_mean_of_the_positive_part():
    ahead, deviation = np.array([-1.0, 0.0, 0.5]), np.array([0.5, 1.0, 2.0])
    draws = RNG.normal(size=(400_000, 1)) * deviation + ahead
    assert improvement(ahead, deviation) == pytest.approx(
        np.maximum(draws, 0.0).mean(0), abs=6e-3
    )


def test_among_noise_no_setting_is_expected_to_gain_more_than_a_session_errs():
    below = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        tried, candidates = rng.random((30, 4)), rng.random((24, 4))
        found = expect(tried, rng.normal(0.0, 0.01, 30), 0.01, candidates)
        below += found.improvement.max() < 0.01
    assert below >= 19


def test_the_top_of_a_hill_is_found():
    tried = RNG.random((25, 2))
    hill = -((tried - 0.7) ** 2).sum(1)
    candidates = RNG.random((200, 2))
    found = expect(tried, hill + RNG.normal(0, 0.002, 25), 0.002, candidates)
    best = candidates[int(found.improvement.argmax())]
    assert np.abs(best - 0.7).max() < 0.15
    assert found.mean == pytest.approx(-((candidates - 0.7) ** 2).sum(1), abs=0.1)


def test_axes_go_from_0_to_1_and_hold_what_was_tried():
    rate = Axis("rate", 1e-4, 1e-1, log=True).holding([0.0, 1.0])
    kind = Axis("kind", choices=("a", "b")).holding(["c"])
    rows = matrix((rate, kind), [{"rate": 0.0, "kind": "a"}, {"rate": 1.0, "kind": "c"}])
    assert rows[:, 0].tolist() == [0.0, 1.0]  # a rate of 0 counts as the least there is
    assert np.linalg.norm(rows[0, 1:] - rows[1, 1:]) == pytest.approx(1.0)
