"""REST: the files of a version."""

import base64
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request

from memory.refusals import Invalid
from registry.queries import find_model, find_version
from registry.selection import chosen_models
from registry.services import Exported, export_version, export_versions, read_file

BINARY = {(200, "application/octet-stream"): OpenApiTypes.BINARY}


@extend_schema(responses=BINARY, operation_id="models_file")
@api_view(["GET"])
def file(request: Request, name: str, version: str, file_name: str) -> HttpResponseBase:
    """A file of a version; the bytes that leave are the bytes that were checked."""
    artifact = find_version(find_model(name), version)
    raw, digest = read_file(artifact=artifact, file_name=file_name)
    shown = f"{artifact.model.name}-v{artifact.version}-{file_name}"
    return attachment(request._request, Exported(shown, raw, digest))


@extend_schema(responses=BINARY, operation_id="models_bundle")
@api_view(["GET"])
def whole(request: Request, name: str, version: str) -> HttpResponseBase:
    """A version as one zip file: weights, model.json and the model card."""
    return _export(request, name, version, "bundle")


@extend_schema(responses=BINARY, operation_id="models_torch")
@api_view(["GET"])
def torch_file(request: Request, name: str, version: str) -> HttpResponseBase:
    """The weights as `torch.save` writes a state_dict; a process of its own does it in 3 s."""
    return _export(request, name, version, "pth")


@extend_schema(responses=BINARY, operation_id="models_onnx")
@api_view(["GET"])
def onnx_file(request: Request, name: str, version: str) -> HttpResponseBase:
    """The network as an ONNX graph, compared with torch; a process of its own needs 8 to 20 s.

    501 `extra_missing` where the extra is not installed.
    """
    return _export(request, name, version, "onnx")


@extend_schema(responses=BINARY, operation_id="models_mlflow")
@api_view(["GET"])
def mlflow_file(request: Request, name: str, version: str) -> HttpResponseBase:
    """A run of MLflow with the curve, settings and files, as a zip of the folder `mlruns`."""
    return _export(request, name, version, "mlflow")


@extend_schema(responses=BINARY, operation_id="models_card")
@api_view(["GET"])
def card(request: Request, name: str, version: str) -> HttpResponseBase:
    """The model card of a version, in Hugging Face's form."""
    return _export(request, name, version, "card")


@extend_schema(
    parameters=[OpenApiParameter("m", str, many=True, description="names of models")],
    responses=BINARY,
    operation_id="models_export",
)
@api_view(["GET"])
def together(request: Request) -> HttpResponseBase:
    """The newest versions of several models, each as a bundle, in one zip."""
    models = chosen_models(request.query_params.getlist("m"))
    versions = [model.newest for model in models if model.newest]
    if len(versions) < len(models):
        raise Invalid(fields={"m": "One of these models has no version yet."})
    raw = export_versions(versions=versions)
    made = Exported("helios-models.zip", raw, sha256(raw).hexdigest())
    return attachment(request._request, made)


def _export(request: Request, name: str, version: str, form: str) -> HttpResponseBase:
    artifact = find_version(find_model(name), version)
    return attachment(request._request, export_version(version=artifact, form=form))


def attachment(request: HttpRequest, made: Exported) -> HttpResponseBase:
    """A file as a download that a client can check and need not fetch twice."""
    response = HttpResponse(made.content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, made.file_name) or ""
    encoded = base64.b64encode(bytes.fromhex(made.digest)).decode()
    response["Repr-Digest"] = f"sha-256=:{encoded}:"
    response["ETag"] = f'"{made.digest}"'
    patch_cache_control(response, private=True, no_cache=True)
    return get_conditional_response(request, response["ETag"], response=response) or response
