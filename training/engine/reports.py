"""What the engine says: one frozen report per epoch, one outcome at the end. Imports no torch.

Units: `*_bits` are bits per draw against the draw's own matrix (lower is better, 28.122388 is chance
for 5 of 69 + 1 of 26), `gain` is bits per draw above chance (higher is better, 0 is chance).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Weights = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class RowReport:
    """One epoch of one model of the state. A model that has stopped repeats its last epoch."""

    train_bits: float
    val_bits: float
    gain: float
    grad_norm: float
    learning_rate: float
    best: bool
    active: bool
    diverged: bool = False
    hits: float | None = None  # a checkpoint made before they were counted has none


@dataclass(frozen=True, slots=True)
class EpochReport:
    """One epoch: means over the rows, and each row.

    `loss` is what training minimised, in nats per draw; `gain` is measured on the validation draws;
    `grad_norm` is the mean length of the gradient over the epoch's steps, before clipping; `seconds`
    is wall time; `best` says whether no earlier epoch had fewer validation bits. `hits` are the drawn
    white balls among a model's likeliest, per validation draw, None where nothing finite was said;
    `memory_bytes` is what the process holds of the computer's memory as the epoch ends.
    """

    number: int
    train_bits: float
    val_bits: float
    gain: float
    learning_rate: float
    grad_norm: float
    seconds: float
    best: bool
    rows: tuple[RowReport, ...]
    loss: float
    hits: float | None = None
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """How one model ended: its best epoch (1, 2, ...) and its gains there."""

    seed: int
    learning_rate: float
    weight_decay: float
    best_epoch: int
    best_gain: float
    test_gain: float
    stopped_early: bool
    diverged: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """The best model and its score. Rows are forecast together, each with the same weight.

    `weights` have the models as their first axis: name -> (K, *shape), K = 1 for a single run.
    Gains are bits per draw above chance, oldest draw first. `hits` counts how many of the model's
    five likeliest white balls were drawn; `test_calibration` see `registry.networks.calibration`.
    """

    spec: Mapping[str, Any]
    weights: Weights
    best_epoch: int
    epochs: int
    stopped_early: bool
    train_bits: float
    val_bits: float
    val_gain: float
    test_gain: float
    train_gains: Floats
    val_gains: Floats
    test_gains: Floats
    test_dates: tuple[str, ...]
    test_hits: Ints
    test_bonus_hits: Ints
    test_calibration: Mapping[str, Any]
    rows: tuple[RowOutcome, ...]
    environment: Mapping[str, Any] = field(default_factory=dict)


class Diverged(Exception):
    """Training ran away, from epoch `first_bad` on: a loss or gradient that is not finite, or three
    epochs in a row more than 5 bits above the best or with gradients far longer than usual
    (statistics.md 6). The state keeps the best weights: `finish` still works.
    """

    def __init__(self, *, epoch: int, first_bad: int, best_epoch: int, reason: str) -> None:
        begun = f" (the first of them: {first_bad})" if first_bad < epoch else ""
        super().__init__(f"Training diverged at epoch {epoch}: {reason}{begun}.")
        self.epoch = epoch
        self.first_bad = first_bad
        self.best_epoch = best_epoch
        self.reason = reason
