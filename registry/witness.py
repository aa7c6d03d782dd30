"""Are the model files what the journal tells of them? Part of `verify_journal`."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from memory.chain import Fault
from memory.tales import Tale
from registry import storage
from registry.models import ModelArtifact
from registry.services.opening import folder_of

SETTLED = timedelta(minutes=1)  # a younger version's entry may not have been committed yet


def model_files(tale: Tale, at: datetime) -> Iterator[Fault]:
    """Compare each kept version's weights with the SHA-256 of the entry that tells of them."""
    kept = ModelArtifact.objects.exclude(status=ModelArtifact.Status.DELETED)
    for artifact in kept.select_related("model").defer("evaluation", "config").iterator():
        told = tale.files.get((artifact.model.name, artifact.version))
        what = f"weights of {artifact.model.name} version {artifact.version}"
        if told is not None:
            found = _sha256(artifact)
            if found != told.sha256:
                expected = f"{what} with SHA-256 {told.sha256}"
                yield Fault(told.seq, "model file differs from its entry", expected, found)
        elif tale.whole and artifact.created_at < at - SETTLED:
            yield Fault(0, "model without an entry", f"an entry about the {what}", "none")


def _sha256(artifact: ModelArtifact) -> str:
    """The file's hash, or why there is none."""
    try:
        with storage.open_plain(folder_of(artifact) / storage.WEIGHTS) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (storage.BadFile, OSError) as error:
        return str(error)
