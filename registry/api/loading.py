"""REST: load versions into the inference process and take them out."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.refusals import Invalid
from memory.wire import read_body, text_field
from registry import services
from registry.models import ModelArtifact
from registry.queries import find_model, find_version
from registry.serializers import LoadAnswer, LoadRequest


@extend_schema(request=LoadRequest, responses=LoadAnswer, operation_id="models_load")
@api_view(["POST"])
def load(request: Request) -> Response:
    """Check a version's files, open it and keep it warm."""
    version = _wanted(read_body(request.data))
    loaded = services.load_version(version=version, actor=request.user.get_username())
    return Response(
        {
            **_answer(version),
            "sizeBytes": loaded.size_bytes,
            "seconds": loaded.seconds,
        }
    )


@extend_schema(request=LoadRequest, responses=LoadAnswer, operation_id="models_unload")
@api_view(["POST"])
def unload(request: Request) -> Response:
    """Free the memory of a version."""
    version = _wanted(read_body(request.data))
    services.unload_version(version=version, actor=request.user.get_username())
    return Response(_answer(version))


def _wanted(body: Mapping[str, Any]) -> ModelArtifact:
    """The version that a body names by number or alias."""
    model = find_model(text_field(body, "name"))
    number, alias = body.get("version"), text_field(body, "alias", required=False)
    if number is None:
        return find_version(model, alias)
    if type(number) is not int or number < 1 or alias:
        raise Invalid(fields={"version": "Must be a whole number, without an alias."})
    return find_version(model, str(number))


def _answer(version: ModelArtifact) -> dict[str, Any]:
    return {
        "modelName": version.model.name,
        "version": version.version,
        "status": version.status,
    }
