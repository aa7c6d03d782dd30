"""Loading a version into the inference process, and taking it out.

The status `loaded` is a wish: it survives restarts, and the inference process opens what is
wished when it starts. A prediction with a version that is not loaded opens it for the moment.
"""

from dataclasses import dataclass

from django.db import transaction

from memory.refusals import Conflict
from memory.services import append
from registry.inference import client
from registry.models import ModelArtifact

Status = ModelArtifact.Status
_USABLE = (Status.READY, Status.LOADED)


@dataclass(frozen=True)
class Loaded:
    """A version that is open: bytes in memory, seconds it took."""

    version: ModelArtifact
    size_bytes: int
    seconds: float


def load_version(*, version: ModelArtifact, actor: str) -> Loaded:
    """Open and check a version now, and wish it open from now on.

    Raises Conflict for damaged, archived or deleted ones and `client.Unavailable` when there
    is no inference process. Not inside a transaction (see `open_version`).
    """
    facts = client.load(version.pk)
    with transaction.atomic():
        wish = ModelArtifact.objects.filter(pk=version.pk, status=Status.READY)
        if wish.update(status=Status.LOADED):
            version.status = Status.LOADED
            append(
                event_type="model_loaded",
                actor=actor,
                model_name=version.model.name,
                metadata={
                    "version": version.version,
                    "sha256": version.weights_sha256,
                    "seconds": facts["seconds"],
                },
            )
    return Loaded(version, facts["bytes"], facts["seconds"])


def unload_version(*, version: ModelArtifact, actor: str) -> None:
    """Wish a version open no more and free its memory.

    Raises Conflict `busy` while a prediction is being made with it, and `not_loaded` when
    nobody wished it.
    """
    if version.status != Status.LOADED:
        raise Conflict(f"{version} is not loaded.", code="not_loaded")
    forget(version)
    with transaction.atomic():
        wish = ModelArtifact.objects.filter(pk=version.pk, status=Status.LOADED)
        if wish.update(status=Status.READY):
            version.status = Status.READY
            append(
                event_type="model_unloaded",
                actor=actor,
                model_name=version.model.name,
                metadata={"version": version.version},
            )


def forget(version: ModelArtifact) -> None:
    """Free the memory of a version; Conflict `busy` while a prediction is being made with it.

    An inference process that is not there holds nothing.
    """
    try:
        is_free = client.unload(version.pk)
    except client.Unavailable:
        return
    if not is_free:
        raise Conflict(
            f"A prediction is being made with {version}; try again in a moment.", code="busy"
        )


def refuse_unusable(version: ModelArtifact) -> None:
    """Raise Conflict for a version that cannot be opened, with the remedy in its message."""
    if version.status not in _USABLE:
        raise Conflict(
            f"{version} is {version.status} and cannot be used. Choose another version.",
            code=f"version_{version.status}",
        )
