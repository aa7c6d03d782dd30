"""Taking in a model that was made elsewhere. Everything in its files is a stranger's word.

Weights come as safetensors, or as a torch file that a separate process converts at once
(`conversion`). The sidecar must hold the `network` specification; its settings are kept, but not
its results: gains that were not measured here are not shown as if they were. The whole sidecar
stays readable in model.json under `origin`.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

import numpy as np
from django.db import transaction

from memory import canonical
from memory.quota import require_room
from memory.refusals import Invalid
from memory.services import append
from registry import storage
from registry.models import ModelArtifact
from registry.services.bundles import MAX_SIDECAR, Upload, open_bundle
from registry.services.conversion import to_safetensors
from registry.services.names import register_model, reserve_model
from registry.services.networks import read_network, shapes_of
from registry.services.saving import VersionRecord, save_version

MAX_MEMBERS = 256
TORCH = (".pth", ".pt")
_DOUBTFUL = ("history", "evaluation", "journal", "files")  # long, and not ours to repeat


def import_version(
    *, name: str, upload: Upload, actor: str, add_version: bool = False
) -> ModelArtifact:
    """Register a new model with `upload` as its version 1, or add a version to one.

    Raises Invalid `weights_rejected` with the reason, Conflict `name_in_use` when the name is
    taken and `add_version` is not asked for, Full when there is no room. A refused file is an
    entry of the journal.
    """
    require_room(actor=actor)
    with _rejection_is_told(upload.file_name, actor):
        story = read_sidecar(upload.sidecar)
        network = read_network(story.get("network"))
        weights = _read_weights(upload, network)
        record = _record(upload, story, network)
    with transaction.atomic():
        register = reserve_model if add_version else register_model
        model = register(name=name, actor=actor)
        version = save_version(model=model, weights=weights, record=record, actor=actor)
        append(
            event_type="model_imported",
            actor=actor,
            model_name=model.name,
            metadata={
                "version": version.version,
                "sha256": version.weights_sha256,
                "file_name": _shown(upload.file_name),
            },
        )
    return version


def import_bundle(
    *, name: str, raw: bytes, actor: str, add_version: bool = False
) -> ModelArtifact:
    """The same from the one file that `bundle` writes."""
    with _rejection_is_told("bundle", actor):
        upload = open_bundle(raw)
    return import_version(name=name, upload=upload, actor=actor, add_version=add_version)


def read_sidecar(raw: bytes) -> dict[str, Any]:
    """A sidecar as plain JSON that every database can hold, or BadFile."""
    if len(raw) > MAX_SIDECAR:
        raise storage.BadFile(f"The sidecar has more than {MAX_SIDECAR:,} bytes.")
    try:
        story = canonical.plain(json.loads(raw.decode("utf-8-sig")), path="the sidecar")
    except (ValueError, RecursionError) as error:
        raise storage.BadFile(f"The sidecar is not readable: {str(error)[:200]}") from error
    if not isinstance(story, dict):
        raise storage.BadFile("The sidecar is not a JSON object.")
    return story


def _read_weights(upload: Upload, network: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Checked float32 arrays (members, *shape); a single model may come without that axis."""
    raw = upload.weights
    if PurePath(upload.file_name).suffix.lower() in TORCH:
        raw = to_safetensors(raw)
    shapes = shapes_of(network, 1)
    found = storage.read_header(raw)
    name, (_, *shape) = next(iter(shapes.items()))
    if found.get(name) == tuple(shape):
        single = {key: tuple(rest) for key, (_, *rest) in shapes.items()}
        return {key: array[None] for key, array in storage.decode_weights(raw, single).items()}
    members = found.get(name, (1,))[0]
    if not 1 <= members <= MAX_MEMBERS:
        raise storage.BadFile(f"A model has 1 to {MAX_MEMBERS} members, not {members:,}.")
    return storage.decode_weights(raw, shapes_of(network, members))


def _record(
    upload: Upload, story: Mapping[str, Any], network: Mapping[str, Any]
) -> VersionRecord:
    """What is taken over from a stranger's sidecar: settings and where it learned, no results."""
    dataset = story.get("dataset")
    dataset = dataset if isinstance(dataset, Mapping) else {}
    config = story.get("config")
    return VersionRecord(
        config=config if isinstance(config, Mapping) else {},
        network=network,
        dataset_name=_text(dataset.get("name"), 80) or "not known",
        dataset_fingerprint=_text(dataset.get("fingerprint"), 64),
        environment={"imported from": _shown(upload.file_name)},
        origin={key: value for key, value in story.items() if key not in _DOUBTFUL},
    )


def _text(value: Any, limit: int) -> str:
    return value[:limit] if isinstance(value, str) else ""


def _shown(file_name: str) -> str:
    """A stranger's file name as the journal may hold it."""
    plain = "".join(char for char in file_name if char.isprintable())
    return PurePath(plain.encode(errors="replace").decode()).name[:200]


@contextmanager
def _rejection_is_told(file_name: str, actor: str) -> Iterator[None]:
    """Turn a bad file into a refusal and a journal entry."""
    try:
        yield
    except storage.BadFile as error:
        append(
            event_type="model_import_rejected",
            actor=actor,
            metadata={"problem": str(error), "file_name": _shown(file_name)},
        )
        raise Invalid(
            f"The model was not imported. {error}",
            fields={"weights": str(error)},
            code="weights_rejected",
        ) from error
