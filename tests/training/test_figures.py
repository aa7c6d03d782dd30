"""The gain curve: chance is always shown, and few points show what many would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.figures import MOST_POINTS, CurvePoint, decimate, gain_curve
from training.models import Epoch
from training.panel import curve_point

pairs = st.lists(st.floats(-30, 30), min_size=1, max_size=400).map(
    lambda heights: list(enumerate(heights, 1))
)


@given(pairs, st.integers(4, 60))
def test_few_points_keep_the_ends_and_the_extremes(given_pairs, most):
    kept = decimate(given_pairs, most)
    assert len(kept) <= max(most, 2)
    assert kept == sorted(set(kept))
    assert set(kept) <= set(given_pairs)
    assert (kept[0], kept[-1]) == (given_pairs[0], given_pairs[-1])
    heights = [y for _, y in given_pairs]
    assert {min(heights), max(heights)} <= {y for _, y in kept}


def test_the_curve_has_both_series_the_chance_line_and_the_best_epoch():
    points = [CurvePoint(n, train=0.1 * n, validation=-0.01 * n) for n in range(1, 6)]
    figure = gain_curve(points, best_epoch=1)
    validation, training, best = figure.data
    assert (validation.name, list(validation.x)) == ("validation", [1, 2, 3, 4, 5])
    assert (training.name, training.y[-1]) == ("training", 0.5)
    assert (list(best.x), list(best.y)) == ([1], [-0.01])
    assert (figure.layout.shapes[0].y0, figure.layout.shapes[0].y1) == (0, 0)
    assert figure.layout.annotations[0].text == "chance"


def test_a_long_curve_says_how_many_points_it_stands_for():
    points = [CurvePoint(n, train=0.0, validation=n % 7) for n in range(1, 48_001)]
    figure = gain_curve(points)
    assert len(figure.data[0].x) <= MOST_POINTS
    assert figure.layout.meta["points"] == 48_000


def test_a_session_without_epochs_has_an_empty_curve():
    assert [len(trace.x) for trace in gain_curve([]).data] == [0, 0, 0]


def test_training_is_measured_against_the_chance_of_its_own_draws(start):
    session = start("across-eras")
    for part in ("train", "val", "test"):
        assert session.split[part]["chance_bits"] == pytest.approx(28.122388, abs=1e-6)
    session.split["train"]["chance_bits"] = 27.0
    epoch = Epoch(number=1, train_bits=26.5, val_bits=28.1, gain=0.02)
    point = curve_point(session, epoch)
    assert (point.train, point.validation) == (pytest.approx(0.5), 0.02)
