"""The audit passes fair histories, notices others, and agrees with the reference."""

import csv
from math import comb
from pathlib import Path

import numpy as np
import pytest

from reflection.statistics.audit import (
    TESTS,
    audit,
    ball_counts,
    fair_statistics,
    longest_gap,
    pairs,
    pairs_law,
    repeated_sets,
    simulate_fair,
    two_sided,
)
from reflection.statistics.quantiles import chi_square_upper
from reflection.statistics.scores import POWERBALL, Drum

SMALL = Drum(balls=20, picks=4, bonus=6)
COLUMN = {name: place for place, name in enumerate(TESTS)}


def test_simulated_draws_are_sets_in_order_and_every_set_is_as_likely() -> None:
    drum = Drum(balls=5, picks=2, bonus=3)
    white, bonus = simulate_fair(drum, 10, 6_000, np.random.default_rng(1))
    assert (np.diff(white, axis=-1) > 0).all()
    assert (white.min(), white.max(), bonus.min(), bonus.max()) == (1, 5, 1, 3)
    _, counts = np.unique(white.reshape(-1, 2), axis=0, return_counts=True)
    assert len(counts) == 10
    assert np.abs(counts - 6_000).max() < 5 * np.sqrt(6_000 * 0.9)


def test_fair_histories_of_today_lie_where_the_reference_says() -> None:
    fair = fair_statistics(POWERBALL, 1436, rounds=400)
    mean = dict(zip(TESTS, fair.mean(axis=0), strict=True))
    assert mean["white frequency"] == pytest.approx(68, abs=2)
    assert mean["bonus frequency"] == pytest.approx(25, abs=1.5)
    assert mean["pairs"] == pytest.approx(2336, abs=15)
    assert mean["repeats of the previous draw"] == pytest.approx(3, abs=0.5)
    assert fair[:, COLUMN["pairs"]].std() == pytest.approx(75.97, rel=0.15)
    assert np.median(fair[:, COLUMN["longest gap"]]) == pytest.approx(122, abs=3)
    assert fair[:, COLUMN["neighbouring numbers"]].std() == pytest.approx(1, abs=0.15)
    assert fair[:, COLUMN["serial correlation of sums"]].std() == pytest.approx(1, abs=0.15)


def test_the_closed_forms_of_the_audit_are_those_of_the_reference() -> None:
    cuts = [chi_square_upper(tail, 68) for tail in (0.05, 0.01, 0.001, 0.95)]
    assert cuts == pytest.approx([88.250, 98.028, 109.791, 50.020], abs=5e-4)
    balls, rest = pairs_law(POWERBALL)
    assert (balls, rest) == pytest.approx((3.820896, 0.911805), abs=5e-7)
    assert balls * 68 + rest * 2277 == pytest.approx(2336, abs=0.5)
    assert np.sqrt(2 * (balls**2 * 68 + rest**2 * 2277)) == pytest.approx(75.97, abs=0.005)
    assert 64 * (69 - 1) / (69 - 5) == 68  # the mean without and with Joe's factor
    assert (1 - POWERBALL.inclusion) ** np.array([50, 100]) == pytest.approx(
        [0.0233, 0.00054], abs=5e-5
    )
    assert np.log(0.5) / np.log1p(-POWERBALL.inclusion) == pytest.approx(9.2, abs=0.05)
    assert 1 - comb(65, 5) / comb(69, 5) == pytest.approx(0.265037, abs=5e-7)


def test_hot_cold_and_absent_balls_of_a_fair_history_look_like_this() -> None:
    white, bonus = simulate_fair(POWERBALL, 300, 1436, np.random.default_rng(4))
    counts = ball_counts(white, 69)
    assert counts.mean() == pytest.approx(104.06, abs=0.005)
    assert counts.std() == pytest.approx(9.82, abs=0.1)
    assert np.quantile(counts.max(axis=1), [0.5, 0.95]) == pytest.approx([127, 136], abs=2)
    assert np.quantile(counts.min(axis=1), [0.05, 0.5]) == pytest.approx([74, 82], abs=2)
    gaps = longest_gap(white, bonus, POWERBALL)
    assert np.quantile(gaps, [0.05, 0.5, 0.95]) == pytest.approx([104, 122, 157], abs=4)
    sums = white.sum(axis=-1)
    assert (sums.mean(), sums.std()) == pytest.approx((175, 43.205), abs=0.3)


def test_the_joint_level_needs_about_seven_in_a_thousand_from_each_test() -> None:
    least = two_sided(fair_statistics(SMALL, 150)).min(axis=1)
    assert np.quantile(least, 0.05) == pytest.approx(0.0073, abs=0.002)


def test_a_fair_history_seldom_fails_the_audit() -> None:
    white, bonus = simulate_fair(SMALL, 200, 150, np.random.default_rng(99))
    failed = [
        not audit(w, b, SMALL, rounds=499).is_fair() for w, b in zip(white, bonus, strict=True)
    ]
    assert np.mean(failed) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


def test_a_heavy_ball_and_a_too_regular_history_are_noticed() -> None:
    rng = np.random.default_rng(3)
    theta = np.zeros(20)
    theta[6] = np.log(3.0)
    heavy = np.argsort(-(theta + rng.gumbel(size=(400, 20))), axis=1)[:, :4] + 1
    bonus = rng.integers(1, 7, size=400)
    found = audit(heavy, bonus, SMALL, rounds=499)
    assert not found.is_fair()
    assert found.findings[COLUMN["white frequency"]].p < 0.01
    regular = np.concatenate([rng.permutation(20).reshape(5, 4) + 1 for _ in range(80)])
    assert not audit(regular, bonus, SMALL, rounds=499).is_fair()


def test_the_longest_gap_counts_from_one_coming_to_the_next() -> None:
    white = np.array([[1, 2], [1, 3], [1, 2], [1, 2], [2, 3]])
    assert longest_gap(white[None], np.ones((1, 5), int), Drum(3, 2, 1)) == [3]


def test_pairs_are_counted_only_where_a_pair_can_be() -> None:
    white = np.array([[1, 2], [1, 3], [2, 3]])
    assert pairs(white[None], np.ones((1, 3), int), Drum(3, 2, 1)) == pytest.approx([0.0])


def test_repeated_white_sets_are_counted_beside_their_expectation() -> None:
    white = np.array([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [1, 2, 3, 4, 6]])
    count, expected = repeated_sets(white, POWERBALL)
    assert count == 1
    assert expected == pytest.approx(3 / 11_238_513)
    many = np.arange(1436 * 5).reshape(1436, 5)
    assert repeated_sets(many, POWERBALL)[1] == pytest.approx(0.0917, abs=5e-5)


def test_a_history_that_is_too_short_or_out_of_range_is_refused() -> None:
    few = np.tile([1, 2, 3, 4], (10, 1))
    with pytest.raises(ValueError, match="30 draws"):
        audit(few, np.ones(10, int), SMALL)
    with pytest.raises(ValueError, match="outside"):
        audit(np.tile([1, 2, 3, 21], (40, 1)), np.ones(40, int), SMALL)


def test_the_real_history_of_today_looks_like_a_fair_drum(draws_csv: Path) -> None:
    with draws_csv.open() as lines:
        rows = [row for row in csv.DictReader(lines) if row["draw_date"] >= "2015-10-07"]
    white = [[int(row[f"white{i}"]) for i in range(1, 6)] for row in rows[:1390]]
    found = audit(white, [int(row["powerball"]) for row in rows[:1390]], POWERBALL, rounds=199)
    frequency, bonus = found.findings[:2]
    assert frequency.statistic == pytest.approx(85.1, abs=0.05)
    assert bonus.statistic == pytest.approx(24.6, abs=0.05)
    assert found.is_fair()
