"""The curves of a session's page: its epoch rows, drawn as the address asks for.

The page, its REST endpoint and the live messages use the same columns and the same clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils import timezone

from registry.looks import look_of
from training.figures import (
    AXES,
    SMALL,
    ChartOptions,
    Curve,
    Sketch,
    can_be_log,
    course_words,
    curve_figure,
    curve_words,
    ends,
    plain,
    remarks,
    sketch,
    small_figures,
    small_words,
)
from training.histories import read_history
from training.models import Epoch, TrainingSession

MB = 1e6  # bytes
COLUMNS = (
    "number",
    "train_bits",
    "val_bits",
    "gain",
    "learning_rate",
    "grad_norm",
    "seconds",
    "hits",
    "memory_bytes",
    "at",
)


@dataclass(frozen=True, slots=True)
class Chart:
    """What the main chart of a session shows, and how its form is filled in."""

    options: ChartOptions
    figure: dict[str, Any]
    sketch: Sketch | None
    words: str
    remarks: str
    smoothing: float
    log_is_possible: bool

    @property
    def axes(self) -> dict[str, str]:
        """The x axes that can be chosen."""
        return AXES

    @property
    def title(self) -> str:
        """What the figure is called."""
        return "Gain over chance" if self.options.delta else "Loss beside chance"

    @property
    def unit(self) -> str:
        """What the fields of the zoom count."""
        return "epoch" if self.options.x == "epoch" else "second"


def curve_of(session: TrainingSession, upto: int | None = None) -> Curve:
    """Every epoch of a session (up to a number) as arrays, from an archive too; one query or two."""
    return _curve(session, read_history(session, COLUMNS, upto=upto).rows)


def chart_of(session: TrainingSession, curve: Curve, options: ChartOptions) -> Chart:
    """The main chart of a session."""
    figure = curve_figure(
        curve,
        options,
        best_epoch=session.best_epoch,
        look=look_of(session.model.number),
        planned=session.total_epochs,
    )
    return Chart(
        options=options,
        figure=figure.to_plotly_json(),
        sketch=sketch(figure),
        words=curve_words(curve, best_epoch=session.best_epoch),
        remarks=remarks(curve, options),
        smoothing=options.factor(len(curve)),
        log_is_possible=can_be_log(curve, options),
    )


@dataclass(frozen=True, slots=True)
class SmallChart:
    """One of the small multiples."""

    title: str
    figure: dict[str, Any]
    words: str


def course_charts(curve: Curve, options: ChartOptions) -> dict[str, SmallChart]:
    """The small multiples, by column."""
    found = small_figures(curve, options)
    return {
        name: SmallChart(SMALL[name][0], figure.to_plotly_json(), small_words(curve, name))
        for name, figure in found.items()
    }


def words_now(session: TrainingSession, latest: Epoch | None) -> str:
    """The sentence under the chart while a session trains, without reading all its epochs."""
    if latest is None:
        return course_words(0, 0.0, 0.0, None)
    gain, train = latest.gain, train_chance(session, latest.val_bits + latest.gain)
    best = None
    if session.best_epoch is not None and session.best_gain is not None:
        best = session.best_epoch, session.best_gain
    return course_words(latest.number, gain, train - latest.train_bits, best)


def wire_points(session: TrainingSession, epochs: Sequence[Epoch]) -> list[list[float | None]]:
    """Epochs as chart.js reads them: number, training and validation gain, seconds, end after
    the start in seconds, learning rate, gradient norm, hits, MB of memory."""
    rows = ([getattr(epoch, name) for name in COLUMNS] for epoch in epochs)
    curve = _curve(session, rows)
    columns = (
        curve.numbers,
        curve.train_gain,
        curve.val_gain,
        curve.seconds,
        curve.ended,
        curve.learning_rate,
        curve.grad_norm,
        curve.column("hits"),
        curve.column("memory"),
    )
    return [list(row) for row in zip(*(plain(c, 9) for c in columns), strict=True)]


def train_chance(session: TrainingSession, chance: float) -> float:
    """The chance of the training draws; that of the validation draws where it is not known."""
    found: float = session.split.get("train", {}).get("chance_bits", chance)
    return found


def _curve(session: TrainingSession, rows: Iterable[Sequence[Any]]) -> Curve:
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    began = timezone.localtime(session.started_at or session.created_at)
    stored = [at.timestamp() - began.timestamp() for at in columns[-1]]
    numbers, train, val, gain, rate, norm, seconds, hits, memory = (
        np.asarray(column, dtype=np.float64) for column in columns[:-1]
    )
    sums = (val + gain)[np.isfinite(val) & np.isfinite(gain)]
    planned = session.split.get("val", {})
    chance = float(np.median(sums)) if len(sums) else planned.get("chance_bits", 0.0)
    of_train = train_chance(session, chance)
    shift = began.utcoffset()
    return Curve(
        numbers=numbers,
        train_gain=of_train - train,
        val_gain=gain,
        learning_rate=rate,
        grad_norm=norm,
        seconds=seconds,
        ended=ends(stored, seconds.tolist()) if stored else numbers,
        train_chance=of_train,
        val_chance=chance,
        base=began.timestamp() + (shift.total_seconds() if shift else 0.0),
        hits=hits,
        memory=memory / MB,
        chance_hits=planned.get("chance_hits"),
    )
