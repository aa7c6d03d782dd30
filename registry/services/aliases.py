"""Names that point to one version of a model. Every move is told, with its reason."""

import re

from django.db import transaction

from memory.refusals import Conflict, Invalid, NotFound
from memory.services import append
from registry.models import ModelAlias, ModelArtifact, RegisteredModel
from registry.services.words import plain_text

RULE = "Use 1 to 40 lower-case letters, digits, dots, dashes or underscores, beginning with a letter."
_ALLOWED = re.compile(r"[a-z][a-z0-9._-]{0,39}")
_USABLE = (ModelArtifact.Status.READY, ModelArtifact.Status.LOADED)


@transaction.atomic
def set_alias(
    *, version: ModelArtifact, alias: str, actor: str, reason: str = ""
) -> ModelAlias:
    """Let `alias` name `version` from now on; the same again changes nothing.

    Raises Invalid for a bad alias or reason, Conflict for a version that cannot be used.
    """
    if not _ALLOWED.fullmatch(alias):
        raise Invalid(fields={"alias": RULE})
    reason = plain_text(reason, "reason", limit=1000)
    model = RegisteredModel.objects.select_for_update().get(pk=version.model_id)
    version.refresh_from_db(fields=["status"])
    if version.status not in _USABLE:
        raise Conflict(f"{version} is {version.status}; an alias needs a version that opens.")
    before = model.aliases.filter(alias=alias).select_related("version").first()
    if before and before.version_id == version.pk:
        return before
    moved, _ = ModelAlias.objects.update_or_create(
        model=model,
        alias=alias,
        defaults={"version": version, "reason": reason, "moved_by": actor},
    )
    append(
        event_type="model_alias_moved",
        actor=actor,
        model_name=model.name,
        reason=reason,
        metadata={
            "alias": alias,
            "version": version.version,
            "previous": f"version {before.version.version}" if before else None,
        },
    )
    return moved


@transaction.atomic
def remove_alias(*, model: RegisteredModel, alias: str, actor: str, reason: str = "") -> None:
    """Let `alias` name nothing; NotFound when it already does."""
    reason = plain_text(reason, "reason", limit=1000)
    found = model.aliases.filter(alias=alias).select_related("version").first()
    if found is None:
        raise NotFound(f"{model.name} has no alias {alias[:40]!r}.")
    found.delete()
    append(
        event_type="model_alias_removed",
        actor=actor,
        model_name=model.name,
        reason=reason,
        metadata={"alias": alias, "previous": f"version {found.version.version}"},
    )
