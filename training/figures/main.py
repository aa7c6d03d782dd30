"""The main chart: training, validation, chance and the best epoch in one figure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import plotly.graph_objects as go

from registry.looks import FIRST, Look
from training.figures.curve import ABRUPT, BREAK_SECONDS, MOST_STEPS, Curve, Floats, smoothed
from training.figures.options import ChartOptions
from training.figures.thinning import MOST_POINTS, thinned
from training.figures.waiting import NO_EPOCH, wait

DASHES = {"validation": "solid", "training": "dot"}
MOST_BREAKS = 40  # marked; a line has every break
Y_TITLE = {True: "bits over chance per draw", False: "loss, bits per draw"}
X_TITLE = {
    "epoch": "epoch",
    "time": "time of work, pauses left out (h:min:s)",
    "wall": "time of day",
}
_TICKS = [
    {"dtickrange": [None, 1000], "value": "%H:%M:%S.%L"},
    {"dtickrange": [1000, 86_400_000], "value": "%H:%M:%S"},
]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """An epoch of a curve: bits gained over chance per draw."""

    number: int
    train: float
    validation: float


def gain_curve(
    points: Sequence[CurvePoint], *, best_epoch: int | None = None, look: Look = FIRST
) -> go.Figure:
    """The figure of bare points, by epoch and as measured."""
    nothing = np.zeros(len(points))
    curve = Curve(
        numbers=np.array([point.number for point in points], dtype=np.float64),
        train_gain=np.array([point.train for point in points], dtype=np.float64),
        val_gain=np.array([point.validation for point in points], dtype=np.float64),
        learning_rate=nothing,
        grad_norm=nothing,
        seconds=nothing,
        ended=nothing,
    )
    return curve_figure(curve, ChartOptions(smooth=0.0), best_epoch=best_epoch, look=look)


def curve_figure(
    curve: Curve,
    options: ChartOptions,
    *,
    best_epoch: int | None = None,
    look: Look = FIRST,
    planned: int = 0,
) -> go.Figure:
    """Validation and training, the chance line, the best epoch, breaks and learning-rate steps.

    Validation has the colour of the model, whose `look` it is, and training another.
    Smoothed lines have what was measured faintly behind them; the best epoch is as measured.
    """
    figure, factor = go.Figure(), options.factor(len(curve))
    x = axis_values(curve, options.x)
    for name, series in (("validation", look.series), ("training", look.beside)):
        _curve(figure, curve, (name, series), x, options, factor)
    place = curve.best(best_epoch)
    heights = curve.column("validation", delta=options.delta)
    figure.add_scatter(
        name="best epoch",
        x=[] if place is None else plain(x[[place]], 3),
        y=[] if place is None else plain(heights[[place]]),
        mode="markers",
        marker={"size": 11, "symbol": "circle-open", "line": {"width": 2}},
        hovertemplate=_hover(options.delta),
        meta={"series": look.series, "role": "best", "column": "validation"},
    )
    _steps(figure, curve, x)
    figure.update_layout(_layout(curve, options, factor, x))
    if not len(curve):
        chance = 0.0 if options.delta else curve.val_chance
        wait(figure, NO_EPOCH, planned=planned if options.x == "epoch" else 0, chance=chance)
    return figure


def axis_values(curve: Curve, axis: str) -> Floats:
    """Where the epochs lie: their numbers, or milliseconds for an axis of dates."""
    if axis == "time":
        return curve.worked * 1000
    return (curve.base + curve.ended) * 1000 if axis == "wall" else curve.numbers


def plain(values: Floats, decimals: int = 6) -> list[float | int | None]:
    """Numbers as JSON has them: short, and None where there is none."""
    return [_short(value, decimals) if isfinite(value) else None for value in values.tolist()]


def _short(value: float, decimals: int) -> float | int:
    return int(value) if value.is_integer() else round(value, decimals)


def line(curve: Curve, x: Floats, y: Floats) -> dict[str, list[float | int | None]]:
    """The points of a line: at most `MOST_POINTS`, with a hole at every break."""
    kept = thinned(y)
    holes = np.searchsorted(kept, [pause.place for pause in curve.breaks])
    return {
        "x": plain(np.insert(x[kept], holes, np.nan), 3),
        "y": plain(np.insert(y[kept], holes, np.nan)),
    }


def _curve(
    figure: go.Figure,
    curve: Curve,
    inked: tuple[str, int],
    x: Floats,
    options: ChartOptions,
    factor: float,
) -> None:
    """A series; when it is smoothed also what was measured, behind it."""
    name, series = inked
    measured = curve.column(name, delta=options.delta)
    shown, state = smoothed(measured, factor) if factor else (measured, (0.0, 0.0))
    meta = {"series": series, "column": name}
    figure.add_scatter(
        name=name,
        **line(curve, x, shown),
        mode="lines",
        line={"width": 2, "dash": DASHES[name]},
        hovertemplate=_hover(options.delta),
        meta={**meta, "role": "curve", "ema": list(state)},
    )
    if factor:
        figure.add_scatter(
            name=f"{name}, measured",
            **line(curve, x, measured),
            mode="lines",
            line={"width": 1},
            opacity=0.35,
            zorder=-1,
            showlegend=False,
            hoverinfo="skip",
            meta={**meta, "role": "raw"},
        )


def _steps(figure: go.Figure, curve: Curve, x: Floats) -> None:
    """Ticks at the foot of the figure where the learning rate changes suddenly."""
    places = curve.steps if len(curve.steps) <= MOST_STEPS else curve.steps[:0]
    if not len(places):
        return
    rates = curve.learning_rate
    figure.add_scatter(
        name="learning rate",
        x=plain(x[places], 3),
        y=[0.03] * len(places),
        text=[f"{rates[place - 1]:.3g} to {rates[place]:.3g}" for place in places.tolist()],
        yaxis="y2",
        mode="markers",
        marker={"symbol": "triangle-up", "size": 8},
        hovertemplate="learning rate %{text}",
        showlegend=False,
        meta={"series": 8, "role": "steps"},
    )


def _hover(delta: bool) -> str:
    return "%{y:+.4f} bits" if delta else "%{y:.4f} bits"


def _layout(curve: Curve, options: ChartOptions, factor: float, x: Floats) -> dict[str, Any]:
    """The chance line takes part in the range of y, so it is always inside."""
    log = options.log and _is_positive(curve, delta=options.delta)
    chance = [] if log and options.delta else _chance_lines(curve, options.delta)
    title = {"text": X_TITLE[options.x]}
    return {
        "template": None,
        "xaxis": {"title": title, **x_axis(curve, options)},
        "yaxis": {
            "title": {"text": Y_TITLE[options.delta]},
            "type": "log" if log else "linear",
        },
        "yaxis2": {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
        "shapes": [level(name, y) for name, y in chance] + rests(curve, x, options.x),
        "annotations": [label(name, math.log10(y) if log else y) for name, y in chance],
        "meta": live_meta(curve, options) | {"smooth": factor},
    }


def level(name: str, height: float) -> dict[str, Any]:
    """A dashed line over the whole width."""
    ends = {"xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": height, "y1": height}
    return {"type": "line", "name": name, **ends, "line": {"dash": "dash", "width": 1.5}}


def label(text: str, height: float) -> dict[str, Any]:
    """The name of a level, at its right end."""
    where = {"xref": "paper", "x": 1, "xanchor": "right", "y": height, "yanchor": "bottom"}
    return {"text": text, **where, "showarrow": False}


def rests(curve: Curve, x: Floats, axis: str) -> list[dict[str, Any]]:
    """The marks of the first breaks."""
    return [_break(curve, pause.place, x, axis) for pause in curve.breaks[:MOST_BREAKS]]


def live_meta(curve: Curve, options: ChartOptions) -> dict[str, Any]:
    """What chart.js must know to draw the epochs that are still to come."""
    return {
        "points": len(curve),
        "most": MOST_POINTS,
        "axis": options.x,
        "base": round(curve.base, 3),
        "delta": options.delta,
        "chance": {"validation": curve.val_chance, "training": curve.train_chance},
        "smooth": 0.0,
        "last": last_point(curve),
        "rules": {"break": BREAK_SECONDS, "abrupt": ABRUPT},
        "limits": {"steps": MOST_STEPS, "breaks": MOST_BREAKS},
    }


def last_point(curve: Curve) -> dict[str, float]:
    """Where chart.js goes on from: the newest epoch, its times and its learning rate."""
    if not len(curve):
        return {"number": 0, "time": 0, "wall": 0, "rate": 0}
    return {
        "number": int(curve.numbers[-1]),
        "time": round(float(curve.worked[-1]), 4),
        "wall": round(float(curve.ended[-1]), 3),
        "rate": float(curve.learning_rate[-1]),
    }


def _chance_lines(curve: Curve, delta: bool) -> list[tuple[str, float]]:
    """Chance is 0 for gains; a loss has the chance of the draws it was measured on."""
    if delta:
        return [("chance", 0.0)]
    if abs(curve.train_chance - curve.val_chance) < 1e-6:
        return [("chance", curve.val_chance)]
    return [
        ("chance, validation draws", curve.val_chance),
        ("chance, training draws", curve.train_chance),
    ]


def _is_positive(curve: Curve, *, delta: bool) -> bool:
    """Can the curve stand on a logarithmic axis?"""
    both = [curve.column(name, delta=delta) for name in DASHES]
    return all(bool((y[np.isfinite(y)] > 0).all()) for y in both)


def can_be_log(curve: Curve, options: ChartOptions) -> bool:
    """Are all values positive that the options show?"""
    return len(curve) > 0 and _is_positive(curve, delta=options.delta)


def _break(curve: Curve, place: int, x: Floats, axis: str) -> dict[str, Any]:
    """A strip over the time without work; on the other axes a thin line where it was."""
    first, last = float(x[place - 1]), float(x[place])
    if axis == "wall":
        last -= float(curve.seconds[place]) * 1000
    else:
        first = last = (first + last) / 2
    return {
        "type": "rect" if axis == "wall" else "line",
        "name": "break",
        "layer": "below",
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "x0": round(first, 3),
        "x1": round(last, 3),
        "line": {"width": 0 if axis == "wall" else 1, "dash": "dot"},
    }


def x_axis(curve: Curve, options: ChartOptions) -> dict[str, Any]:
    """The kind of the axis, and the zoom as its range."""
    found: dict[str, Any] = {}
    if options.x != "epoch":
        found = {"type": "date", "tickformatstops": _TICKS}
    if options.zoom:
        base, unit = (curve.base if options.x == "wall" else 0.0), 1000
        first, last = options.zoom
        if options.x == "epoch":
            base, unit = 0.0, 1
        found["range"] = [round((base + first) * unit, 3), round((base + last) * unit, 3)]
    return found
