"""REST: describe, tag, alias, archive, delete and restore models and their versions."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.refusals import Invalid
from memory.wire import read_body, read_count, text_field
from registry import services
from registry.api.models import info_dict
from registry.models import ModelArtifact, RegisteredModel
from registry.queries import find_model, find_version
from registry.serializers import (
    AliasRequest,
    Deletion,
    ModelChange,
    ModelInfo,
    Restored,
    VersionChange,
    VersionRow,
    version_dict,
)

DRY_RUN = OpenApiParameter("dryRun", bool, description="only say what would go and what stays")


@extend_schema(methods=["GET"], responses=ModelInfo, operation_id="models_get")
@extend_schema(
    methods=["PATCH"], request=ModelChange, responses=ModelInfo, operation_id="models_change"
)
@extend_schema(
    methods=["DELETE"],
    parameters=[
        DRY_RUN,
        OpenApiParameter("versions", str, description="only these, separated by commas"),
    ],
    responses={200: Deletion},
    operation_id="models_delete",
)
@api_view(["GET", "PATCH", "DELETE"])
def model(request: Request, name: str) -> Response:
    """A model: everything about it, a change of what people write, or into the trash."""
    found = find_model(name)
    if request.method == "DELETE":
        return _delete(request, found)
    if request.method == "PATCH":
        _change_model(found, read_body(request.data), request.user.get_username())
    return Response(info_dict(found))


@transaction.atomic
def _change_model(found: RegisteredModel, body: Mapping[str, Any], actor: str) -> None:
    """All the changes that a body asks for, or none."""
    _only(body, "description", "tags", "archived", "reason")
    if "description" in body:
        services.describe(model=found, description=body["description"], actor=actor)
    if "tags" in body:
        if not isinstance(body["tags"], list):
            raise Invalid(fields={"tags": "Must be a list of words."})
        services.set_tags(model=found, tags=body["tags"], actor=actor)
    if "archived" in body:
        reason = text_field(body, "reason", required=False)
        verb = services.archive_model if _flag(body) else services.unarchive_model
        verb(model=found, actor=actor, reason=reason)


@extend_schema(methods=["GET"], responses=VersionRow, operation_id="versions_get")
@extend_schema(
    methods=["PATCH"],
    request=VersionChange,
    responses=VersionRow,
    operation_id="versions_change",
)
@extend_schema(
    methods=["DELETE"],
    parameters=[DRY_RUN],
    responses={200: Deletion},
    operation_id="versions_delete",
)
@api_view(["GET", "PATCH", "DELETE"])
def version(request: Request, name: str, version: str) -> Response:
    """One version, by number or alias."""
    found = find_model(name)
    chosen = find_version(found, version)
    if request.method == "DELETE":
        return _delete(request, found, chosen)
    if request.method == "PATCH":
        _change_version(chosen, read_body(request.data), request.user.get_username())
    return Response(version_dict(chosen, found))


@transaction.atomic
def _change_version(found: ModelArtifact, body: Mapping[str, Any], actor: str) -> None:
    _only(body, "notes", "archived", "reason")
    if "notes" in body:
        services.annotate(version=found, notes=body["notes"], actor=actor)
    if "archived" in body:
        reason = text_field(body, "reason", required=False)
        verb = services.archive_version if _flag(body) else services.unarchive_version
        verb(version=found, actor=actor, reason=reason)


def _delete(
    request: Request, found: RegisteredModel, chosen: ModelArtifact | None = None
) -> Response:
    """Into the trash, or with `dryRun` only what that would mean."""
    versions = None if chosen is None else [chosen.version]
    if chosen is None and request.query_params.get("versions"):
        numbers = request.query_params["versions"].split(",")[:1000]
        versions = [read_count(text, "versions", low=1, high=2**31 - 1) for text in numbers]
    dry = request.query_params.get("dryRun", "false").lower()
    if dry not in ("true", "false", "1", "0"):
        raise Invalid(fields={"dry_run": "Must be true or false."})
    if dry in ("true", "1"):
        plan = services.plan_deletion(model=found, versions=versions)
    else:
        actor = request.user.get_username()
        plan = services.delete(model=found, versions=versions, actor=actor)
    return Response(
        {
            "modelName": found.name,
            "dryRun": dry in ("true", "1"),
            "versions": plan.versions,
            "sizeBytes": plan.size_bytes,
            "until": plan.until,
            "message": plan.as_words(),
        }
    )


@extend_schema(request=None, responses=Restored, operation_id="models_restore")
@api_view(["POST"])
def restore_model(request: Request, name: str) -> Response:
    """Take a model out of the trash, with the versions that were deleted with it."""
    found = find_model(name)
    back = services.restore(model=found, actor=request.user.get_username())
    return Response({"modelName": found.name, "versions": back})


@extend_schema(request=None, responses=Restored, operation_id="versions_restore")
@api_view(["POST"])
def restore_version(request: Request, name: str, version: str) -> Response:
    """Take one version out of the trash."""
    found = find_model(name)
    chosen = find_version(found, version)
    back = services.restore(model=found, version=chosen, actor=request.user.get_username())
    return Response({"modelName": found.name, "versions": back})


@extend_schema(
    methods=["PUT"], request=AliasRequest, responses=ModelInfo, operation_id="aliases_set"
)
@extend_schema(methods=["DELETE"], responses={200: ModelInfo}, operation_id="aliases_remove")
@api_view(["PUT", "DELETE"])
def alias(request: Request, name: str, alias: str) -> Response:
    """Let an alias name a version, or nothing."""
    found = find_model(name)
    actor = request.user.get_username()
    if request.method == "DELETE":
        services.remove_alias(model=found, alias=alias, actor=actor)
        return Response(info_dict(found))
    body = read_body(request.data)
    _only(body, "version", "reason")
    chosen = find_version(found, _version_text(body.get("version")))
    reason = text_field(body, "reason", required=False)
    services.set_alias(version=chosen, alias=alias, actor=actor, reason=reason)
    return Response(info_dict(found))


def _version_text(value: object) -> str:
    if type(value) is int:
        return str(value)
    if isinstance(value, str) and value:
        return value
    raise Invalid(fields={"version": "Must be a version's number or alias."})


def _flag(body: Mapping[str, Any]) -> bool:
    if not isinstance(body["archived"], bool):
        raise Invalid(fields={"archived": "Must be true or false."})
    return body["archived"]


def _only(body: Mapping[str, Any], *allowed: str) -> None:
    """Refuse what cannot be changed, rather than pretend that it was."""
    unknown = sorted(body.keys() - set(allowed))
    if unknown:
        words = f"Cannot be set here; only {', '.join(allowed)}."
        raise Invalid(fields=dict.fromkeys(unknown[:20], words))
