"""Optuna over stored trials: proposals inside the bounds, importances only where they are real."""

import numpy as np
import pytest

from reflection.optimising import importances, propose
from reflection.services.trials import AXES


def trials(seed: int, count: int = 40, effect: float = 0.0):
    """Random settings whose outcome follows the learning rate, if at all."""
    rng = np.random.default_rng(seed)
    tried = [
        {
            "encoder": str(rng.choice(["mlp", "gru", "transformer"])),
            "learning_rate": float(10 ** rng.uniform(-5, -1)),
            "hidden_size": int(rng.integers(1, 33)) * 8,
            "layers": int(rng.integers(1, 4)),
            "dropout": float(rng.uniform(0, 0.5)),
            "weight_decay": float(10 ** rng.uniform(-6, 0)),
            "window": int(rng.integers(5, 61)),
            "batch_size": int(rng.integers(16, 257)),
        }
        for _ in range(count)
    ]
    rates = np.log10([one["learning_rate"] for one in tried])
    return tried, (effect * rates + rng.normal(size=count)).tolist()


def test_importances_sum_to_1_on_noise_too():
    """Why they are never shown without the permutation test beside them."""
    found = importances(AXES, *trials(2))
    assert sum(found.values()) == pytest.approx(1.0)
    assert max(found.values()) > 2 / len(AXES)


def test_settings_that_never_varied_have_no_importance():
    tried, outcomes = trials(3, count=8)
    same = [{**one, "layers": 1} for one in tried]
    assert "layers" not in importances(AXES, same, outcomes)
    assert importances(AXES, [tried[0]] * 8, outcomes) == {}


def test_proposals_are_repeatable_and_inside_the_bounds():
    tried, outcomes = trials(4, effect=-1.0)
    proposed = propose(AXES, tried, outcomes, count=20, seed=7)
    assert proposed == propose(AXES, tried, outcomes, count=20, seed=7)
    for one in proposed:
        assert 1e-5 <= one["learning_rate"] <= 0.1
        assert one["hidden_size"] % 8 == 0
    tried_first = np.median([one["learning_rate"] for one in tried])
    assert np.median([one["learning_rate"] for one in proposed]) < tried_first
