"""Deleting in two steps: into the trash, which can be undone, and from the disk, which cannot.

A deleted version keeps its row for good: how many were tried is part of the evidence. In the
trash its files stay where they are, so nothing can be half moved; from the disk they go by one
rename, so nothing can be half removed, and only after their row says so.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from memory.refusals import Conflict
from memory.sentences import counted
from memory.services import append
from registry import storage
from registry.models import ModelArtifact, RegisteredModel
from registry.services.busy import refuse_in_training
from registry.services.loading import forget
from registry.services.words import plain_text

Status = ModelArtifact.Status


@dataclass(frozen=True)
class Deletion:
    """What a deletion takes and what it leaves: shown before, returned after."""

    model: RegisteredModel
    versions: tuple[int, ...]
    size_bytes: int
    until: datetime  # the files can be restored before

    def as_words(self) -> str:
        """One sentence of what goes and what stays."""
        return (
            f"To the trash: {counted(len(self.versions), 'version')} with {self.size_bytes:,} bytes, "
            f"from the disk after {self.until:%Y-%m-%d}. The name, its number and the journal stay."
        )


def plan_deletion(
    *, model: RegisteredModel, versions: Collection[int] | None = None
) -> Deletion:
    """What deleting a model, or the versions with these numbers, would take. Changes nothing.

    Raises Conflict `busy` in training and `version_deleted` for one that is in the trash already.
    """
    refuse_in_training(model)
    going = model.versions.exclude(status=Status.DELETED).order_by("version")
    if versions is not None:
        going = going.filter(version__in=versions)
    chosen = dict(going.values_list("version", "size_bytes"))
    for number in sorted(set(versions or ()) - chosen.keys()):
        raise Conflict(f"{model} v{number} is deleted already.", code="version_deleted")
    return Deletion(
        model=model,
        versions=tuple(chosen),
        size_bytes=sum(chosen.values()),
        until=timezone.now() + timedelta(days=settings.TRASH_DAYS),
    )


@transaction.atomic
def delete(
    *,
    model: RegisteredModel,
    versions: Collection[int] | None = None,
    actor: str,
    reason: str = "",
) -> Deletion:
    """Put a model, or the versions with these numbers, in the trash.

    Raises what `plan_deletion` raises, and Conflict `busy` while a prediction is being made.
    """
    reason = plain_text(reason, "reason", limit=1000)
    RegisteredModel.objects.select_for_update().get(pk=model.pk)
    plan = plan_deletion(model=model, versions=versions)
    now = timezone.now()
    going = model.versions.filter(version__in=plan.versions)
    for loaded in going.filter(status=Status.LOADED).select_related("model"):
        forget(loaded)
    model.aliases.filter(version__in=going).delete()
    going.update(status=Status.DELETED, deleted_at=now)
    refresh_newest(model, deleted_at=now if versions is None else None)
    append(
        event_type="model_trashed",
        actor=actor,
        model_name=model.name,
        reason=reason,
        metadata={
            "version": plan.versions[0] if len(plan.versions) == 1 else None,
            "versions": len(plan.versions),
            "size_bytes": plan.size_bytes,
            "until": plan.until.date().isoformat(),
        },
    )
    return plan


@transaction.atomic
def restore(
    *, model: RegisteredModel, version: ModelArtifact | None = None, actor: str
) -> Sequence[int]:
    """Take a model, or one of its versions, out of the trash; which versions came back.

    A model brings back what was deleted with it, not what was deleted before. Raises Conflict
    `nothing_to_restore` when the files are gone or nothing was deleted.
    """
    kept = RegisteredModel.objects.select_for_update().get(pk=model.pk)
    found = model.versions.filter(status=Status.DELETED, purged_at=None)
    if version is not None:
        found = found.filter(pk=version.pk)
    elif kept.deleted_at is not None:
        found = found.filter(deleted_at=kept.deleted_at)
    numbers = sorted(found.values_list("version", flat=True))
    if not numbers:
        raise Conflict(f"Nothing of {model.name} is in the trash.", code="nothing_to_restore")
    found.update(status=Status.READY, deleted_at=None)
    refresh_newest(model, deleted_at=None)
    append(
        event_type="model_restored",
        actor=actor,
        model_name=model.name,
        metadata={
            "version": version.version if version else None,
            "versions": len(numbers),
        },
    )
    return numbers


def refresh_newest(model: RegisteredModel, *, deleted_at: datetime | None) -> None:
    """Point a model to its newest version that is not deleted."""
    live = model.versions.exclude(status=Status.DELETED).order_by("-version").first()
    changed = {"newest": live, "deleted_at": deleted_at}
    RegisteredModel.objects.filter(pk=model.pk).update(**changed)
    model.newest, model.deleted_at = live, deleted_at


def purge(
    *, actor: str = "system", model: RegisteredModel | None = None, all_now: bool = False
) -> int:
    """Take the files of deleted versions from the disk; how many bytes that frees.

    Only those whose days in the trash are over, or with `all_now` every one. Not in a
    transaction of the caller: the rows are committed first, then the files go, and should this
    be interrupted, the next start goes on (`reconcile`).
    """
    deadline = timezone.now() - timedelta(days=0 if all_now else settings.TRASH_DAYS)
    due = Q(status=Status.DELETED, purged_at=None, deleted_at__lte=deadline)
    owners = RegisteredModel.objects.filter(versions__in=ModelArtifact.objects.filter(due))
    if model is not None:
        owners = owners.filter(pk=model.pk)
    return sum(_purge(owner, due, actor) for owner in owners.distinct())


def _purge(model: RegisteredModel, due: Q, actor: str) -> int:
    """Free the files of a model's versions that are due; how many bytes that frees."""
    with transaction.atomic():
        RegisteredModel.objects.select_for_update().get(pk=model.pk)
        going = list(model.versions.filter(due).values_list("pk", "folder", "size_bytes"))
        freed = sum(size for _, _, size in going)
        model.versions.filter(pk__in=[pk for pk, _, _ in going]).update(
            purged_at=timezone.now()
        )
        append(
            event_type="model_deleted",
            actor=actor,
            model_name=model.name,
            metadata={"versions": len(going), "freed_bytes": freed},
        )
    root = settings.HELIOS_HOME / "models"
    storage.remove_versions(root, [folder for _, folder, _ in going])
    return freed
