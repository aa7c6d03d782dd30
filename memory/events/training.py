"""What happens to sessions and draws."""

from memory.events.event import Event

# Gains are bits per draw over chance (chance = 0).
_DATASET = {"dataset": "name of the dataset"}
_EPOCH = {"epoch": "number of the last finished epoch"}
_VERSION = {"version": "version number of the model"}
_FILE = {"file_name": "name of the file as it was sent"}

TRAINING = (
    Event(
        "training_start",
        "Training started",
        "{model_name} was queued for training[: {epochs:epochs}][ on {dataset}].",
        needs={"epochs": "epochs asked for", **_DATASET},
        may={
            "config": "the whole configuration",
            "dataset_fingerprint": "content hash of all draws of the dataset",
            "session": "number of the session",
        },
    ),
    Event(
        "training_end",
        "Training finished",
        "{model_name} finished after {epochs:epochs}"
        "[: best validation gain {best_gain:bits} at epoch {best_epoch:count}][, {seconds:duration}].",
        needs={"epochs": "epochs trained", "best_epoch": "epoch whose weights were kept"},
        may={
            "best_gain": "validation gain of the best epoch, bits per draw over chance",
            "test_gain": "gain on the test draws, bits per draw over chance",
            "test_n": "number of test draws",
            "seconds": "process time, pauses left out",
            "stopped_early": "true when patience ran out",
            "epochs_digest": "SHA-256 over all epoch rows of the session",
            "weights_sha256": "SHA-256 of the weights that were kept",
            **_VERSION,
        },
    ),
    Event(
        "training_paused",
        "Training paused",
        "{model_name} was paused after epoch {epoch:count}[: {cause}].",
        needs=_EPOCH,
        may={"cause": "why, when nobody asked for it"},
    ),
    Event(
        "training_resumed",
        "Training resumed",
        "{model_name} was resumed after epoch {epoch:count}.",
        needs=_EPOCH,
    ),
    Event(
        "training_stopped",
        "Training stopped",
        "{model_name} was stopped after epoch {epoch:count}[; the best epoch was {best_epoch:count}].",
        level="warning",
        needs=_EPOCH,
        may={
            "mode": "keep or discard: what became of the best weights",
            "best_epoch": "epoch whose weights were kept",
            "best_gain": "validation gain of the best epoch, bits per draw over chance",
            "seconds": "process time, pauses left out",
            "weights_sha256": "SHA-256 of the weights that were kept",
            **_VERSION,
        },
    ),
    Event(
        "training_failed",
        "Training failed",
        "{model_name} failed[ after epoch {epoch:count}]: {message}",
        level="error",
        needs={"code": "short word for the cause", "message": "the cause in a sentence"},
        may=_EPOCH,
    ),
    Event(
        "training_interrupted",
        "Training interrupted",
        "{model_name} was interrupted after epoch {epoch:count}; it can be resumed.",
        level="warning",
        needs=_EPOCH,
        may={"worker": "name of the worker that held the session"},
    ),
    Event(
        "session_recovered",
        "Session recovered",
        "{model_name} was taken up again after epoch {epoch:count}[: {cause}].",
        level="warning",
        needs=_EPOCH,
        may={"cause": "why it had stopped", "worker": "name of the worker that held it"},
    ),
    Event(
        "session_verified",
        "Session verified",
        "{model_name} was trained again from its record: {outcome}[ ({cause})].",
        needs={"outcome": "identical or different, in words"},
        may={
            "epochs": "epochs compared",
            "first_difference": "first epoch that differs",
            "cause": "why the same bits could not be promised",
        },
    ),
    Event(
        "preset_saved",
        "Preset saved",
        "The preset {preset} was saved.",
        needs={"preset": "its name"},
        may={"settings": "what differs from the defaults"},
    ),
    Event(
        "preset_deleted",
        "Preset deleted",
        "The preset {preset} was deleted.",
        needs={"preset": "its name"},
        may={"settings": "what it held"},
    ),
)

_EPOCH_FILE = {"file_name": "name of the archive file", "sha256": "its SHA-256, hex"}
EPOCHS = (
    Event(
        "epochs_archived",
        "Epochs archived",
        "{epochs:epochs} of {sessions:sessions} moved to the archive[ ({size_bytes:bytes})].",
        needs={**_EPOCH_FILE, "epochs": "epochs in it", "sessions": "sessions they are of"},
        may={"size_bytes": "size of the file"},
    ),
    Event(
        "epochs_restored",
        "Epochs restored",
        "Restored from the archive: {epochs:epochs}.",
        needs={"file_name": "name of the archive file", "epochs": "epochs put back"},
    ),
    Event(
        "epochs_forgotten",
        "Epochs deleted",
        "The archived epochs of {sessions:sessions} were deleted for good"
        "[; {freed_bytes:bytes} freed]. Thinned curves stay.",
        level="warning",
        needs={**_EPOCH_FILE, "sessions": "sessions they were of"},
        may={"freed_bytes": "bytes freed on disk"},
    ),
)

DRAWS = (
    Event(
        "draws_imported",
        "Draws imported",
        "{new:count} new draws were imported into {dataset}[ from {file_name}]"
        "[; {same:count} were there already].",
        needs={**_DATASET, "new": "draws added"},
        may={
            **_FILE,
            "same": "draws that were there already",
            "sha256": "SHA-256 of the file, hex",
            "fingerprint": "content hash of the dataset afterwards",
        },
    ),
    Event(
        "import_undone",
        "Import undone",
        "The import[ of {file_name}] into {dataset} was undone[; {removed:draws} removed].",
        level="warning",
        needs=_DATASET,
        may={**_FILE, "removed": "draws removed", "fingerprint": "content hash afterwards"},
    ),
    Event(
        "dataset_simulated",
        "Dataset simulated",
        "{dataset} was simulated: {draws:draws}.",
        needs={**_DATASET, "draws": "number of draws"},
        may={"seed": "seed of the generator", "parameters": "what was planted"},
    ),
    Event(
        "draws_fetched",
        "Draws downloaded",
        "Downloaded from {source}: {draws:draws}[ for {dataset}].",
        needs={"source": "address asked", "draws": "draws in the answer"},
        may={**_DATASET, "sha256": "SHA-256 of the answer, hex"},
    ),
)
