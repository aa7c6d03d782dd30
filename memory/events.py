"""The vocabulary of the journal: every event type, its metadata and its sentence.

One row of EVENTS is the whole truth about an event type. A sentence is a template of
`memory.sentences`: `{field}` or `{field:bits}` is filled in from the metadata (or from
`model_name`, `session_id`, `actor`, `reason`), and a part in [brackets] is left out when
a field in it is missing or null. To add an event, add a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LEVELS = ("info", "warning", "error")


@dataclass(frozen=True)
class Event:
    """One event type: `needs` and `may` map a metadata field to its meaning."""

    name: str
    title: str  # the word shown beside the icon
    sentence: str
    level: str = "info"
    needs: Mapping[str, str] = field(default_factory=dict)
    may: Mapping[str, str] = field(default_factory=dict)

    def check(self, metadata: Mapping[str, Any]) -> None:
        """Raise MissingField unless every field in `needs` is there."""
        missing = sorted(self.needs.keys() - metadata.keys())
        if missing:
            raise MissingField(f"{self.name} needs {', '.join(missing)} in its metadata.")


class UnknownEvent(LookupError):
    """An event type that is not in the vocabulary: a programming error."""


class UnknownLevel(LookupError):
    """A level that is not one of LEVELS: a programming error."""


class MissingField(LookupError):
    """Metadata without a documented field: a programming error."""


def event(name: str) -> Event:
    """Return the row of an event type, or raise UnknownEvent."""
    try:
        return EVENTS[name]
    except KeyError:
        raise UnknownEvent(f"{name!r} is not in memory/events.py; add a row.") from None


# Meanings that several rows share. Gains are bits per draw over chance (chance = 0).
_DATASET = {"dataset": "name of the dataset"}
_EPOCH = {"epoch": "number of the last finished epoch"}
_VERSION = {"version": "version number of the model"}
_SHA = {"sha256": "SHA-256 of the weights file, hex"}
_FILE = {"file_name": "name of the file as it was sent"}
_FREED = {"freed_bytes": "bytes freed on disk"}
_SPAN = {"first": "number of the first entry", "last": "number of the last entry"}

_TRAINING = (
    Event(
        "training_start",
        "Training started",
        "{model_name} was queued for training[: {epochs:count} epochs][ on {dataset}].",
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
        "{model_name} finished after {epochs:count} epochs"
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
        "{model_name} was paused after epoch {epoch:count}.",
        needs=_EPOCH,
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
        "{model_name} was trained again from its record: {outcome}.",
        needs={"outcome": "identical or different, in words"},
        may={"epochs": "epochs compared", "first_difference": "first epoch that differs"},
    ),
)

_MODELS = (
    Event(
        "model_saved",
        "Model saved",
        "{model_name} version {version} was saved[ ({size_bytes:bytes})].",
        needs={**_VERSION, **_SHA},
        may={"size_bytes": "size of the weights file", "parameter_count": "number of weights"},
    ),
    Event(
        "model_loaded",
        "Model loaded",
        "{model_name} version {version} was loaded; its checksum is right.",
        needs=_VERSION,
        may={**_SHA, "seconds": "time taken"},
    ),
    Event(
        "model_damaged",
        "Model damaged",
        "{model_name} version {version} is damaged: {problem}",
        level="error",
        needs={**_VERSION, "problem": "what is wrong with its files, as a sentence"},
    ),
    Event(
        "model_alias_moved",
        "Alias moved",
        "{alias} now names {model_name}[ version {version}][; before: {previous}].",
        needs={"alias": "the alias, for example champion"},
        may={**_VERSION, "previous": "what the alias named before"},
    ),
    Event(
        "model_deleted",
        "Model deleted",
        "{model_name}[ version {version}] was deleted[; {freed_bytes:bytes} freed].",
        level="warning",
        may={**_VERSION, **_FREED, "versions": "number of versions deleted"},
    ),
    Event(
        "model_archived",
        "Model archived",
        "{model_name}[ version {version}] was archived.",
        may=_VERSION,
    ),
    Event(
        "model_imported",
        "Model imported",
        "{model_name} version {version} was imported[ from {file_name}].",
        needs={**_VERSION, **_SHA},
        may=_FILE,
    ),
    Event(
        "model_import_rejected",
        "Model import refused",
        "A model file was refused: {problem}",
        level="warning",
        needs={"problem": "what is wrong with it, as a sentence"},
        may=_FILE,
    ),
    Event(
        "model_repaired",
        "Model repaired",
        "{model_name} version {version} is what was stored again.",
        needs=_VERSION,
    ),
    Event(
        "model_unloaded",
        "Model unloaded",
        "{model_name} version {version} was unloaded.",
        needs=_VERSION,
    ),
    Event(
        "model_alias_removed",
        "Alias removed",
        "{alias} names no version of {model_name} any more.",
        needs={"alias": "the alias, for example champion"},
        may={"previous": "what the alias named before"},
    ),
    Event(
        "model_edited",
        "Model edited",
        "The {part} of {model_name}[ version {version}] was edited.",
        needs={"part": "description, notes or tags"},
        may={**_VERSION, "added": "words added", "removed": "words removed"},
    ),
    Event(
        "model_unarchived",
        "Model unarchived",
        "{model_name}[ version {version}] was taken out of the archive.",
        may=_VERSION,
    ),
    Event(
        "model_trashed",
        "Model put in the trash",
        "{model_name}[ version {version}] was put in the trash[ until {until}].",
        level="warning",
        may={
            **_VERSION,
            "versions": "number of versions put there",
            "size_bytes": "size of their files",
            "until": "day on which the files go, ISO 8601",
        },
    ),
    Event(
        "model_restored",
        "Model restored",
        "{model_name}[ version {version}] was taken out of the trash.",
        may={**_VERSION, "versions": "number of versions taken out"},
    ),
)

_DRAWS = (
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
        "The import[ of {file_name}] into {dataset} was undone[; {removed:count} draws removed].",
        level="warning",
        needs=_DATASET,
        may={**_FILE, "removed": "draws removed", "fingerprint": "content hash afterwards"},
    ),
    Event(
        "dataset_simulated",
        "Dataset simulated",
        "{dataset} was simulated: {draws:count} draws.",
        needs={**_DATASET, "draws": "number of draws"},
        may={"seed": "seed of the generator", "parameters": "what was planted"},
    ),
    Event(
        "draws_fetched",
        "Draws downloaded",
        "{draws:count} draws[ for {dataset}] were downloaded from {source}.",
        needs={"source": "address asked", "draws": "draws in the answer"},
        may={**_DATASET, "sha256": "SHA-256 of the answer, hex"},
    ),
)

_ACCESS = (
    Event(
        "signed_in",
        "Signed in",
        "{actor} signed in[ by {method}].",
        may={"method": "link or password"},
    ),
    Event(
        "sign_in_failed",
        "Sign-in failed",
        "A sign-in[ as {username}] failed[: {cause}].",
        level="warning",
        may={
            "username": "name that was tried",
            "cause": "why",
            "address": "address of the client",
        },
    ),
    Event("sign_in_link_created", "Sign-in link made", "A single-use sign-in link was made."),
    Event(
        "api_token_created",
        "Token made",
        "The API token {name} was made.",
        needs={"name": "name of the token"},
        may={"expires": "when it ends, ISO 8601"},
    ),
    Event(
        "api_token_revoked",
        "Token revoked",
        "The API token {name} was revoked.",
        level="warning",
        needs={"name": "name of the token"},
    ),
)

_REFLECTION = (
    Event(
        "backtest_run",
        "Backtest run",
        "{model_name} was scored on {draws:count} draws[: gain {gain:bits}].",
        needs={"draws": "number of draws scored"},
        may={"gain": "bits per draw over chance", "interval": "its 95 % interval", **_VERSION},
    ),
    Event(
        "forecast_registered",
        "Forecast registered",
        "{model_name} registered a forecast for {draw_date}.",
        needs={"draw_date": "date of the draw, ISO 8601"},
        may={**_DATASET, **_VERSION, "sha256": "SHA-256 of the forecast, hex"},
    ),
    Event(
        "forecast_scored",
        "Forecast scored",
        "{model_name}'s forecast for {draw_date} was scored[: {gain:bits}].",
        needs={"draw_date": "date of the draw, ISO 8601"},
        may={**_DATASET, **_VERSION, "gain": "bits over chance of this draw"},
    ),
    Event(
        "audit_run",
        "Audit run",
        "{dataset} was audited for fairness[: {verdict}].",
        needs=_DATASET,
        may={
            "verdict": "the finding in words",
            "tests": "number of tests",
            "smallest_p": "adjusted",
        },
    ),
    Event(
        "control_run",
        "Control run",
        "A control was run[ beside {model_name}][ on {dataset}][: {verdict}].",
        may={**_DATASET, "verdict": "the finding in words", "control": "kind of control"},
    ),
)

_HOUSE = (
    Event(
        "note_added",
        "Note",
        "{actor} noted: {text}",
        needs={"text": "the note"},
        may={"entry": "number of the entry it is about"},
    ),
    Event(
        "memory_compacted",
        "Memory compacted",
        "{entries:count} entries were compacted[; {freed_bytes:bytes} freed].",
        needs={"entries": "entries moved to an archive"},
        may={**_FREED, "segments": "segments sealed", "epochs": "epoch rows compacted"},
    ),
    Event(
        "segment_archived",
        "Segment archived",
        "Entries {first:count} to {last:count} moved to the archive[ ({size_bytes:bytes})].",
        needs={**_SPAN, "file_name": "name of the segment file", "sha256": "its SHA-256, hex"},
        may={
            "size_bytes": "size of the segment file",
            "head_before": "hex",
            "head_after": "hex",
        },
    ),
    Event(
        "segment_restored",
        "Segment restored",
        "Entries {first:count} to {last:count} were restored from the archive.",
        needs=_SPAN,
        may={"entries": "entries put back"},
    ),
    Event(
        "backup_made",
        "Backup made",
        "A backup was made[ as {file_name}][ ({size_bytes:bytes})].",
        may={**_FILE, "size_bytes": "its size", "sha256": "its SHA-256, hex"},
    ),
    Event(
        "journal_checkpoint",
        "Checkpoint",
        "The head of the journal at entry {seq:count} was written down.",
        needs={"seq": "number of the last entry covered", "head": "its head, hex"},
    ),
    Event(
        "system_started",
        "Helios started",
        "Helios[ {version}] started.",
        may={"version": "version of Helios", "port": "port it listens on"},
    ),
    Event(
        "system_stopped",
        "Helios stopped",
        "Helios stopped[: {cause}].",
        may={"cause": "why", "seconds": "time it ran"},
    ),
)

EVENTS: Mapping[str, Event] = {
    row.name: row for row in (*_TRAINING, *_MODELS, *_DRAWS, *_ACCESS, *_REFLECTION, *_HOUSE)
}
