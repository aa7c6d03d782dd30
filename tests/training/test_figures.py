"""The curves: chance is always shown, few points show what many would, and nothing is invented."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.chart import chart_of, curve_of, wire_points
from training.figures import (
    MOST_POINTS,
    ChartOptions,
    Curve,
    CurvePoint,
    curve_figure,
    curve_words,
    ends,
    gain_curve,
    read_options,
    remarks,
    replica_figure,
    sketch,
    small_figures,
    small_words,
    thinned,
)
from training.figures.curve import smoothed
from training.models import Epoch

heights = st.lists(st.floats(-30, 30), min_size=1, max_size=400)


def curve(count: int, *, pause_at: int = 0, rate_at: int = 0, gain=lambda n: n / 1000) -> Curve:
    """So many epochs of half a second; a pause of a minute and a tenth of the rate on demand."""
    numbers = np.arange(1.0, count + 1)
    seconds = np.full(count, 0.5)
    idle = np.where((numbers >= pause_at) & (pause_at > 0), 60.0, 0.0)
    gains = np.array([float(gain(n)) for n in numbers])
    return Curve(
        numbers=numbers,
        train_gain=2 * gains,
        val_gain=gains,
        learning_rate=np.where((numbers >= rate_at) & (rate_at > 0), 1e-4, 1e-3),
        grad_norm=np.ones(count),
        seconds=seconds,
        ended=np.cumsum(seconds) + idle,
        train_chance=28.0,
        val_chance=28.0,
        base=1_700_000_000.0,
    )


def trace(figure, role: str, column: str = "validation"):
    return next(
        t
        for t in figure.data
        if t.meta["role"] == role and t.meta.get("column", column) == column
    )


@given(heights, st.integers(4, 60))
def test_few_points_keep_the_ends_and_the_extremes(values, most):
    kept = thinned(np.array(values), most).tolist()
    assert len(kept) <= max(most, 2)
    assert kept == sorted(set(kept))
    assert (kept[0], kept[-1]) == (0, len(values) - 1)
    assert {min(values), max(values)} <= {values[place] for place in kept}


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
    long = curve(4800)
    figure = curve_figure(long, ChartOptions())
    assert all(len(t.x) <= MOST_POINTS for t in figure.data)
    assert "1,500 of 4,800 points are drawn." in remarks(long, ChartOptions())


def test_smoothing_is_debiased_and_the_best_epoch_is_as_measured():
    jump = curve(40, gain=lambda n: 1.0 if n == 7 else 0.0)
    figure = curve_figure(jump, ChartOptions(smooth=0.9), best_epoch=7)
    assert trace(figure, "best").y[0] == 1.0
    assert max(trace(figure, "raw").y) == 1.0
    assert 0 < max(trace(figure, "curve").y) < 0.5
    steady, (mean, weight) = smoothed(np.full(5, 2.5), 0.99)
    assert steady == pytest.approx([2.5] * 5)
    assert mean / weight == pytest.approx(2.5)


def test_few_points_are_shown_as_measured_unless_asked_for():
    assert [ChartOptions().factor(n) for n in (29, 30)] == [0.0, 0.6]
    assert ChartOptions(smooth=0.0).factor(1000) == 0.0


def test_a_pause_breaks_the_line_and_is_left_out_of_the_time_of_work():
    paused = curve(10, pause_at=5)
    by_time = curve_figure(paused, ChartOptions(x="time", smooth=0.0))
    x = trace(by_time, "curve").x
    assert x[4] is None
    assert x[-1] == 5000  # ms of ten half seconds
    strip = next(
        s
        for s in curve_figure(paused, ChartOptions(x="wall")).layout.shapes
        if s.name == "break"
    )
    assert strip.x1 - strip.x0 == 60_000
    assert remarks(paused, ChartOptions()) == "Work rested once, 1 min in all."


def test_a_step_of_the_learning_rate_is_a_tick_and_a_slope_is_not():
    ticks = trace(curve_figure(curve(10, rate_at=6), ChartOptions()), "steps")
    assert (list(ticks.x), list(ticks.text)) == ([6], ["0.001 to 0.0001"])
    slope = replace(curve(6), learning_rate=np.array([1, 2, 4, 8, 8, 8]) / 1e4)
    assert slope.steps.tolist() == [1]


def test_a_loss_stands_beside_its_own_chance_and_may_be_logarithmic():
    figure = curve_figure(curve(5), ChartOptions(delta=False, log=True))
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.shapes[0].y0 == 28.0
    assert trace(figure, "curve").y[0] == 27.999
    below = curve_figure(curve(5, gain=lambda n: -n), ChartOptions(log=True))
    assert below.layout.yaxis.type == "linear"


def test_values_that_are_not_finite_leave_a_hole():
    figure = curve_figure(curve(4, gain=lambda n: math.nan if n == 2 else n), ChartOptions())
    assert list(trace(figure, "curve").y) == [1, None, 3, 4]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"x": "sideways"}, "x"),
        ({"smooth": "1"}, "smooth"),
        ({"smooth": "nan"}, "smooth"),
        ({"z": "60-10"}, "z"),
        ({"z": "1e3-2"}, "z"),
    ],
)
def test_what_an_address_cannot_say_is_named_and_shown_as_usual(query, wrong):
    options, problems = read_options(query)
    assert set(problems) == {wrong}
    assert options == ChartOptions()


def test_an_address_says_the_whole_view_and_back():
    asked = {"x": "time", "smooth": "0.6", "log": "1", "delta": "0", "z": "10-60"}
    options, problems = read_options(asked)
    assert (problems, options.query, options.zoom) == ({}, asked, (10, 60))
    assert read_options({"from": "5", "to": "15"})[0].zoom == (5, 15)


def test_epochs_end_when_their_successors_began():
    assert ends([10, 10, 10, 25], [1, 1, 1, 1]).tolist() == [8, 9, 10, 25]


def test_a_session_without_epochs_has_an_empty_curve_and_says_so():
    figure = curve_figure(curve(0), ChartOptions())
    assert [len(t.x) for t in figure.data] == [0, 0, 0]
    assert sketch(figure) is None
    assert curve_words(curve(0)).startswith("No epoch yet")


def test_the_sketch_has_the_same_lines_without_a_script():
    drawn = sketch(curve_figure(curve(50), ChartOptions(zoom=(10, 20))))
    assert [line.series for line in drawn.lines] == [1, 1, 2, 2]
    assert drawn.lines[1].path.count("L") == 10
    assert 0 <= drawn.chance[0] <= 300


def test_the_small_figures_share_the_axis_of_the_main_one():
    small = small_figures(curve(10, pause_at=5), ChartOptions(x="time"))
    assert set(small) == {"learning_rate", "grad_norm", "hits", "seconds", "memory"}
    assert all(figure.data[0].x[4] is None for figure in small.values())


def test_hits_stand_beside_their_chance_and_what_was_not_measured_says_so():
    measured = replace(curve(3), hits=np.array([0.25, np.nan, 0.5]), chance_hits=25 / 69)
    small = small_figures(measured, ChartOptions())
    assert list(small["hits"].data[0].y) == [0.25, None, 0.5]
    assert [(s.name, s.y0) for s in small["hits"].layout.shapes] == [("chance", 25 / 69)]
    assert [note.text for note in small["hits"].layout.annotations] == ["dashed: chance 0.362"]
    assert "now 0.5" not in (said := small_words(measured, "hits"))
    assert "0.5 white balls came per validation draw; chance hits 0.3623" in said
    assert [note.text for note in small["memory"].layout.annotations] == ["not measured"]
    assert small_words(measured, "memory") == "Not measured."


@pytest.mark.parametrize("delta", [True, False])
def test_before_the_first_epoch_a_figure_has_chance_and_the_planned_epochs(delta):
    options = ChartOptions(delta=delta)
    layout = curve_figure(curve(0), options, planned=40).layout
    chance = 0.0 if delta else 28.0
    assert layout.xaxis.range == (0, 40)
    assert layout.yaxis.range == (chance - 1, chance + 1)
    assert list(layout.yaxis.tickvals) == [layout.shapes[0].y0] == [chance]
    assert "no epoch yet" in [note.text for note in layout.annotations]
    begun = curve_figure(curve(1), options, planned=40).layout
    assert begun.xaxis.range is None
    assert "empty" not in [note.name for note in begun.annotations]


def test_models_of_a_session_have_a_band_of_their_spread():
    gains = np.array([[0.0, 0.2], [0.1, 0.5]])
    figure = replica_figure(gains, ["model 1", "model 2"])
    low, high = (t for t in figure.data if t.meta["role"] == "band")
    assert [high.y[1] - low.y[1]] == pytest.approx([2 * gains[1].std(ddof=1)], abs=1e-5)


def test_training_is_measured_against_the_chance_of_its_own_draws(start):
    session = start("across-eras")
    for part in ("train", "val", "test"):
        assert session.split[part]["chance_bits"] == pytest.approx(28.122388, abs=1e-6)
    session.split["train"]["chance_bits"] = 27.0
    epoch = Epoch(
        number=1, train_bits=26.5, val_bits=28.1, gain=0.02, learning_rate=0.001, grad_norm=1.0,
        seconds=0.5, at=session.created_at,
    )  # fmt: skip
    assert wire_points(session, [epoch])[0][:3] == [1, pytest.approx(0.5), 0.02]


def test_a_program_gets_the_figure_of_the_page(api, start):
    session = start()
    answer = api.get(f"/api/train/sessions/{session.pk}/figure?x=wall&smooth=0.5")
    page = chart_of(session, curve_of(session), ChartOptions(x="wall", smooth=0.5))
    assert answer.json()["words"] == page.words
    assert answer.json()["figure"]["layout"]["xaxis"]["type"] == "date"
    refused = api.get(f"/api/train/sessions/{session.pk}/figure?column=luck&z=x")
    assert refused.status_code == 400
    assert set(refused.json()["fields"]) == {"column", "z"}
