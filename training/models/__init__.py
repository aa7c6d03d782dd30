"""Draw histories and training sessions: the rows that are the truth."""

from training.models.archives import CompactedEpochs, EpochFile
from training.models.defaults import TrainingDefaults
from training.models.draws import Dataset, Draw, DrawImport
from training.models.leases import LeasedManager, LeasedWork
from training.models.presets import SavedPreset
from training.models.sessions import (
    Epoch,
    SessionLog,
    TrainingSession,
    Worker,
)

__all__ = [
    "CompactedEpochs",
    "Dataset",
    "Draw",
    "DrawImport",
    "Epoch",
    "EpochFile",
    "LeasedManager",
    "LeasedWork",
    "SavedPreset",
    "SessionLog",
    "TrainingDefaults",
    "TrainingSession",
    "Worker",
]
