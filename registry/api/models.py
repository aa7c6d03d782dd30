"""REST: list models, tell everything about one, and its versions."""

from collections.abc import Mapping
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.wire import read_count
from registry.answers import answer
from registry.lineage import lineage
from registry.models import RegisteredModel
from registry.queries import (
    DEFAULT_SORT,
    MAX_LIMIT,
    SORTS,
    find_model,
    find_version,
    list_rows,
    parse_filter,
    parse_window,
)
from registry.serializers import (
    ModelInfo,
    ModelList,
    RelativeRow,
    VersionList,
    model_dict,
    version_dict,
)

NEWEST_VERSIONS = 100  # told by /info; the others have pages of their own

FILTERS = [
    OpenApiParameter("q", str, description="a part of the name"),
    OpenApiParameter("encoder", str),
    OpenApiParameter("dataset", str),
    OpenApiParameter("matrix", str, description="of the drums it knows, such as 5/69+26"),
    OpenApiParameter("status", str, description="of the newest version"),
    OpenApiParameter("alias", str),
    OpenApiParameter("tag", str),
    OpenApiParameter("verdict", str, description="above, chance or below"),
    OpenApiParameter(
        "archived", str, description="no (default), yes, all, or trash: deleted ones"
    ),
    OpenApiParameter("sort", str, description=f"{', '.join(SORTS)}; default {DEFAULT_SORT}"),
]
_LIST = [
    *FILTERS,
    OpenApiParameter("limit", int, description=f"1 to {MAX_LIMIT}"),
    OpenApiParameter("offset", int),
    OpenApiParameter("after", str, description="`next` of the answer before: a stable page"),
]


@extend_schema(parameters=_LIST, responses=ModelList, operation_id="models_list")
@api_view(["GET"])
def models(request: Request) -> HttpResponseBase:
    """Models with their newest version, filtered, sorted and paged."""
    return answer(request._request, lambda: _page(request.query_params))


def _page(raw: Mapping[str, str]) -> dict[str, Any]:
    wanted = parse_filter(raw)
    limit, offset = parse_window(raw)
    everything = wanted.queryset()
    found = wanted.after(raw["after"]) if raw.get("after") else everything
    rows = list_rows(found[offset : offset + limit + 1])
    more = len(rows) > limit
    return {
        "models": [model_dict(row) for row in rows[:limit]],
        "total": everything.count(),
        "limit": limit,
        "offset": offset,
        "next": wanted.cursor_of(rows[limit - 1]) if more else None,
    }


@extend_schema(responses=ModelInfo, operation_id="models_info")
@api_view(["GET"])
def info(request: Request, name: str) -> Response:
    """Everything about a model and its newest versions."""
    return Response(info_dict(find_model(name)))


def info_dict(model: RegisteredModel) -> dict[str, Any]:
    """A model with its description and its newest versions."""
    [row] = list_rows(RegisteredModel.objects.filter(pk=model.pk))
    versions = model.versions.select_related("parent__model").defer("evaluation")
    return {
        **model_dict(row),
        "description": model.description,
        "createdBy": model.created_by,
        "versionCount": versions.count(),
        "versions": [version_dict(version, model) for version in versions[:NEWEST_VERSIONS]],
    }


@extend_schema(
    parameters=[
        OpenApiParameter("limit", int, description=f"1 to {MAX_LIMIT}"),
        OpenApiParameter("before", int, description="`next` of the answer before"),
    ],
    responses=VersionList,
    operation_id="models_versions",
)
@api_view(["GET"])
def versions(request: Request, name: str) -> Response:
    """The versions of a model, newest first, also those in the trash."""
    model = find_model(name)
    limit, _ = parse_window(request.query_params)
    found = model.versions.select_related("parent__model").defer("evaluation")
    if request.query_params.get("before"):
        before = read_count(request.query_params["before"], "before", low=0, high=2**31)
        found = found.filter(version__lt=before)
    rows = list(found[: limit + 1])
    return Response(
        {
            "versions": [version_dict(row, model) for row in rows[:limit]],
            "next": rows[limit - 1].version if len(rows) > limit else None,
        }
    )


@extend_schema(responses=RelativeRow(many=True), operation_id="versions_lineage")
@api_view(["GET"])
def chain(request: Request, name: str, version: str) -> Response:
    """The versions it was trained from or is made of, itself, and those made from it."""
    relatives = lineage(find_version(find_model(name), version))
    return Response(
        [
            {
                "modelName": relative.version.model.name,
                "version": relative.version.version,
                "distance": relative.distance,
                "relation": relative.relation,
                "sessionId": relative.version.session_id,
                "dataSource": relative.version.dataset_name,
                "datasetFingerprint": relative.version.dataset_fingerprint,
                "trainedAt": relative.version.created_at,
            }
            for relative in relatives
        ]
    )
