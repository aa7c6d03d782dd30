"""Figures of the comparison: competitors in, Plotly figures out, each with its sentence.

y is bits gained over chance per draw. A model has the colour that it has everywhere; what a
figure leaves out its sentence says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
import plotly.graph_objects as go

from memory.sentences import counted
from reflection.services.competitors import Competitor
from reflection.services.curves import Overlay
from reflection.statistics.verdicts import signed
from registry.looks import SERIES, Look, look_of, looks_of
from training.figures import thinned
from training.figures.curve import smoothed

Numbered = TypeVar("Numbered", bound="_Numbered")


class _Numbered(Protocol):
    """What is drawn of a model."""

    @property
    def number(self) -> int: ...


def by_colour(items: Sequence[Numbered]) -> dict[int, list[Numbered]]:
    """What is drawn of models, by the colour of each: a trace has one colour."""
    found: dict[int, list[Numbered]] = {}
    for item in items:
        found.setdefault(look_of(item.number).series, []).append(item)
    return found


@dataclass(frozen=True)
class Drawing:
    """A figure with the sentence that says what it shows: its text alternative."""

    figure: dict[str, Any]
    words: str


def efficiency(models: Sequence[Competitor]) -> Drawing | None:
    """Best validation gain beside the seconds it took, with the line that no model beats."""
    points = [one for one in models if one.best_gain is not None and one.seconds > 0.0]
    if not points:
        return None
    figure = go.Figure()
    largest = max(one.parameter_count or 0 for one in points) or 1
    # neighbours in time by turns, so that fewer names lie on each other
    turns = _by_turns([one.seconds for one in points])
    looks = looks_of([one.number for one in points])
    for one, look, turn in zip(points, looks, turns, strict=True):
        size = 10 + 14 * ((one.parameter_count or 0) / largest) ** 0.5
        figure.add_scatter(
            name=one.model_name,
            x=[one.seconds],
            y=[one.best_gain],
            text=[one.model_name],
            mode="markers+text",
            textposition=turn,
            marker={"size": size, "symbol": look.marker},
            hovertemplate="%{text}: %{y:+.4f} bits in %{x:.1f} s<extra></extra>",
            showlegend=False,
            meta={"series": look.series},
        )
    front = sorted((one for one in points if one.efficient), key=lambda one: one.seconds)
    figure.add_scatter(
        name="none is cheaper and better",
        x=[one.seconds for one in front],
        y=[one.best_gain for one in front],
        mode="lines",
        line={"dash": "dash", "shape": "hv", "width": 1.5},
        hoverinfo="skip",
        meta={"series": SERIES},
    )
    figure.update_layout(_layout("seconds of training", log=True))
    names = ", ".join(one.model_name for one in front)
    words = (
        f"Best validation gain beside seconds of training for {len(points)}"
        f" {_noun(points)}; the larger the dot, the more parameters. No model is cheaper and better"
        f" than {names}."
    )
    return Drawing(figure.to_plotly_json(), words)


def overlay(
    curves: Sequence[Overlay], *, by: str, train: bool, smooth: float = 0.0
) -> Drawing | None:
    """Validation gain of every model by epoch or by seconds of training, one line each."""
    if not curves:
        return None
    figure = go.Figure()
    looks = looks_of([curve.number for curve in curves[:SERIES]])
    for curve, look in zip(curves, looks, strict=False):
        x = curve.seconds if by == "seconds" else [float(epoch) for epoch in curve.epochs]
        _line(figure, curve.model_name, x, _drawn(curve.val_gains, smooth), look)
        if train:
            name, gains = f"{curve.model_name}, training", _drawn(curve.train_gains, smooth)
            _line(figure, name, x, gains, look, dash="dot")
    figure.update_layout(_layout("seconds of training" if by == "seconds" else "epoch"))
    best = max(curves, key=lambda curve: max(curve.val_gains))
    words = (
        f"Validation gain of {len(curves[:SERIES])} {_noun(curves[:SERIES])} by"
        f" {'time' if by == 'seconds' else 'epoch'}, chance at 0; the highest point is"
        f" {signed(max(best.val_gains))} of {best.model_name}."
    )
    if len(curves) > SERIES:
        words += f" {SERIES} of {len(curves)} are drawn."
    if smooth:
        words += f" Lines are smoothed by {smooth:g}; the number is as measured."
    return Drawing(figure.to_plotly_json(), words)


def _drawn(gains: Sequence[float], smooth: float) -> Sequence[float]:
    if not smooth:
        return gains
    measured = np.asarray(gains, dtype=np.float64)
    return [float(gain) for gain in smoothed(measured, smooth)[0]]


def trends(models: Sequence[Competitor]) -> Drawing | None:
    """Best validation gain of each session in time, a line per model."""
    trained = [one for one in models if one.trend.sessions][:SERIES]
    if not trained or max(len(one.trend.sessions) for one in trained) < 2:
        return None
    figure = go.Figure()
    looks = looks_of([one.number for one in trained])
    for one, look in zip(trained, looks, strict=True):
        figure.add_scatter(
            name=one.model_name,
            x=one.trend.dates,
            y=one.trend.best_gains,
            mode="lines+markers",
            line={"width": 2, "dash": look.dash},
            marker={"size": 8, "symbol": look.marker},
            hovertemplate="%{y:+.4f} bits",
            meta={"series": look.series, "role": "curve"},
        )
    figure.update_layout(_layout("when the session ended"))
    sessions = sum(len(one.trend.sessions) for one in trained)
    words = f"Best validation gain of {counted(sessions, 'session')} of {counted(len(trained), 'model')} in time, chance at 0."
    return Drawing(figure.to_plotly_json(), words)


def _line(
    figure: go.Figure,
    name: str,
    x: Sequence[float],
    y: Sequence[float],
    look: Look,
    *,
    dash: str = "",
) -> None:
    kept = thinned(np.asarray(y, dtype=np.float64)).tolist()
    figure.add_scatter(
        name=name,
        x=[x[place] for place in kept],
        y=[y[place] for place in kept],
        mode="lines",
        line={"width": 2, "dash": dash or look.dash},
        hovertemplate="%{y:+.4f} bits",
        meta={"series": look.series, "role": "curve"},
    )


def _layout(title: str, *, log: bool = False) -> dict[str, Any]:
    """The chance line takes part in the range of y, so it is always inside."""
    chance = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": 0, "y1": 0}
    label = {"text": "chance", "xref": "paper", "x": 1, "xanchor": "right", "y": 0}
    return {
        "template": None,
        "xaxis": {"title": {"text": title}, **({"type": "log"} if log else {})},
        "yaxis": {"title": {"text": "bits over chance per draw"}},
        "shapes": [chance | {"line": {"dash": "dash", "width": 1.5}}],
        "annotations": [label | {"yanchor": "bottom", "showarrow": False}],
    }


def _by_turns(values: Sequence[float]) -> list[str]:
    order = sorted(range(len(values)), key=values.__getitem__)
    return [
        f"{'bottom' if order.index(place) % 2 else 'top'} center"
        for place in range(len(values))
    ]


def _noun(items: Sequence[object]) -> str:
    return "model" if len(items) == 1 else "models"
