"""Hashing every file again: which versions are still what was stored?"""

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from django.db import transaction

from memory.services import append
from registry import storage
from registry.models import ModelArtifact, RegisteredModel
from registry.queries import in_pages
from registry.services.opening import folder_of, mark_damaged

Status = ModelArtifact.Status
READERS = 4  # threads: while one hashes, others wait for the disk; both work outside the GIL
BATCH = 64


@dataclass(frozen=True)
class Finding:
    """What verification found of one version; `problem` is "" when all is well."""

    artifact: ModelArtifact
    problem: str
    bytes_read: int


def verify_artifacts(
    *, model: RegisteredModel | None = None, only_damaged: bool = False
) -> Iterator[Finding]:
    """Hash the files of all versions (or of one model's, or of those that are damaged), oldest
    first, in bounded memory.

    A version that is not what was stored becomes `damaged`; a damaged one whose files are
    right again becomes `ready`. Both are journal entries.
    """
    kept = ModelArtifact.objects.exclude(status=Status.DELETED).select_related("model")
    found = kept.filter(model=model) if model else kept
    found = found.filter(status=Status.DAMAGED) if only_damaged else found
    with ThreadPoolExecutor(READERS) as pool:
        for versions in batched(in_pages(found.defer("evaluation", "config")), BATCH):
            for artifact, (problem, size) in zip(
                versions, pool.map(_problem_with, versions), strict=True
            ):
                if problem:
                    mark_damaged(artifact, problem)
                elif artifact.status == Status.DAMAGED:
                    _mark_repaired(artifact)
                yield Finding(artifact, problem, size)


def _problem_with(artifact: ModelArtifact) -> tuple[str, int]:
    """What is wrong with the files of a version, and how many bytes were read. No database."""
    folder = folder_of(artifact)
    read = 0
    for name, digest in (
        (storage.WEIGHTS, artifact.weights_sha256),
        (storage.SIDECAR, artifact.sidecar_sha256),
    ):
        try:
            with storage.open_plain(folder / name) as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
                read += file.tell()
        except (storage.BadFile, OSError) as error:
            return str(error), read
        if found != digest:
            return f"{name} is not the file that was stored: its SHA-256 differs.", read
    return "", read


@transaction.atomic
def _mark_repaired(artifact: ModelArtifact) -> None:
    damaged = ModelArtifact.objects.filter(pk=artifact.pk, status=Status.DAMAGED)
    if damaged.update(status=Status.READY):
        append(
            event_type="model_repaired",
            model_name=artifact.model.name,
            metadata={"version": artifact.version},
        )


def batched(versions: Iterable[ModelArtifact], size: int) -> Iterator[list[ModelArtifact]]:
    """Lists of at most `size`, in order (itertools.batched is of Python 3.12)."""
    rest = iter(versions)
    while batch := list(islice(rest, size)):
        yield batch
