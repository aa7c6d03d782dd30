"""What happens to models."""

from memory.events.event import Event

_VERSION = {"version": "version number of the model"}
_SHA = {"sha256": "SHA-256 of the weights file, hex"}
_FILE = {"file_name": "name of the file as it was sent"}
_FREED = {"freed_bytes": "bytes freed on disk"}

MODELS = (
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
        "{actor} edited the {part} of {model_name}[ version {version}].",
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
