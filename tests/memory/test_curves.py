"""A thinned curve: what is exact stays exact, and every bound holds the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.curves import MOST, bound, most_kept, stretches, thinned

values = st.floats(-5, 5) | st.sampled_from([0.0, -0.0, 1.0])
curves = st.lists(st.tuples(values, values), min_size=1, max_size=120)


@given(curves, st.integers(1, 40))
def test_what_is_exact_stays_and_bounds_hold_the_truth(curve, length) -> None:
    columns = [np.array(column) for column in zip(*curve, strict=True)]
    count = len(curve)
    parts = stretches(count, length)
    everything = np.arange(count)
    kept = thinned(everything, columns, count=count, parts=parts)
    assert len(kept) <= most_kept(count, length, 2)
    for column in columns:
        left = column[kept]
        assert (left[0], left[-1]) == (column[0], column[-1])
        assert (left.min(), left.max()) == (column.min(), column.max())
        assert everything[kept][left.argmax()] == column.argmax()
        assert everything[kept][left.argmin()] == column.argmin()
        for point in range(count):
            low, high = bound(kept, left, point, count=count, parts=parts)
            assert low <= column[point] <= high
            if point in kept:
                assert low == high == column[point]
    again = thinned(kept, [column[kept] for column in columns], count=count, parts=parts)
    assert list(kept[again]) == list(kept)


def test_values_that_are_not_numbers_are_no_extremes() -> None:
    column = np.array([np.nan, 2.0, np.nan, 1.0, 3.0, np.nan])
    kept = thinned(np.arange(6), [column, np.full(6, np.nan)], count=6, parts=1)
    assert list(kept) == [0, 3, 4, 5]
    assert bound(kept, column[kept], 1, count=6, parts=1) == (1.0, 3.0)


@pytest.mark.parametrize(
    ("count", "length", "parts"), [(1, 50, 1), (50, 50, 1), (51, 50, 2), (10**6, 50, MOST)]
)
def test_long_curves_have_no_more_stretches(count: int, length: int, parts: int) -> None:
    assert stretches(count, length) == parts
