"""The models that train together in one session: their curves, and how far seeds spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np
from numpy.typing import NDArray

from training.engine.config import Config
from training.histories import read_history
from training.models import TrainingSession

FIGURES = ("train_bits", "val_bits", "gain", "grad_norm")  # the columns of Epoch.rows


@dataclass(frozen=True, slots=True)
class Replica:
    """One model of a session. Gains are validation bits over chance per draw; curve by epoch."""

    number: int
    seed: int
    learning_rate: float
    weight_decay: float
    data_source: str
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
    found = read_history(session, ("number", "rows")).rows
    stored = [(number, bytes(rows)) for number, rows in found if rows is not None]
    if len(config.rows) < 2 or not stored:
        return []
    gains = _gains([rows for _, rows in stored], len(config.rows))
    best = _best(gains)
    return [
        Replica(
            number=k + 1,
            seed=row.seed,
            learning_rate=row.learning_rate,
            weight_decay=row.weight_decay,
            data_source=row.data_source or session.dataset.name,
            best_epoch=stored[best[k]][0],
            best_gain=float(gains[best[k], k]),
            curve=tuple(gains[:, k].tolist()),
        )
        for k, row in enumerate(config.rows)
    ]


def best_epochs(session: TrainingSession, stored: Sequence[bytes | None]) -> list[int]:
    """The best epoch of each model of a session, by the stored rows of all of its epochs."""
    count = len(Config.parse(session.config).rows)
    there = [rows for rows in stored if rows is not None]
    if count < 2 or len(there) != len(stored):
        return []
    return [int(place) + 1 for place in _best(_gains(there, count))]


def _gains(stored: list[bytes], count: int) -> NDArray[np.float32]:
    return curves(stored, count)[:, :, FIGURES.index("gain")]


def _best(gains: NDArray[np.float32]) -> NDArray[np.int64]:
    """The place of the highest finite gain of each model."""
    found: NDArray[np.int64] = np.where(np.isfinite(gains), gains, -np.inf).argmax(axis=0)
    return found


def curves(stored: list[bytes], count: int) -> NDArray[np.float32]:
    """Stored rows of epochs -> float32 (epochs, K, figures)."""
    return np.frombuffer(b"".join(stored), np.float32).reshape(-1, count, len(FIGURES))


def spread(models: list[Replica]) -> Spread | None:
    """The spread of the best gains; None for fewer than two models."""
    if len(models) < 2:
        return None
    gains = [model.best_gain for model in models]
    return Spread(len(gains), fmean(gains), stdev(gains), min(gains), max(gains))
