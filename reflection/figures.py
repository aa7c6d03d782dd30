"""Figures of the reflection pages: data in, Plotly figures out, and dots for lists.

Colours and fonts are the page's: a trace says in `meta.series` which series it is. The
chance line is always inside the visible range.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from reflection.services.curves import LossCurve
from reflection.statistics.intervals import Interval
from reflection.statistics.verdicts import signed

MOST_POINTS = 1500
MOST_ROWS = 200


def thin(values: Sequence[float], most: int = MOST_POINTS) -> list[int]:
    """Places of at most `most` values that keep each bucket's lowest and highest."""
    if len(values) <= most:
        return list(range(len(values)))
    kept = {0, len(values) - 1}
    for bucket in np.array_split(np.arange(len(values)), (most - 2) // 2):
        part = np.asarray(values)[bucket]
        kept |= {int(bucket[part.argmin()]), int(bucket[part.argmax()])}
    return sorted(kept)


def gain_figure(curve: LossCurve) -> go.Figure:
    """Bits gained over chance per epoch: training, validation, chance and the best epoch."""
    figure = go.Figure()
    if curve.train_gains is not None:
        _line(figure, curve.epochs, curve.train_gains, "Training", series=2, dash="dot")
    _line(figure, curve.epochs, curve.val_gains, "Validation", series=1)
    best = curve.best_epoch
    figure.add_trace(
        go.Scatter(
            x=[best],
            y=[curve.best_gain],
            name=f"Best: epoch {best}",
            mode="markers",
            marker={"size": 9, "symbol": "diamond"},
            meta={"series": 1},
        )
    )
    _chance_line(figure, 0.0)
    drawn = [*curve.val_gains, *(curve.train_gains or ()), 0.0]
    figure.update_layout(
        template=None,
        xaxis={"title": "Epoch"},
        yaxis={"title": "Bits over chance per draw", "range": padded(drawn)},
    )
    return figure


def _line(
    figure: go.Figure,
    epochs: Sequence[int],
    values: Sequence[float],
    name: str,
    *,
    series: int,
    dash: str = "solid",
) -> None:
    kept = thin(values)
    figure.add_trace(
        go.Scatter(
            x=[epochs[place] for place in kept],
            y=[values[place] for place in kept],
            name=name,
            mode="lines" if len(kept) > 1 else "markers",
            line={"dash": dash},
            meta={"series": series},
        )
    )


def _chance_line(figure: go.Figure, level: float) -> None:
    """The dashed line of a fair drum, with its name at the right end."""
    figure.add_hline(
        y=level,
        line={"dash": "dash", "width": 1.5},
        name="chance",
        annotation={"text": "chance", "xanchor": "right", "yanchor": "bottom"},
    )


def padded(values: Sequence[float]) -> list[float]:
    """A range that holds every finite value with a twentieth of air on both sides."""
    finite = [value for value in values if np.isfinite(value)]
    low, high = min(finite), max(finite)
    air = (high - low) * 0.05 or 0.01
    return [low - air, high + air]


def gain_sentence(curve: LossCurve) -> str:
    """What the gain figure shows, in words: its text alternative."""
    epochs = len(curve.epochs)
    text = (
        f"Validation gain over {epochs:,} {'epoch' if epochs == 1 else 'epochs'}, chance at 0: "
        f"best {signed(curve.best_gain)} bits per draw at epoch {curve.best_epoch:,}, "
        f"last {signed(curve.val_gains[-1])}"
    )
    if curve.train_gains is not None:
        text += f"; training ended at {signed(curve.train_gains[-1])}"
    shown = len(thin(curve.val_gains))
    return (
        f"{text}." if shown == epochs else f"{text}. {shown:,} of {epochs:,} points are drawn."
    )


@dataclass(frozen=True)
class CurveRow:
    """A row of the figure's table twin; bits per draw."""

    epoch: int
    train_bits: float
    val_bits: float
    val_gain: float
    best: bool


def curve_rows(curve: LossCurve) -> list[CurveRow]:
    """The curve as a table: every epoch, or evenly spaced ones with the best and the last."""
    step = max(1, -(-len(curve.epochs) // MOST_ROWS))
    places = {*range(0, len(curve.epochs), step), curve.best_epoch - 1, len(curve.epochs) - 1}
    return [
        CurveRow(
            epoch=curve.epochs[place],
            train_bits=curve.train_bits[place],
            val_bits=curve.val_bits[place],
            val_gain=curve.val_gains[place],
            best=place == curve.best_epoch - 1,
        )
        for place in sorted(places)
    ]


@dataclass(frozen=True)
class Dot:
    """A dot with its interval on an axis of `width` pixels; `chance` is where 0 lies."""

    mean: float
    low: float
    high: float
    chance: float
    width: int


def dots(intervals: Sequence[Interval | None], width: int = 160) -> list[Dot | None]:
    """Place intervals on one common axis that always shows chance; None stays None."""
    ends = [0.0]
    for interval in intervals:
        if interval is not None:
            ends += [
                end for end in (interval.mean, interval.low, interval.high) if end is not None
            ]
    low, high = padded(ends)

    def at(value: float) -> float:
        return round((value - low) / (high - low) * width, 1)

    return [
        None
        if one is None
        else Dot(
            mean=at(one.mean),
            low=at(one.mean if one.low is None else one.low),
            high=at(one.mean if one.high is None else one.high),
            chance=at(0.0),
            width=width,
        )
        for one in intervals
    ]
