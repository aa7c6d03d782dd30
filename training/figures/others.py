"""The smaller figures of a session: its course beside the curve, and its models side by side."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from registry.looks import FIRST, Look
from training.figures.curve import Curve, Floats
from training.figures.main import (
    axis_values,
    label,
    level,
    line,
    live_meta,
    plain,
    rests,
    x_axis,
)
from training.figures.options import ChartOptions
from training.figures.thinning import thinned
from training.figures.waiting import NO_EPOCH, NOT_MEASURED, wait

SMALL = {
    "learning_rate": ("Learning rate", 3, "%{y:.3g}"),
    "grad_norm": ("Gradient norm", 4, "%{y:.4g}"),
    "hits": ("Hits, white balls per draw", 1, "%{y:.3f} white balls"),
    "seconds": ("Seconds per epoch", 7, "%{y:.3f} s"),
    "memory": ("Memory of the worker, MB", 5, "%{y:,.0f} MB"),
}
SMALL_HEIGHT = 170
MOST_LINES = 16  # models drawn one by one; the band has all of them


def small_figures(curve: Curve, options: ChartOptions) -> dict[str, go.Figure]:
    """Learning rate, gradient norm, hits, pace and memory, on the x axis of the main chart."""
    x, found = axis_values(curve, options.x), {}
    for name, (title, series, hover) in SMALL.items():
        figure = go.Figure()
        figure.add_scatter(
            name=title,
            **line(curve, x, curve.column(name)),
            mode="lines",
            line={"width": 1.5},
            hovertemplate=hover,
            showlegend=False,
            meta={"series": series, "role": "curve", "column": name, "quiet": True},
        )
        figure.update_layout(
            template=None,
            height=SMALL_HEIGHT,
            xaxis=x_axis(curve, options) | {"nticks": 5, "tickangle": 0},
            yaxis={"rangemode": "tozero", "nticks": 5, "exponentformat": "e"},
            shapes=rests(curve, x, options.x),
            meta=live_meta(curve, options) | {"floor": 0.0},
        )
        if name == "hits" and curve.chance_hits is not None:
            figure.add_shape(level("chance", curve.chance_hits))
            figure.add_annotation(_below(f"dashed: chance {curve.chance_hits:.3f}"))
        if not np.isfinite(curve.column(name)).any():
            wait(figure, NOT_MEASURED if len(curve) else NO_EPOCH)
        found[name] = figure
    return found


def _below(text: str) -> dict[str, Any]:
    """A note at the foot of a figure, where a line that winds around chance does not cover it."""
    return label(text, 0.03) | {"yref": "paper"}


def replica_figure(gains: Floats, labels: Sequence[str], look: Look = FIRST) -> go.Figure:
    """Validation gains of models that train together: their mean, its spread, each of them.

    `gains` is (epochs, models); the band is one standard deviation between the models.
    """
    figure = go.Figure()
    usable = np.where(np.isfinite(gains), gains, np.nan)
    mean, spread = usable.mean(axis=1), usable.std(axis=1, ddof=1)
    for place, height in enumerate((mean - spread, mean + spread)):
        _over_epochs(
            figure,
            height,
            thinned(mean),
            name="one standard deviation",
            line={"width": 0},
            fill="tonexty" if place else "none",
            hoverinfo="skip",
            showlegend=bool(place),
            meta={"series": look.series, "role": "band"},
        )
    hover: dict[str, Any] = {"hovertemplate": "%{y:+.4f} bits"}
    for number, name in enumerate(labels[:MOST_LINES]):
        faint = {"line": {"width": 1}, "opacity": 0.6, "showlegend": False, **hover}
        one = usable[:, number]
        _over_epochs(
            figure, one, thinned(one), name=name, meta={"series": 8, "role": "raw"}, **faint
        )
    hover |= {"line": {"width": 2}, "meta": {"series": look.series, "role": "curve"}}
    _over_epochs(figure, mean, thinned(mean), name="mean", **hover)
    figure.update_layout(
        template=None,
        xaxis={"title": {"text": "epoch"}},
        yaxis={"title": {"text": "validation bits over chance per draw"}},
        shapes=[level("chance", 0.0)],
        annotations=[label("chance", 0.0)],
        meta={"points": len(gains), "delta": True},
    )
    return figure


def _over_epochs(figure: go.Figure, heights: Floats, kept: Any, **look: Any) -> None:
    """A line of one value per epoch."""
    epochs = np.arange(1, len(heights) + 1, dtype=np.float64)
    figure.add_scatter(x=plain(epochs[kept]), y=plain(heights[kept]), mode="lines", **look)
