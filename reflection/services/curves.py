"""The learning curve of a session, from its epoch rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

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
from registry.models import ModelArtifact, RegisteredModel
from training.histories import read_history
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
    source_words: str = ""  # where the epochs are read from, when not from the database

    @property
    def best_gain(self) -> float:
        """Validation gain of the best epoch."""
        return self.val_gains[self.place_of(self.best_epoch)]

    def place_of(self, number: int) -> int:
        """Where an epoch is in the lists: of a thinned curve, not all are there."""
        return self.epochs.index(number)

    def efficiency(self) -> Efficiency | None:
        """What the training bought for its time."""
        return efficiency(self.val_gains, self.seconds)

    def instability(self) -> Instability | None:
        """The first epoch that went wrong."""
        found = instability(self.val_bits, self.grad_norms)
        return found and replace(found, epoch=self.epochs[found.epoch - 1])

    def onset(self, error: float | None) -> int | None:
        """The first epoch as good as the best within one standard error."""
        place = None if error is None else overfit_onset(self.val_gains, error)
        return None if place is None else self.epochs[place - 1]

    def is_flat(self, error: float | None) -> bool:
        """Whether the last ten epochs moved less than the error of the measurement."""
        return error is not None and is_plateau(self.val_bits, error)


def loss_curve(session: TrainingSession, artifact: ModelArtifact | None) -> LossCurve | None:
    """The curve of a session's finished epochs; None before the first finite one. One query."""
    history = read_history(session, _COLUMNS)
    table = np.array(history.rows, dtype=np.float64).reshape(-1, len(_COLUMNS))
    if not len(table):
        return None
    numbers, train, val, gain, norms, seconds = table.T
    finite = np.isfinite(val) & np.isfinite(gain)
    if not finite.any():
        return None
    chance = float(np.median(val[finite] + gain[finite]))
    train_chance = _train_chance(session, artifact, chance)
    return LossCurve(
        source_words=history.words,
        epochs=[int(n) for n in numbers],
        train_bits=train.tolist(),
        val_bits=val.tolist(),
        val_gains=gain.tolist(),
        train_gains=(train_chance - train).tolist(),
        chance_bits=chance,
        best_epoch=int(numbers[np.argmax(np.where(finite, gain, -np.inf))]),
        seconds=seconds.tolist(),
        grad_norms=norms.tolist(),
    )


@dataclass(frozen=True)
class Overlay:
    """The curve of a model's newest version, to be laid over others: gains in bits per draw.

    `seconds` are those of training until the end of each epoch.
    """

    model_name: str
    number: int  # of the model
    epochs: list[int]
    seconds: list[float]
    val_gains: list[float]
    train_gains: list[float]


def overlays(names: Sequence[str]) -> list[Overlay]:
    """The curves of several models' newest versions, in their order. Three queries at most.

    Models without a version that a session made are left out.
    """
    models = RegisteredModel.objects.filter(key__in=[name.casefold() for name in names])
    newest = {model.key: model for model in models.select_related("newest")}
    made = {model.newest.session_id for model in newest.values() if model.newest}
    sessions = TrainingSession.objects.in_bulk([number for number in made if number])
    rows = _rows_of(list(sessions.values()))
    found = []
    for name in names:
        model = newest.get(name.casefold())
        artifact = model.newest if model else None
        session = sessions.get(artifact.session_id or 0) if artifact else None
        if model and session and rows[session.pk]:
            found.append(_overlay(model, session, artifact, rows[session.pk]))
    return found


def curves_of(sessions: Sequence[TrainingSession]) -> list[Overlay]:
    """The curves of sessions, in their order; those without an epoch are left out."""
    rows = _rows_of(sessions)
    return [_overlay(row.model, row, None, rows[row.pk]) for row in sessions if rows[row.pk]]


def _rows_of(sessions: Sequence[TrainingSession]) -> dict[int, list[tuple[float, ...]]]:
    """The epochs of sessions: of those in the database by one query, the others one by one."""
    hot = [session.pk for session in sessions if session.epochs_kept is None]
    rows: dict[int, list[tuple[float, ...]]] = {number: [] for number in hot}
    epochs = Epoch.objects.filter(session__in=hot).order_by("session", "number")
    for session, *figures in epochs.values_list("session", *_COLUMNS):
        rows[session].append(tuple(figures))
    cold = (session for session in sessions if session.epochs_kept is not None)
    return rows | {session.pk: read_history(session, _COLUMNS).rows for session in cold}


def _overlay(
    model: RegisteredModel,
    session: TrainingSession,
    artifact: ModelArtifact | None,
    rows: list[tuple[float, ...]],
) -> Overlay:
    numbers, train, val, gain, _, seconds = np.array(rows, dtype=np.float64).T
    finite = np.isfinite(val) & np.isfinite(gain)
    chance = float(np.median(val[finite] + gain[finite])) if finite.any() else 0.0
    return Overlay(
        model_name=model.name,
        number=model.number,
        epochs=[int(number) for number in numbers],
        seconds=np.cumsum(seconds).tolist(),
        val_gains=gain.tolist(),
        train_gains=(_train_chance(session, artifact, chance) - train).tolist(),
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
