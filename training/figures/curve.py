"""The epochs of a session as arrays: what the figures of training are drawn from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BREAK_SECONDS = 3.0  # storing epochs and changing hands take less
MOST_STEPS = 30  # a learning rate that changes more often is a curve of its own
ABRUPT = 0.2  # change of the learning rate, as a share, that is a step and not a slope


@dataclass(frozen=True, slots=True)
class Break:
    """Time in which nobody worked, before the epoch at `place`."""

    place: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Curve:
    """One value per epoch; arrays are (epochs,). Bits are per draw, gains are over chance.

    `ended` is when each epoch ended, in seconds after `base`, which is the POSIX time of the
    session's start shifted to the time zone of the pages.
    """

    numbers: Floats
    train_gain: Floats
    val_gain: Floats
    learning_rate: Floats
    grad_norm: Floats
    seconds: Floats
    ended: Floats
    train_chance: float = 0.0
    val_chance: float = 0.0
    base: float = 0.0
    hits: Floats | None = None  # white balls per validation draw; NaN where not measured
    memory: Floats | None = None  # MB that the worker held, likewise
    chance_hits: float | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def worked(self) -> Floats:
        """Seconds of work until the end of each epoch, pauses left out."""
        return np.cumsum(self.seconds)

    def column(self, name: str, *, delta: bool = True) -> Floats:
        """A column that figures plot; training and validation as gain or as loss."""
        if name == "training":
            return self.train_gain if delta else self.train_chance - self.train_gain
        if name == "validation":
            return self.val_gain if delta else self.val_chance - self.val_gain
        found: Floats | None = getattr(self, name)
        return np.full(len(self), np.nan) if found is None else found

    @property
    def breaks(self) -> list[Break]:
        """Where nobody worked: a pause, a place in the queue, a worker that was lost."""
        idle = np.diff(self.ended) - self.seconds[1:]
        return [Break(int(i) + 1, float(idle[i])) for i in np.flatnonzero(idle > BREAK_SECONDS)]

    @property
    def steps(self) -> NDArray[np.int64]:
        """The places of epochs whose learning rate is suddenly another one; a slope has one."""
        before, after = self.learning_rate[:-1], self.learning_rate[1:]
        sudden = np.abs(after - before) > ABRUPT * np.abs(before)
        return np.flatnonzero(sudden & ~np.insert(sudden[:-1], 0, False)) + 1

    def best(self, number: int | None) -> int | None:
        """The place of an epoch; None when it is not here."""
        places = np.flatnonzero(self.numbers == number) if number else np.array([], int)
        return int(places[0]) if len(places) else None


def ends(stored: Sequence[float], seconds: Sequence[float]) -> Floats:
    """When each epoch ended, from when it was stored.

    Epochs are stored a few at a time. One ended no later than its successor began:
    end(n) = min(stored(n), end(n + 1) - seconds(n + 1)).
    """
    worked = np.cumsum(np.asarray(seconds, dtype=np.float64))
    slack = np.asarray(stored, dtype=np.float64) - worked
    found: Floats = worked + np.minimum.accumulate(slack[::-1])[::-1]
    return found


def smoothed(values: Floats, factor: float) -> tuple[Floats, tuple[float, float]]:
    """Exponential mean, debiased (Adam's correction), and its state for the next value.

    m(n) = f m(n-1) + (1 - f) y(n), w(n) = f w(n-1) + 1 - f, shown is m / w. What is not finite
    is left out of the mean and stays a hole.
    """
    mean = weight = 0.0
    shown = np.full(len(values), np.nan)
    for place, value in enumerate(values.tolist()):
        if not np.isfinite(value):
            continue
        mean = factor * mean + (1 - factor) * value
        weight = factor * weight + (1 - factor)
        shown[place] = mean / weight
    return shown, (mean, weight)
