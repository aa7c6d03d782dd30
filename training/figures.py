"""Figures of training, as Plotly figures: numbers in, `go.Figure` out, drawn by chart.js.

y is bits gained over chance per draw: chance is 0, higher is better. Colours and fonts are the
page's: a trace says in `meta.series` which series of the stylesheet it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

MOST_POINTS = 1500  # of one series
Pair = tuple[int, float]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """An epoch of a curve: bits gained over chance per draw."""

    number: int
    train: float
    validation: float


def gain_curve(points: Sequence[CurvePoint], *, best_epoch: int | None = None) -> go.Figure:
    """Validation and training gain by epoch, the chance line, and the best epoch marked.

    The traces are in this order; chart.js extends them while a session trains.
    """
    figure = go.Figure()
    validation = [(point.number, point.validation) for point in points]
    _line(figure, "validation", validation, series=1, dash="solid")
    _line(figure, "training", [(p.number, p.train) for p in points], series=2, dash="dot")
    best = [pair for pair in validation if pair[0] == best_epoch]
    figure.add_scatter(
        name="best epoch",
        x=[x for x, _ in best],
        y=[y for _, y in best],
        mode="markers",
        marker={"size": 11, "symbol": "circle-open", "line": {"width": 2}},
        hovertemplate="%{y:+.4f} bits",
        meta={"series": 1, "role": "best"},
    )
    figure.update_layout(_layout(len(points)))
    return figure


def _line(figure: go.Figure, name: str, pairs: list[Pair], *, series: int, dash: str) -> None:
    kept = decimate(pairs, MOST_POINTS)
    figure.add_scatter(
        name=name,
        x=[x for x, _ in kept],
        y=[y for _, y in kept],
        mode="lines",
        line={"width": 2, "dash": dash},
        hovertemplate="%{y:+.4f} bits",
        meta={"series": series, "role": "curve"},
    )


def _layout(count: int) -> dict[str, Any]:
    """The chance line takes part in the range of y, so it is always inside."""
    chance = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": 0, "y1": 0}
    label = {"text": "chance", "xref": "paper", "x": 1, "xanchor": "right", "y": 0}
    return {
        "template": None,
        "xaxis": {"title": {"text": "epoch"}},
        "yaxis": {"title": {"text": "bits over chance per draw"}},
        "shapes": [chance | {"name": "chance", "line": {"dash": "dash", "width": 1.5}}],
        "annotations": [label | {"yanchor": "bottom", "showarrow": False}],
        "meta": {"points": count, "most": MOST_POINTS},
    }


def decimate(pairs: Sequence[Pair], most: int) -> list[Pair]:
    """At most `most` points of a series: the minimum and the maximum of equal buckets.

    The first and the last point stay, so that the curve begins and ends where it does.
    """
    if len(pairs) <= most:
        return list(pairs)
    inner = pairs[1:-1]
    buckets = (most - 2) // 2
    kept = [pairs[0]]
    for number in range(buckets):
        bucket = inner[number * len(inner) // buckets : (number + 1) * len(inner) // buckets]
        ends = {min(bucket, key=_height), max(bucket, key=_height)}
        kept.extend(sorted(ends))
    return [*kept, pairs[-1]]


def _height(pair: Pair) -> float:
    return pair[1]
