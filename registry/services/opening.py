"""Opening a version: nothing is used that is not exactly what was stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import transaction

from memory.refusals import Conflict, NotFound
from memory.services import append
from registry import storage
from registry.models import ModelArtifact
from registry.networks.ensemble import Spec, read_spec
from registry.services.networks import shapes_of

REMEDY = "Put its files back from a backup and verify again, or delete this version."
_LIMITS = {
    storage.WEIGHTS: storage.MAX_WEIGHTS_BYTES,
    storage.SIDECAR: storage.MAX_SIDECAR_BYTES,
}


@dataclass(frozen=True)
class OpenedModel:
    """A version whose files were checked just now.

    `weights` maps each name of the network's layout to a float32 array (members, *shape).
    """

    artifact: ModelArtifact
    network: Spec
    weights: dict[str, np.ndarray]


def open_version(artifact: ModelArtifact) -> OpenedModel:
    """Read the weights of a version after checking its SHA-256, header, shapes and values.

    Raises Conflict `weights_corrupt` for damaged files, and marks the version as damaged
    with a journal entry: not to be called inside a transaction, which would undo that.
    Raises Conflict `version_deleted` or `version_archived` for one that was put away.
    """
    if artifact.status == ModelArtifact.Status.ARCHIVED:
        raise Conflict(f"{artifact} is archived. Unarchive it first.", code="version_archived")
    with _damage_is_told(artifact):
        raw = _checked(artifact, storage.WEIGHTS, artifact.weights_sha256)
        _checked(artifact, storage.SIDECAR, artifact.sidecar_sha256)
        shapes = shapes_of(artifact.network, artifact.members)
        weights = storage.decode_weights(raw, shapes)
    return OpenedModel(artifact, read_spec(artifact.network), weights)


def read_file(*, artifact: ModelArtifact, file_name: str) -> tuple[bytes, str]:
    """The bytes of a file of a version and their SHA-256, which was checked.

    Raises NotFound for any other name, Conflict for files that are deleted or damaged.
    """
    digests = {
        storage.WEIGHTS: artifact.weights_sha256,
        storage.SIDECAR: artifact.sidecar_sha256,
    }
    if file_name not in digests:
        raise NotFound(f"A version has the files {', '.join(digests)}.")
    with _damage_is_told(artifact):
        return _checked(artifact, file_name, digests[file_name]), digests[file_name]


def _checked(artifact: ModelArtifact, name: str, sha256: str) -> bytes:
    return storage.checked_file(folder_of(artifact) / name, _LIMITS[name], sha256)


def folder_of(artifact: ModelArtifact) -> Path:
    """Where the files of a version are, moved there now if its writer was interrupted."""
    root = settings.HELIOS_HOME / "models"
    storage.put_in_place(root, artifact.sidecar_sha256, artifact.folder)
    return root / artifact.folder


@contextmanager
def _damage_is_told(artifact: ModelArtifact) -> Iterator[None]:
    """Turn a bad file into a status, a journal entry and a refusal with a remedy."""
    if artifact.status == ModelArtifact.Status.DELETED:
        where = (
            "its files are gone" if artifact.purged_at else "restore it from the trash first"
        )
        raise Conflict(f"{artifact} was deleted; {where}.", code="version_deleted")
    try:
        yield
    except storage.BadFile as error:
        mark_damaged(artifact, str(error))
        raise Conflict(
            f"{artifact} is damaged. {error} {REMEDY}", code="weights_corrupt"
        ) from error


@transaction.atomic
def mark_damaged(artifact: ModelArtifact, problem: str) -> None:
    """Say once that a version is damaged; saying it again changes nothing."""
    damaged = ModelArtifact.Status.DAMAGED
    others = ModelArtifact.objects.filter(pk=artifact.pk).exclude(status=damaged)
    if others.update(status=damaged):
        append(
            event_type="model_damaged",
            model_name=artifact.model.name,
            metadata={"version": artifact.version, "problem": problem},
        )
    artifact.status = damaged
