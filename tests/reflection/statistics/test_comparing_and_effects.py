"""Paired differences, corrections, Pareto fronts and the effects of settings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflection.statistics.comparing import holm, paired, pareto
from reflection.statistics.effects import effects

P_VALUES = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12)


def test_holm_is_the_textbook_one() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(P_VALUES)
def test_holm_only_raises_and_keeps_the_order(p_values: list[float]) -> None:
    corrected = holm(p_values)
    assert all(c >= p for c, p in zip(corrected, p_values, strict=True))
    order = np.argsort(p_values, kind="stable")
    assert (np.diff(np.array(corrected)[order]) >= 0).all()


def test_a_pair_is_told_apart_only_when_its_sequence_leaves_out_zero() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(0.0, 0.3, 400), rng.normal(0.0, 0.3, 400)
    alike, apart = paired("a", "b", a, b), paired("a", "c", a, a - 0.2 + 0.1 * b)
    assert alike is not None
    assert apart is not None
    assert not alike.differs
    assert apart.differs
    assert apart.p < 1e-6
    assert paired("a", "b", [1.0], [2.0]) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=15))
def test_a_front_is_never_beaten_and_everything_else_is(points: list[tuple[int, int]]) -> None:
    costs, gains = [float(p[0]) for p in points], [float(p[1]) for p in points]
    front = pareto(costs, gains)
    assert any(front)
    best_of_cheapest = max(g for c, g in points if c == min(costs))
    assert front[points.index((int(min(costs)), best_of_cheapest))]


def test_noise_shows_no_effect_of_any_setting() -> None:
    rng = np.random.default_rng(0)
    seen = 0
    for world in range(40):
        rows = {name: rng.integers(0, 3, 23).tolist() for name in "abcde"}
        found = effects(rows, rng.normal(size=23), rounds=199, seed=world)
        seen += any(effect.is_measurable for effect in found)
    assert seen <= 6  # 5 % of 40, with room for luck


def test_a_setting_that_moves_the_outcome_is_found_and_the_others_are_not() -> None:
    rng = np.random.default_rng(2)
    rate = rng.uniform(0.0, 1.0, 40)
    kind = [["mlp", "gru"][i] for i in rng.integers(0, 2, 40)]
    outcome = -((rate - 0.0) ** 2) + rng.normal(0.0, 0.1, 40)
    first, second = effects({"rate": rate.tolist(), "kind": kind, "same": [1] * 40}, outcome)
    assert (first.name, second.name) == ("rate", "kind")
    assert first.is_measurable
    assert not second.is_measurable


def test_a_few_outcomes_or_equal_ones_are_not_asked() -> None:
    assert effects({"a": [1, 2]}, [0.1, 0.2]) == ()
    assert effects({"a": list(range(10))}, [0.1] * 10) == ()
