"""REST: the files of a version."""

import base64

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request

from registry.queries import find_model, find_version
from registry.services import read_file


@extend_schema(
    responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    operation_id="models_file",
)
@api_view(["GET"])
def file(request: Request, name: str, version: str, file_name: str) -> HttpResponseBase:
    """A file of a version; the bytes that leave are the bytes that were checked."""
    artifact = find_version(find_model(name), version)
    raw, sha256 = read_file(artifact=artifact, file_name=file_name)
    shown = f"{artifact.model.name}-v{artifact.version}-{file_name}"
    return _attachment(request._request, raw, sha256, shown)


def _attachment(
    request: HttpRequest, raw: bytes, sha256: str, file_name: str
) -> HttpResponseBase:
    """Bytes as a download that a client can check and need not fetch twice."""
    response = HttpResponse(raw, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, file_name) or ""
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    response["Repr-Digest"] = f"sha-256=:{digest}:"
    response["ETag"] = f'"{sha256}"'
    patch_cache_control(response, private=True, no_cache=True)
    return get_conditional_response(request, response["ETag"], response=response) or response
