"""Draw histories and training sessions: the rows that are the truth."""

from training.models.draws import Dataset, Draw, DrawImport
from training.models.sessions import (
    Epoch,
    SessionLog,
    SessionQuerySet,
    TrainingSession,
    Worker,
)

__all__ = [
    "Dataset",
    "Draw",
    "DrawImport",
    "Epoch",
    "SessionLog",
    "SessionQuerySet",
    "TrainingSession",
    "Worker",
]
