"""REST: take in a model that was made elsewhere."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, parser_classes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from memory.wire import read_body, text_field
from registry import services
from registry.serializers import (
    AdoptRequest,
    FoundRow,
    ImportRequest,
    Rescanned,
    VersionRow,
    version_dict,
)
from registry.uploads import read_upload


@extend_schema(
    request={"multipart/form-data": ImportRequest},
    responses={201: VersionRow},
    operation_id="models_import",
)
@api_view(["POST"])
@parser_classes([MultiPartParser])
def take_in(request: Request) -> Response:
    """Register a model from `weights` and `sidecar`, or from a `bundle`."""
    fields: Any = request.data
    actor = request.user.get_username()
    version = read_upload(fields, request.FILES, actor=actor)
    answer = {"modelName": version.model.name, **version_dict(version, version.model)}
    return Response(answer, status=201)


@extend_schema(request=None, responses=Rescanned, operation_id="models_rescan")
@api_view(["POST"])
def rescan(request: Request) -> Response:
    """Look at the models folder again: which versions lost their files, got them back, what is new."""
    return Response(asdict(services.rescan()))


@extend_schema(methods=["GET"], responses=FoundRow(many=True), operation_id="models_found")
@extend_schema(
    methods=["POST"],
    request=AdoptRequest,
    responses={201: VersionRow},
    operation_id="models_adopt",
)
@api_view(["GET", "POST"])
def found(request: Request) -> Response:
    """Model files that belong to no version; a POST with a `path` adopts one."""
    if request.method == "GET":
        return Response([asdict(thing) for thing in services.find_unregistered()])
    path = text_field(read_body(request.data), "path")
    version = services.adopt(path=path, actor=request.user.get_username())
    answer = {"modelName": version.model.name, **version_dict(version, version.model)}
    return Response(answer, status=201)
