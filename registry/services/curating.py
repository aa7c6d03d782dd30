"""What a person writes about models and puts away: description, notes, tags, archive."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from memory.refusals import Conflict, Invalid
from memory.services import append
from registry.models import ModelArtifact, ModelTag, RegisteredModel
from registry.services.busy import refuse_in_training
from registry.services.words import plain_text

MAX_TEXT = 20_000  # characters of a description or of notes
MAX_TAGS = 20
Status = ModelArtifact.Status
_OPEN = (Status.READY, Status.LOADED)


@transaction.atomic
def describe(*, model: RegisteredModel, description: str, actor: str) -> None:
    """Set what the model is for, in Markdown; the same text again is no event."""
    text = plain_text(description, "description", limit=MAX_TEXT)
    changed = RegisteredModel.objects.filter(pk=model.pk).exclude(description=text)
    if changed.update(description=text):
        _edited(model, actor, part="description")
    model.description = text


@transaction.atomic
def annotate(*, version: ModelArtifact, notes: str, actor: str) -> None:
    """Set the notes of a version, in Markdown: the part of its model card a person writes."""
    text = plain_text(notes, "notes", limit=MAX_TEXT)
    if ModelArtifact.objects.filter(pk=version.pk).exclude(notes=text).update(notes=text):
        _edited(version.model, actor, part="notes", version=version.version)
    version.notes = text


def read_tags(tags: object) -> list[str]:
    """Tags as they can be given to a model, each once. A tag is a word of at most 40 characters.

    Raises Invalid.
    """
    if not isinstance(tags, list | tuple | set):
        raise Invalid(fields={"tags": "Must be a list of words."})
    wanted = list(dict.fromkeys(_tag(tag) for tag in tags))
    if len(wanted) > MAX_TAGS:
        raise Invalid(fields={"tags": f"At most {MAX_TAGS} tags."})
    return wanted


@transaction.atomic
def add_tags(*, model: RegisteredModel, tags: Sequence[str], actor: str) -> list[str]:
    """Give the model these tags beside its own; return those for which there was no room."""
    had = list(model.tags.values_list("text", flat=True))
    new = [tag for tag in read_tags(tags) if tag not in had]
    room = max(0, MAX_TAGS - len(had))
    if new[:room]:
        set_tags(model=model, tags=[*had, *new[:room]], actor=actor)
    return new[room:]


@transaction.atomic
def set_tags(*, model: RegisteredModel, tags: Sequence[str], actor: str) -> None:
    """Let the model have exactly these tags."""
    wanted = set(read_tags(tags))
    RegisteredModel.objects.select_for_update().get(pk=model.pk)
    had = set(model.tags.values_list("text", flat=True))
    model.tags.filter(text__in=had - wanted).delete()
    added = sorted(wanted - had)
    ModelTag.objects.bulk_create(ModelTag(model=model, text=text) for text in added)
    if had != wanted:
        _edited(model, actor, part="tags", added=added, removed=sorted(had - wanted))


def _tag(text: object) -> str:
    tag = plain_text(text, "tags", limit=40)
    if not tag or not tag.isprintable() or "," in tag:
        raise Invalid(fields={"tags": "A tag is a printable word without commas."})
    return tag


def _edited(model: RegisteredModel, actor: str, **metadata: Any) -> None:
    append(event_type="model_edited", actor=actor, model_name=model.name, metadata=metadata)


@transaction.atomic
def archive_model(*, model: RegisteredModel, actor: str, reason: str = "") -> None:
    """Put a model away: lists leave it out and it cannot be trained until it is taken out."""
    refuse_in_training(model)
    now = timezone.now()
    if RegisteredModel.objects.filter(pk=model.pk, archived_at=None).update(archived_at=now):
        model.archived_at = now
        _moved("model_archived", model, actor, reason)


@transaction.atomic
def unarchive_model(*, model: RegisteredModel, actor: str, reason: str = "") -> None:
    """Take a model out of the archive."""
    archived = RegisteredModel.objects.filter(pk=model.pk).exclude(archived_at=None)
    if archived.update(archived_at=None):
        model.archived_at = None
        _moved("model_unarchived", model, actor, reason)


@transaction.atomic
def archive_version(*, version: ModelArtifact, actor: str, reason: str = "") -> None:
    """Put one version away: it keeps its files and opens no more until it is taken out."""
    _change(version, _OPEN, Status.ARCHIVED)
    _moved("model_archived", version.model, actor, reason, version=version.version)


@transaction.atomic
def unarchive_version(*, version: ModelArtifact, actor: str, reason: str = "") -> None:
    """Take one version out of the archive."""
    _change(version, (Status.ARCHIVED,), Status.READY)
    _moved("model_unarchived", version.model, actor, reason, version=version.version)


def _change(version: ModelArtifact, allowed: Sequence[str], wanted: Status) -> None:
    """Move a version's status if it is one of `allowed`; Conflict otherwise."""
    found = ModelArtifact.objects.filter(pk=version.pk, status__in=allowed)
    if not found.update(status=wanted):
        version.refresh_from_db(fields=["status"])
        raise Conflict(f"{version} is {version.status}, so it cannot become {wanted}.")
    version.status = wanted


def _moved(
    event: str, model: RegisteredModel, actor: str, reason: str, version: int | None = None
) -> None:
    append(
        event_type=event,
        actor=actor,
        model_name=model.name,
        reason=plain_text(reason, "reason", limit=1000),
        metadata={"version": version},
    )
