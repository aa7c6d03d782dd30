"""Rates, ranks and the closed forms of what could have been seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflection.statistics.controls import (
    best_of_guessers,
    clopper_pearson,
    detectability,
    draws_to_evidence,
    growth,
    placebo_p,
    power_table,
    smallest_gain_noticed,
)


def test_the_power_table_is_the_one_of_the_reference() -> None:
    found = [
        (row.evidence, row.known_ball, row.unknown_ball, row.chi_square)
        for row in power_table()
    ]
    assert found == [
        (31_143, 32_143, 83_789, 175_933),
        (7_900, 8_155, 21_140, 43_983),
        (2_031, 2_096, 5_378, 10_996),
        (927, 956, 2_429, 4_887),
        (350, 361, 901, 1_759),
        (97, 99, 240, 440),
    ]
    assert power_table()[2].bits == pytest.approx(0.002128, abs=5e-7)


def test_the_bonus_ball_has_its_own_growth() -> None:
    assert growth(0.2, 1 / 26) == pytest.approx(0.001087, abs=5e-7)
    assert draws_to_evidence(0.2, chance=1 / 26) == pytest.approx(3976, abs=1)
    assert draws_to_evidence(0.5, chance=1 / 26) == pytest.approx(688, abs=1)


def test_what_1436_draws_would_have_shown() -> None:
    found = detectability(1436)
    assert found is not None
    assert (found.known_ball, found.unknown_ball, found.chi_square) == pytest.approx(
        (0.24, 0.39, 0.55), abs=0.006
    )


def test_a_handful_of_draws_would_have_shown_nothing() -> None:
    assert detectability(3) is None
    assert detectability(0) is None


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        (0, 20, 0.0, 0.168),
        (0, 60, 0.0, 0.060),
        (0, 100, 0.0, 0.036),
        (10, 200, 0.024, 0.090),
        (80, 100, 0.71, 0.87),
        (160, 200, 0.74, 0.85),
        (19, 20, 0.75, 0.999),
        (20, 20, 0.832, 1.0),
    ],
)
def test_exact_intervals_of_rates(hits: int, trials: int, low: float, high: float) -> None:
    rate = clopper_pearson(hits, trials)
    assert (rate.low, rate.high) == pytest.approx((low, high), abs=0.005)


@given(st.lists(st.floats(-1.0, 1.0), max_size=50), st.floats(-1.0, 1.0))
def test_a_placebo_p_value_is_never_below_its_resolution(
    placebos: list[float], score: float
) -> None:
    p = placebo_p(score, placebos)
    assert 1.0 / (len(placebos) + 1) <= p <= 1.0


def test_nineteen_placebos_resolve_five_per_cent() -> None:
    assert placebo_p(9.0, np.arange(8.0, -11.0, -1.0)) == pytest.approx(0.05)


def test_the_smallest_gain_noticed_shrinks_with_the_root_of_the_draws() -> None:
    assert smallest_gain_noticed(0.45, 100) == pytest.approx(2.8016 * 0.045, rel=1e-4)
    assert smallest_gain_noticed(0.45, 400) == pytest.approx(2.8016 * 0.0225, rel=1e-4)


def test_the_best_of_fifty_guessers_looks_like_a_discovery() -> None:
    # The reference: 50 noise models of logit deviation .02 (fair-drum cost .0013 bits per
    # draw, so a spread of .0622) show +3.40 bits on 1,436 fair draws.
    sd = np.sqrt(2 * 3.346 * 0.02**2 / np.log(2))
    assert best_of_guessers(np.full(50, sd), np.full(50, 1436)) == pytest.approx(3.4, abs=0.6)
    assert best_of_guessers([0.0], [1436]) == 0.0
