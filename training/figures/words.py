"""What a figure shows, in a sentence or two: its text alternative.

Numbers are as measured, with as many decimals as the reader likes.
"""

import numpy as np

from memory.display import display
from memory.sentences import counted
from training.figures.curve import MOST_STEPS, Curve, Floats
from training.figures.options import ChartOptions
from training.figures.thinning import MOST_POINTS

MINUS = "\N{MINUS SIGN}"


def course_words(
    count: int, validation: float, training: float, best: tuple[int, float] | None
) -> str:
    """Where a training is after `count` epochs: gains of its newest and its best epoch."""
    if not count:
        return "No epoch yet; the first one begins the curve."
    text = (
        f"After {counted(count, 'epoch')} the validation draws are at "
        f"{_signed(validation)} bits per draw against chance (0)"
    )
    if best and best[0] == count:
        text += ", the best so far"
    elif best:
        text += f"; the best was {_signed(best[1])} at epoch {best[0]:,}"
    text += f". The training draws are at {_signed(training)}"
    apart = training - validation
    if np.isfinite(apart):
        text += f", {abs(apart):.{display().decimals}f} {'above' if apart > 0 else 'below'} validation"
    return f"{text}."


def curve_words(curve: Curve, *, best_epoch: int | None = None) -> str:
    """The course of validation and training, beside chance."""
    if not len(curve):
        return course_words(0, 0.0, 0.0, None)
    place = curve.best(best_epoch)
    best = None if place is None else (int(curve.numbers[place]), float(curve.val_gain[place]))
    last = float(curve.val_gain[-1]), float(curve.train_gain[-1])
    return course_words(int(curve.numbers[-1]), *last, best)


def remarks(curve: Curve, options: ChartOptions) -> str:
    """What was done to the lines, and where they are broken."""
    found, breaks = [], curve.breaks
    if breaks:
        times = "once" if len(breaks) == 1 else f"{len(breaks):,} times"
        idle = sum(pause.seconds for pause in breaks)
        found.append(f"Work rested {times}, {_duration(idle)} in all.")
    factor = options.factor(len(curve))
    if factor:
        found.append(f"Lines are smoothed by {factor:g}; the faint ones are as measured.")
    if 0 < len(curve.steps) <= MOST_STEPS:
        found.append("Triangles mark steps of the learning rate.")
    if len(curve) > MOST_POINTS:
        found.append(f"{MOST_POINTS:,} of {len(curve):,} points are drawn.")
    return " ".join(found)


def small_words(curve: Curve, column: str) -> str:
    """The course of a learning rate, a gradient norm, hits, a pace or memory."""
    values = curve.column(column)
    values = values[np.isfinite(values)]
    if not len(values):
        return "Not measured." if len(curve) else "No epoch yet."
    low, high, last = (f"{value:.4g}" for value in (values.min(), values.max(), values[-1]))
    unit = {"seconds": " s", "memory": " MB"}.get(column, "")
    if column == "hits":
        of = "" if curve.chance_hits is None else f"; chance hits {curve.chance_hits:.4f}"
        return (
            f"Of the likeliest, {last} white balls came per validation draw{of}. "
            f"Lowest {low}, highest {high}."
        )
    if low == high:
        return f"{last}{unit} in every epoch."
    return f"From {low}{unit} to {high}{unit}, now {last}{unit}."


def replica_words(gains: Floats) -> str:
    """How far models of one session lie apart at its last epoch; `gains` is (epochs, models)."""
    last = gains[-1][np.isfinite(gains[-1])]
    if len(last) < 2:
        return "Fewer than two models have a finite gain."
    return (
        f"At epoch {len(gains):,} the {gains.shape[1]} models lie between {_signed(last.min())} "
        f"and {_signed(last.max())} bits per draw over chance (0), {_signed(last.mean())} on "
        f"average with a standard deviation of {last.std(ddof=1):.{display().decimals}f}."
    )


def _signed(value: float) -> str:
    if not np.isfinite(value):
        return "no finite number of"
    text = f"{abs(value):.{display().decimals}f}"
    return text if float(text) == 0 else ("+" if value > 0 else MINUS) + text


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    words = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{amount} {unit}" for amount, unit in words if amount) or "0 s"
