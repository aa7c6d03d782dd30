"""The verbs of draw histories. HTML, REST and commands call these and nothing below them."""

from training.services.draws.histories import (
    create_dataset,
    eras_of_dataset,
    find_dataset,
    find_game,
    load_history,
)
from training.services.draws.imports import (
    Conflicting,
    ImportResult,
    Preview,
    apply_import,
    preview_import,
    undo_import,
)
from training.services.draws.official import Download, SourceUnavailable, fetch_official
from training.services.draws.simulated import ensure_first_dataset, read_file, simulate_dataset
from training.services.draws.staging import Staged, stage, take_staged

__all__ = [
    "Conflicting",
    "Download",
    "ImportResult",
    "Preview",
    "SourceUnavailable",
    "Staged",
    "apply_import",
    "create_dataset",
    "ensure_first_dataset",
    "eras_of_dataset",
    "fetch_official",
    "find_dataset",
    "find_game",
    "load_history",
    "preview_import",
    "read_file",
    "simulate_dataset",
    "stage",
    "take_staged",
    "undo_import",
]
