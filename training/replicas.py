"""The models that train together in one session: their curves, and how far seeds spread."""

from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np
from numpy.typing import NDArray

from training.engine.config import Config
from training.models import TrainingSession

FIGURES = ("train_bits", "val_bits", "gain", "grad_norm")  # the columns of Epoch.rows


@dataclass(frozen=True, slots=True)
class Replica:
    """One model of a session. Gains are validation bits over chance per draw; curve by epoch."""

    number: int
    seed: int
    learning_rate: float
    weight_decay: float
    best_epoch: int
    best_gain: float
    curve: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """How the best gains of the models differ: from seed to seed, when only seeds do."""

    count: int
    mean: float
    deviation: float
    lowest: float
    highest: float


def replicas(session: TrainingSession) -> list[Replica]:
    """Each model of the session with its curve; empty for a session of one model."""
    config = Config.parse(session.config)
    found = session.epochs.values_list("rows", flat=True)
    stored = [bytes(rows) for rows in found if rows is not None]
    if len(config.rows) < 2 or not stored:
        return []
    figures = curves(stored, len(config.rows))
    gains = figures[:, :, FIGURES.index("gain")]
    best = np.nanargmax(np.where(np.isfinite(gains), gains, -np.inf), axis=0)
    return [
        Replica(
            number=k + 1,
            seed=row.seed,
            learning_rate=row.learning_rate,
            weight_decay=row.weight_decay,
            best_epoch=int(best[k]) + 1,
            best_gain=float(gains[best[k], k]),
            curve=tuple(gains[:, k].tolist()),
        )
        for k, row in enumerate(config.rows)
    ]


def curves(stored: list[bytes], count: int) -> NDArray[np.float32]:
    """Stored rows of epochs -> float32 (epochs, K, figures)."""
    return np.frombuffer(b"".join(stored), np.float32).reshape(-1, count, len(FIGURES))


def spread(models: list[Replica]) -> Spread | None:
    """The spread of the best gains; None for fewer than two models."""
    if len(models) < 2:
        return None
    gains = [model.best_gain for model in models]
    return Spread(len(gains), fmean(gains), stdev(gains), min(gains), max(gains))
