"""REST: take in a model that was made elsewhere."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, parser_classes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from registry.serializers import ImportRequest, VersionRow, version_dict
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
