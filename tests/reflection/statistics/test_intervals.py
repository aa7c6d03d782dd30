"""Intervals of a mean gain cover what they say, however often one looks."""

import numpy as np
import pytest

from reflection.statistics.intervals import (
    Interval,
    anytime_interval,
    asymptotic_sequence,
    draws_until_settled,
    exact_interval,
    t_interval,
)


def test_nothing_is_said_without_values() -> None:
    assert t_interval([]) is None
    assert anytime_interval([]) is None
    assert t_interval([1.0]) == Interval(1.0, None, None, 1)


def test_a_few_values_have_no_anytime_interval_yet() -> None:
    assert anytime_interval(np.ones(49)) == Interval(1.0, None, None, 49)


def test_the_t_interval_is_the_textbook_one() -> None:
    interval = t_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((1.03676, 4.96324), abs=1e-5)


def test_the_anytime_sequence_is_wider_than_one_look_by_half() -> None:
    values = np.random.default_rng(1).normal(0.0, 0.45, size=1500)
    once, always = t_interval(values), anytime_interval(values)
    assert once is not None
    assert always is not None
    # The reference: .0353 against .0228 bits at 1,500 draws, whatever the spread.
    assert always.half_width / once.half_width == pytest.approx(0.0353 / 0.0228, rel=0.03)


def test_looking_after_every_draw_seldom_misses_the_truth() -> None:
    rng = np.random.default_rng(5)
    t = np.arange(1, 1001)
    missed = 0
    for _ in range(300):
        values = rng.normal(0.0, 1.0, size=1000)
        off = np.abs(np.cumsum(values) / t) > asymptotic_sequence(values)
        missed += bool(off[49:].any())
    assert missed / 300 <= 0.05


def test_the_exact_sequence_covers_and_costs_some_width() -> None:
    rng = np.random.default_rng(8)
    values = np.clip(rng.normal(0.0, 0.45, size=1500), -2.0, 2.0)
    exact, asymptotic = exact_interval(values, scale=4.0), anytime_interval(values)
    assert exact is not None
    assert asymptotic is not None
    assert exact.contains_zero
    assert asymptotic.half_width < exact.half_width < 2 * asymptotic.half_width


def test_the_exact_sequence_refuses_a_value_out_of_its_range() -> None:
    with pytest.raises(ValueError, match="range"):
        exact_interval([3.0], scale=4.0)


def test_the_exact_sequence_never_misses_when_looked_at_every_fifty_draws() -> None:
    rng = np.random.default_rng(9)
    missed = 0
    for _ in range(40):
        values = rng.uniform(-1.0, 1.0, size=600)
        looks = (exact_interval(values[:n], scale=2.0) for n in range(50, 601, 50))
        missed += any(not look.contains_zero for look in looks if look)
    assert missed <= 2


def test_how_many_more_draws_would_settle_it() -> None:
    assert draws_until_settled(Interval(0.01, -0.01, 0.03, 100)) == 300
    assert draws_until_settled(Interval(0.05, 0.01, 0.09, 100)) is None
    assert draws_until_settled(Interval(0.05, None, None, 10)) is None
