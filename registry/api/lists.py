"""REST: a list of models as a file, and saved views."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpResponse, JsonResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.wire import read_body, text_field
from registry import services
from registry.api.models import FILTERS
from registry.models import SavedView
from registry.queries import parse_filter
from registry.serializers import ModelRow, ViewRequest, ViewRow
from registry.tables import csv_of, rows_of


@extend_schema(
    parameters=FILTERS,
    responses={(200, "text/csv"): OpenApiTypes.STR},
    operation_id="models_csv",
)
@api_view(["GET"])
def as_csv(request: Request) -> HttpResponse:
    """All models that match, as CSV in the order asked for."""
    text = csv_of(parse_filter(request.query_params))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="models.csv"'
    return response


@extend_schema(parameters=FILTERS, responses=ModelRow(many=True), operation_id="models_json")
@api_view(["GET"])
def as_json(request: Request) -> HttpResponse:
    """All models that match, as one JSON list in the order asked for."""
    rows = list(rows_of(parse_filter(request.query_params)))
    response = JsonResponse(rows, safe=False)
    response["Content-Disposition"] = 'attachment; filename="models.json"'
    return response


@extend_schema(methods=["GET"], responses=ViewRow(many=True), operation_id="views_list")
@extend_schema(
    methods=["POST"],
    request=ViewRequest,
    responses={201: ViewRow},
    operation_id="views_save",
)
@api_view(["GET", "POST"])
def views(request: Request) -> Response:
    """The views this account keeps; a POST keeps one more."""
    assert isinstance(request.user, User)
    if request.method == "GET":
        return Response([_row(view) for view in SavedView.objects.filter(owner=request.user)])
    body = read_body(request.data)
    name, query = text_field(body, "name"), text_field(body, "query", required=False)
    view = services.save_view(owner=request.user, name=name, query=query)
    return Response(_row(view), status=201)


@extend_schema(responses={204: None}, operation_id="views_remove")
@api_view(["DELETE"])
def view(request: Request, number: int) -> Response:
    """Forget a view of this account."""
    assert isinstance(request.user, User)
    services.remove_view(owner=request.user, number=number)
    return Response(status=204)


def _row(view: SavedView) -> dict[str, Any]:
    return {"number": view.pk, "name": view.name, "query": view.query}
