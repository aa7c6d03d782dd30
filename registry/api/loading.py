"""REST: load versions into the inference process, take them out, check their files."""

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
from registry.serializers import LoadAnswer, LoadRequest, Verified, VerifyRequest


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


@extend_schema(request=VerifyRequest, responses=Verified, operation_id="models_verify")
@api_view(["POST"])
def verify(request: Request) -> Response:
    """Hash the files of every version, or of one model's; takes as long as reading them does."""
    name = text_field(read_body(request.data), "name", required=False)
    findings = list(services.verify_artifacts(model=find_model(name) if name else None))
    return Response(
        {
            "versions": len(findings),
            "bytesRead": sum(finding.bytes_read for finding in findings),
            "damaged": [
                {
                    "modelName": finding.artifact.model.name,
                    "version": finding.artifact.version,
                    "problem": finding.problem,
                }
                for finding in findings
                if finding.problem
            ],
        }
    )


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
