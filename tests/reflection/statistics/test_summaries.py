"""Whatever is merged, in whatever pieces, says the same as the whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflection.statistics.summaries import (
    DrawSummary,
    GainSummary,
    MomentSummary,
    merged,
    to_units,
)

GAINS = st.lists(st.floats(-30.0, 30.0), max_size=40)
VALUES = st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=30)


@given(GAINS, GAINS)
def test_gains_merge_exactly(first: list[float], second: list[float]) -> None:
    whole = GainSummary.of([*first, *second])
    assert GainSummary.of(first).merge(GainSummary.of(second)) == whole


@given(GAINS, GAINS, GAINS)
def test_the_order_of_merging_does_not_matter(
    a: list[float], b: list[float], c: list[float]
) -> None:
    one, two, three = (GainSummary.of(part) for part in (a, b, c))
    assert (
        one.merge(two).merge(three) == one.merge(two.merge(three)) == merged([one, two, three])
    )
    assert one.merge(GainSummary()) == one == GainSummary().merge(one)


def test_the_highest_wealth_survives_three_hundred_random_splits() -> None:
    rng = np.random.default_rng(0)
    gains = rng.normal(0.0, 0.5, size=1000)
    path = np.concatenate([[0.0], np.cumsum(to_units(gains))])
    for _ in range(300):
        cuts = np.sort(rng.integers(0, 1000, size=rng.integers(1, 20)))
        whole = merged(GainSummary.of(part) for part in np.split(gains, cuts))
        assert (whole.total, whole.highest, whole.lowest) == (
            path[-1],
            path.max(),
            path.min(),
        )
    assert whole.log_wealth == pytest.approx(gains.sum(), abs=1e-8)
    assert whole.highest_log_wealth >= max(0.0, whole.log_wealth)


@pytest.mark.parametrize("gain", [float("nan"), float("inf"), 1e9])
def test_a_gain_that_cannot_be_kept_is_refused(gain: float) -> None:
    with pytest.raises(ValueError, match="exactly"):
        to_units([gain])


@given(VALUES, VALUES)
def test_moments_merge_as_the_whole(first: list[float], second: list[float]) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        whole = MomentSummary.of([*first, *second])
        found = MomentSummary.of(first).merge(MomentSummary.of(second))
    exact = ("length", "count", "unusable", "lowest", "lowest_at", "highest", "highest_at")
    for name in (*exact, "first", "last"):
        assert getattr(found, name) == getattr(whole, name), name
    scale = max(abs(whole.lowest or 0.0), abs(whole.highest or 0.0), 1.0)
    assert found.mean == pytest.approx(whole.mean, abs=1e-9 * scale)
    assert found.spread == pytest.approx(whole.spread, rel=1e-6, abs=1e-6 * scale**2)


def test_the_deviation_is_right_far_from_zero() -> None:
    values = 1e6 + np.random.default_rng(1).normal(0.0, 1.0, 2000)
    parts = [MomentSummary.of(part.tolist()) for part in np.array_split(values, 37)]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.merge(part)
    assert whole.deviation == pytest.approx(values.std(ddof=1), rel=1e-9)


def test_counts_of_draws_add_up() -> None:
    rng = np.random.default_rng(2)
    white = np.argsort(rng.random((60, 12)), axis=1)[:, :3] + 1
    bonus = rng.integers(1, 5, size=60)
    whole = DrawSummary.of(white, bonus, 12, 4)
    parts = DrawSummary.of(white[:20], bonus[:20], 12, 4).merge(
        DrawSummary.of(white[20:], bonus[20:], 12, 4)
    )
    for name in ("white", "bonus", "pairs"):
        assert getattr(parts, name).tolist() == getattr(whole, name).tolist()
    assert (whole.draws, whole.white.sum(), whole.pairs.sum()) == (60, 180, 180)
