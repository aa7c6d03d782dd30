"""REST: the files of a version."""

import base64
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request

from registry.cards import model_card
from registry.queries import find_model, find_version
from registry.services import bundle, read_file, to_torch
from registry.storage import WEIGHTS


@extend_schema(
    responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    operation_id="models_file",
)
@api_view(["GET"])
def file(request: Request, name: str, version: str, file_name: str) -> HttpResponseBase:
    """A file of a version; the bytes that leave are the bytes that were checked."""
    artifact = find_version(find_model(name), version)
    raw, digest = read_file(artifact=artifact, file_name=file_name)
    shown = f"{artifact.model.name}-v{artifact.version}-{file_name}"
    return _attachment(request._request, raw, digest, shown)


@extend_schema(
    responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    operation_id="models_bundle",
)
@api_view(["GET"])
def whole(request: Request, name: str, version: str) -> HttpResponseBase:
    """A version as one zip file: weights, model.json and the model card."""
    artifact = find_version(find_model(name), version)
    raw = bundle(version=artifact)
    shown = f"{artifact.model.name}-v{artifact.version}.zip"
    return _attachment(request._request, raw, sha256(raw).hexdigest(), shown)


@extend_schema(
    responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    operation_id="models_torch",
)
@api_view(["GET"])
def torch_file(request: Request, name: str, version: str) -> HttpResponseBase:
    """The weights as `torch.save` writes a state_dict; a process of its own does it in 3 s."""
    artifact = find_version(find_model(name), version)
    raw = to_torch(read_file(artifact=artifact, file_name=WEIGHTS)[0])
    shown = f"{artifact.model.name}-v{artifact.version}.pth"
    return _attachment(request._request, raw, sha256(raw).hexdigest(), shown)


@extend_schema(
    responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    operation_id="models_card",
)
@api_view(["GET"])
def card(request: Request, name: str, version: str) -> HttpResponseBase:
    """The model card of a version, in Hugging Face's form."""
    artifact = find_version(find_model(name), version)
    raw = model_card(artifact).encode()
    shown = f"{artifact.model.name}-v{artifact.version}.md"
    return _attachment(request._request, raw, sha256(raw).hexdigest(), shown)


def _attachment(
    request: HttpRequest, raw: bytes, digest: str, file_name: str
) -> HttpResponseBase:
    """Bytes as a download that a client can check and need not fetch twice."""
    response = HttpResponse(raw, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, file_name) or ""
    encoded = base64.b64encode(bytes.fromhex(digest)).decode()
    response["Repr-Digest"] = f"sha-256=:{encoded}:"
    response["ETag"] = f'"{digest}"'
    patch_cache_control(response, private=True, no_cache=True)
    return get_conditional_response(request, response["ETag"], response=response) or response
