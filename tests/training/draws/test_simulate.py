"""Simulated histories are fair or biased as asked, and the same for the same seed."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.draws.games import POWERBALL, Matrix
from training.draws.simulate import BadBias, Bias, plan, simulate

TODAY = dt.date(2026, 11, 22)
NOW = Matrix(69, 5, 26)


def holds(white: np.ndarray, ball: int) -> float:
    """The share of draws with this white ball."""
    return float((white == ball).any(axis=1).mean())


def repeats(white: np.ndarray) -> float:
    """Mean number of white balls that were in the draw before."""
    return float(
        np.mean([len({*a} & {*b}) for a, b in zip(white[1:], white[:-1], strict=True)])
    )


@given(st.integers(0, 2**63 - 1))
def test_the_same_seed_gives_the_same_draws(seed):
    matrices = [NOW] * 20
    bias = Bias(lognormal=0.2, repeat_odds=1.5)
    first, second = (
        simulate(matrices, seed=seed, bias=bias),
        simulate(matrices, seed=seed, bias=bias),
    )
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])


def test_a_history_of_all_eras_obeys_each_matrix():
    days, matrices = plan(POWERBALL, last=TODAY)
    white, bonus = simulate(matrices, seed=7)
    assert len(days) == len(white) == 3884
    for era in POWERBALL.eras:
        here = np.array([POWERBALL.era_of(day) is era for day in days])
        assert white[here].max() == era.matrix.white
        assert bonus[here].max() == era.matrix.bonus
    assert white.min() == bonus.min() == 1
    assert (np.diff(white, axis=1) > 0).all()


def test_a_fair_drum_is_fair():
    white, bonus = simulate([NOW] * 20_000, seed=11)
    counts = np.bincount(white.ravel(), minlength=70)[1:]
    expected = 20_000 * 5 / 69
    chi2 = 68 / 64 * ((counts - expected) ** 2 / expected).sum()
    assert 30 < chi2 < 120  # chi-square with 68 degrees of freedom
    assert repeats(white) == pytest.approx(25 / 69, abs=0.02)
    assert (bonus == 3).mean() == pytest.approx(1 / 26, abs=0.006)


def test_every_planted_bias_shows():
    many = [NOW] * 10_000
    one, _ = simulate(many, seed=1, bias=Bias(ball=7, weight=1.5))
    assert holds(one, 7) == pytest.approx(1.5 * 5 / 69, abs=0.01)
    again, _ = simulate(many, seed=2, bias=Bias(repeat_odds=1.5))
    assert repeats(again) > 0.48
    diffuse, _ = simulate(many, seed=3, bias=Bias(lognormal=0.2))
    assert np.bincount(diffuse.ravel())[1:].std() > 4 * 25
    _, bonus = simulate(many, seed=4, bias=Bias(bonus_ball=5, bonus_weight=2.0))
    assert (bonus == 5).mean() == pytest.approx(2 / 27, abs=0.01)


def test_a_bias_may_begin_late():
    white, _ = simulate([NOW] * 10_000, seed=5, bias=Bias(ball=7, weight=3.0, starts=0.5))
    assert holds(white[:5_000], 7) == pytest.approx(5 / 69, abs=0.012)
    assert holds(white[5_000:], 7) > 0.18


def test_a_fixed_matrix_may_be_longer_than_the_real_history():
    days, matrices = plan(POWERBALL, last=TODAY, draws=5_000, matrix=NOW)
    assert (len(days), set(matrices)) == (5_000, {NOW})
    assert plan(POWERBALL, last=TODAY, matrix=NOW)[0][0] == dt.date(2015, 10, 7)
    assert len(plan(POWERBALL, last=TODAY, matrix=NOW)[0]) == 1436
    assert plan(POWERBALL, last=TODAY, draws=3)[0][-1] == dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("bias", "field"),
    [
        (Bias(weight=0), "weight"),
        (Bias(weight=float("nan")), "weight"),
        (Bias(repeat_odds=float("inf")), "repeat_odds"),
        (Bias(lognormal=-1), "lognormal"),
        (Bias(ball=70), "ball"),
        (Bias(bonus_ball=27), "bonus_ball"),
        (Bias(starts=1.0), "starts"),
    ],
)
def test_an_impossible_bias_is_refused_by_name(bias, field):
    with pytest.raises(BadBias) as refusal:
        simulate([NOW], seed=1, bias=bias)
    assert list(refusal.value.fields) == [field]
