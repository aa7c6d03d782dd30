"""Opening a version: nothing is used that is not exactly what was stored."""

from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db import transaction

from memory.refusals import Conflict
from memory.services import append
from registry import storage
from registry.models import ModelArtifact
from registry.networks.spec import NetSpec
from registry.services.shapes import shapes_of

REMEDY = "Restore its files from a backup and verify again, or delete this version."


@dataclass(frozen=True)
class OpenedModel:
    """A version whose files were checked just now.

    `weights` maps each name of the network's layout to a float32 array (members, *shape).
    """

    artifact: ModelArtifact
    network: NetSpec
    weights: dict[str, np.ndarray]


def open_version(artifact: ModelArtifact) -> OpenedModel:
    """Read the weights of a version after checking its SHA-256, header, shapes and values.

    Raises Conflict `weights_corrupt` for damaged files, and marks the version as damaged
    with a journal entry: not to be called inside a transaction, which would undo that.
    Raises Conflict `version_deleted` when its files were deleted.
    """
    if artifact.status == ModelArtifact.Status.DELETED:
        raise Conflict(f"{artifact} was deleted; its files are gone.", code="version_deleted")
    try:
        return OpenedModel(artifact, NetSpec.from_dict(artifact.network), _read(artifact))
    except storage.BadFile as error:
        mark_damaged(artifact, str(error))
        raise Conflict(
            f"{artifact} is damaged: {error} {REMEDY}", code="weights_corrupt"
        ) from error


def _read(artifact: ModelArtifact) -> dict[str, np.ndarray]:
    folder = settings.HELIOS_HOME / "models" / artifact.folder
    storage.checked_file(
        folder / storage.SIDECAR, storage.MAX_SIDECAR_BYTES, artifact.sidecar_sha256
    )
    raw = storage.checked_file(
        folder / storage.WEIGHTS, storage.MAX_WEIGHTS_BYTES, artifact.weights_sha256
    )
    return storage.decode_weights(raw, shapes_of(artifact.network, artifact.members))


@transaction.atomic
def mark_damaged(artifact: ModelArtifact, problem: str) -> None:
    """Say once that a version is damaged; saying it again changes nothing."""
    damaged = ModelArtifact.Status.DAMAGED
    others = ModelArtifact.objects.filter(pk=artifact.pk).exclude(status=damaged)
    if others.update(status=damaged):
        artifact.status = damaged
        append(
            event_type="model_damaged",
            model_name=artifact.model.name,
            metadata={"version": artifact.version, "problem": problem},
        )
