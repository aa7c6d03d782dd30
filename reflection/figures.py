"""Figures of the reflection pages: numbers in, Plotly figures out, and dots for lists."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from memory.sentences import counted
from reflection.services.curves import LossCurve
from reflection.statistics.intervals import Interval
from reflection.statistics.verdicts import signed
from registry.figures import furthest
from registry.looks import FIRST, Look
from training.figures import MOST_POINTS, CurvePoint, gain_curve

MOST_ROWS = 200


def gain_figure(curve: LossCurve, look: Look = FIRST) -> go.Figure:
    """Bits gained over chance per epoch: training, validation, chance and the best epoch."""
    values = zip(curve.epochs, curve.train_gains, curve.val_gains, strict=True)
    points = [CurvePoint(number, train, validation) for number, train, validation in values]
    return gain_curve(points, best_epoch=curve.best_epoch, look=look)


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
        f"Validation gain over {counted(epochs, 'epoch')}, chance at 0: "
        f"best {signed(curve.best_gain)} bits per draw at epoch {curve.best_epoch:,}, "
        f"last {signed(curve.val_gains[-1])}; training ended at {signed(curve.train_gains[-1])}."
    )
    return text if epochs <= MOST_POINTS else f"{text} {MOST_POINTS:,} of {epochs:,} points."


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
    places = {
        *range(0, len(curve.epochs), step),
        curve.place_of(curve.best_epoch),
        len(curve.epochs) - 1,
    }
    return [
        CurveRow(
            epoch=curve.epochs[place],
            train_bits=curve.train_bits[place],
            val_bits=curve.val_bits[place],
            val_gain=curve.val_gains[place],
            best=curve.epochs[place] == curve.best_epoch,
        )
        for place in sorted(places)
    ]


@dataclass(frozen=True)
class Dot:
    """A dot with its interval on an axis of `width` pixels; `chance` is where 0 lies.

    `off` is -1 or 1 for what lies far to the left or right of the axis, whose dot is an arrow.
    """

    mean: float
    low: float
    high: float
    chance: float
    width: int
    off: int = 0

    @property
    def arrow(self) -> str:
        """The path of the arrow at the end of the axis."""
        tip, back = (1, 9) if self.off < 0 else (self.width - 1, self.width - 9)
        return f"M{tip} 10 L{back} 4 L{back} 16 Z"


def dots(
    intervals: Sequence[Interval | None], width: int = 160, *, whole: bool = False
) -> list[Dot | None]:
    """Place intervals on one common axis that always shows chance; None stays None.

    One that reaches many times as far as most would leave the others no room: it lies off the
    axis, unless the `whole` range is wanted.
    """
    reaches = [reach_of(one) for one in intervals if one is not None]
    far = np.inf if whole else furthest(reaches)
    near = [one for one in intervals if one is not None and reach_of(one) <= far]
    low, high = padded([0.0, *(end for one in near for end in ends_of(one))])

    def at(value: float) -> float:
        return round((min(high, max(low, value)) - low) / (high - low) * width, 1)

    def dot(one: Interval) -> Dot:
        begin, end = min(ends_of(one)), max(ends_of(one))
        off = 0 if reach_of(one) <= far else 1 if one.mean > 0.0 else -1
        return Dot(at(one.mean), at(begin), at(end), at(0.0), width, off)

    return [None if one is None else dot(one) for one in intervals]


def ends_of(one: Interval) -> list[float]:
    """The mean and the ends that are known."""
    return [end for end in (one.mean, one.low, one.high) if end is not None]


def reach_of(one: Interval) -> float:
    """How far from chance an interval reaches."""
    return max(abs(end) for end in ends_of(one))
