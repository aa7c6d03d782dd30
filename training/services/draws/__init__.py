"""The verbs of draw histories. HTML, REST and commands call these and nothing below them."""

from training.services.draws.histories import (
    DatasetChanged,
    create_dataset,
    dataset_fingerprint,
    eras_of_dataset,
    find_dataset,
    find_game,
    history_as_of,
    known_history,
    load_history,
)
from training.services.draws.imports import (
    Conflicting,
    DrawFile,
    ImportResult,
    Preview,
    apply_import,
    find_columns,
    kept_columns,
    preview_import,
)
from training.services.draws.official import SourceUnavailable, fetch_official, official_host
from training.services.draws.simulated import (
    ensure_first_dataset,
    fair_twin,
    read_file,
    simulate_dataset,
)
from training.services.draws.staging import discard_staged, stage, take_staged
from training.services.draws.undoing import latest_import, undo_import

__all__ = [
    "Conflicting",
    "DatasetChanged",
    "DrawFile",
    "ImportResult",
    "Preview",
    "SourceUnavailable",
    "apply_import",
    "create_dataset",
    "dataset_fingerprint",
    "discard_staged",
    "ensure_first_dataset",
    "eras_of_dataset",
    "fair_twin",
    "fetch_official",
    "find_columns",
    "find_dataset",
    "find_game",
    "history_as_of",
    "kept_columns",
    "known_history",
    "latest_import",
    "load_history",
    "official_host",
    "preview_import",
    "read_file",
    "simulate_dataset",
    "stage",
    "take_staged",
    "undo_import",
]
