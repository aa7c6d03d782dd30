"""REST: list models, tell everything about one, hand out its files."""

import base64
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from registry.models import RegisteredModel
from registry.queries import (
    DEFAULT_SORT,
    MAX_LIMIT,
    SORTS,
    find_model,
    find_version,
    parse_filter,
    parse_window,
    with_newest,
)
from registry.serializers import ModelInfo, ModelList, model_dict, version_dict
from registry.services import read_file

NEWEST_VERSIONS = 100  # told by /info; the others have pages of their own

_LIST = [
    OpenApiParameter("q", str, description="a part of the name"),
    OpenApiParameter("encoder", str),
    OpenApiParameter("dataset", str),
    OpenApiParameter("status", str, description="of the newest version"),
    OpenApiParameter("alias", str),
    OpenApiParameter("tag", str),
    OpenApiParameter("verdict", str, description="above, chance or below"),
    OpenApiParameter("archived", str, description="no (default), yes or all"),
    OpenApiParameter("sort", str, description=f"{', '.join(SORTS)}; default {DEFAULT_SORT}"),
    OpenApiParameter("limit", int, description=f"1 to {MAX_LIMIT}"),
    OpenApiParameter("offset", int),
    OpenApiParameter("after", str, description="`next` of the answer before: a stable page"),
]


@extend_schema(parameters=_LIST, responses=ModelList, operation_id="models_list")
@api_view(["GET"])
def models(request: Request) -> Response:
    """Models with their newest version, filtered, sorted and paged."""
    raw = request.query_params
    wanted = parse_filter(raw)
    limit, offset = parse_window(raw)
    everything = wanted.queryset()
    found = wanted.after(raw["after"]) if raw.get("after") else everything
    rows = list(with_newest(found)[offset : offset + limit + 1])
    more = len(rows) > limit
    return Response(
        {
            "models": [model_dict(model) for model in rows[:limit]],
            "total": everything.count(),
            "limit": limit,
            "offset": offset,
            "next": wanted.cursor_of(rows[limit - 1]) if more else None,
        }
    )


@extend_schema(responses=ModelInfo, operation_id="models_info")
@api_view(["GET"])
def info(request: Request, name: str) -> Response:
    """Everything about a model and its newest versions."""
    return Response(info_dict(find_model(name)))


def info_dict(model: RegisteredModel) -> dict[str, Any]:
    """A model with its description and its newest versions."""
    row = with_newest(RegisteredModel.objects.filter(pk=model.pk)).get()
    versions = model.versions.select_related("parent__model").defer("evaluation")
    return {
        **model_dict(row),
        "description": model.description,
        "createdBy": model.created_by,
        "versionCount": versions.count(),
        "versions": [version_dict(version, model) for version in versions[:NEWEST_VERSIONS]],
    }


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


urlpatterns = [
    path("models", models),
    path("models/<str:name>/info", info),
    path(
        "models/<str:name>/versions/<str:version>/files/<str:file_name>", file, name="api_file"
    ),
]
