"""Making the disk and the rows agree again after a crash. Run at the start, before anybody writes.

The rows are the truth: what a row promises is put in place, what no row promises and only an
interrupted write or removal can have left is swept away. A whole version folder without a row
may come from another copy of the database; it is kept, and offered for adoption.
"""

from dataclasses import dataclass

from django.conf import settings

from memory.sentences import counted
from registry import storage
from registry.models import ModelArtifact
from registry.queries import in_pages
from registry.services.opening import folder_of, mark_damaged
from registry.services.trash import purge

Status = ModelArtifact.Status
_COLUMNS = ("pk", "model_id", "model__name", "version", "status", "folder", "sidecar_sha256")


@dataclass(frozen=True)
class Reconciliation:
    """What was found and mended."""

    missing: tuple[str, ...]  # versions whose folder is gone: damaged now
    swept: int  # leftovers of interrupted writes and removals
    freed_bytes: int  # of versions whose days in the trash were over
    strangers: tuple[str, ...]  # folders without a row, kept for adoption

    def as_words(self) -> str:
        """One line for a person."""
        return (
            f"{self.swept} leftovers swept, {self.freed_bytes:,} bytes freed, "
            f"{counted(len(self.missing), 'version')} without files, {counted(len(self.strangers), 'file')} to adopt"
        )


def reconcile() -> Reconciliation:
    """Put in place, sweep, free, and mark what is missing; safe to repeat."""
    root = settings.HELIOS_HOME / "models"
    freed = purge()
    promised, missing = mark_missing()
    swept = storage.sweep(root)
    there = list(storage.folders(root))
    strangers = [folder for folder in there if folder not in promised]
    storage.remove_versions(
        root, [folder for folder in there if not promised.get(folder, True)]
    )
    return Reconciliation(tuple(missing), swept, freed, tuple(strangers))


def mark_missing() -> tuple[dict[str, bool], list[str]]:
    """Put in place what rows promise, and mark versions as damaged whose folder is gone.

    Every folder a row knows and whether its files are still promised; the versions without.
    """
    promised: dict[str, bool] = {}
    missing = []
    rows = ModelArtifact.objects.select_related("model").only(*_COLUMNS, "purged_at")
    for version in in_pages(rows):
        promised[version.folder] = version.purged_at is None
        if version.purged_at is None and not folder_of(version).is_dir():
            missing.append(str(version))
            if version.status != Status.DELETED:
                mark_damaged(version, "Its folder is missing.")
    return promised, missing
