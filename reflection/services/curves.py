"""The learning curve of a session, from its epoch rows."""

from dataclasses import dataclass, field

import numpy as np

from reflection.statistics.learning_curves import (
    Efficiency,
    Instability,
    efficiency,
    instability,
    is_plateau,
    overfit_onset,
)
from reflection.statistics.subsets import Floats
from registry.models import ModelArtifact
from training.models import Epoch, TrainingSession

_COLUMNS = ("number", "train_bits", "val_bits", "gain", "grad_norm", "seconds")


@dataclass(frozen=True)
class LossCurve:
    """One value per epoch, in bits per draw; gains are over chance.

    `chance_bits` is what a fair drum costs on the validation draws.
    """

    epochs: list[int]
    train_bits: list[float]
    val_bits: list[float]
    val_gains: list[float]
    train_gains: list[float]
    chance_bits: float
    best_epoch: int
    seconds: list[float] = field(repr=False)
    grad_norms: list[float] = field(repr=False)

    @property
    def best_gain(self) -> float:
        """Validation gain of the best epoch."""
        return self.val_gains[self.best_epoch - 1]

    def efficiency(self) -> Efficiency | None:
        """What the training bought for its time."""
        return efficiency(self.val_gains, self.seconds)

    def instability(self) -> Instability | None:
        """The first epoch that went wrong."""
        return instability(self.val_bits, self.grad_norms)

    def onset(self, error: float | None) -> int | None:
        """The first epoch as good as the best within one standard error."""
        return None if error is None else overfit_onset(self.val_gains, error)

    def is_flat(self, error: float | None) -> bool:
        """Whether the last ten epochs moved less than the error of the measurement."""
        return error is not None and is_plateau(self.val_bits, error)


def loss_curve(session: TrainingSession, artifact: ModelArtifact | None) -> LossCurve | None:
    """The curve of a session's finished epochs; None before the first finite one. One query."""
    rows = Epoch.objects.filter(session=session).order_by("number").values_list(*_COLUMNS)
    table = np.array(list(rows), dtype=np.float64).reshape(-1, len(_COLUMNS))
    if not len(table):
        return None
    numbers, train, val, gain, norms, seconds = table.T
    finite = np.isfinite(val) & np.isfinite(gain)
    if not finite.any():
        return None
    chance = float(np.median(val[finite] + gain[finite]))
    train_chance = _train_chance(session, artifact, chance)
    return LossCurve(
        epochs=[int(n) for n in numbers],
        train_bits=train.tolist(),
        val_bits=val.tolist(),
        val_gains=gain.tolist(),
        train_gains=(train_chance - train).tolist(),
        chance_bits=chance,
        best_epoch=int(np.argmax(np.where(finite, gain, -np.inf))) + 1,
        seconds=seconds.tolist(),
        grad_norms=norms.tolist(),
    )


def _train_chance(
    session: TrainingSession, artifact: ModelArtifact | None, val_chance: float
) -> float:
    """Bits of a fair drum on the training draws: as split, as measured, else as validation's."""
    split = session.split.get("train", {}).get("chance_bits")
    metrics = artifact.metrics if artifact is not None else {}
    if split is not None:
        return float(split)
    if metrics.get("train_bits") is not None and metrics.get("train_gain") is not None:
        return float(metrics["train_bits"] + metrics["train_gain"])
    return val_chance


def standard_error(gains: Floats) -> float | None:
    """Standard error of the mean of per-draw gains; None below two."""
    if gains.size < 2:
        return None
    return float(gains.std(ddof=1) / np.sqrt(gains.size))
