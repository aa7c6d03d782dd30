"""REST: forecasts that were registered before their draw."""

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.refusals import Invalid
from memory.wire import read_body, read_count, text_field
from reflection.forecast_wire import forecast_in_full, forecast_json
from reflection.services.forecasts import (
    check_forecasts,
    find_forecast,
    forecast_listing,
    live_evidence,
    register_forecast,
    switch_automatic,
)
from reflection.wire import as_json
from registry.queries import find_model, find_version
from training.services.draws import find_dataset

PAGE = 50
MOST = 1000


class RegisterRequest(serializers.Serializer):
    """The body of a registration."""

    modelName = serializers.CharField()
    version = serializers.IntegerField(required=False, help_text="default: the newest")
    dataSource = serializers.CharField(
        required=False, help_text="default: what the version learned from"
    )
    drawDate = serializers.DateField(
        required=False, help_text="default: the coming draw; one that has begun is grade C"
    )


class AutomaticRequest(serializers.Serializer):
    """The body that switches automatic forecasts of a model."""

    modelName = serializers.CharField()
    dataSource = serializers.CharField(required=False)
    on = serializers.BooleanField()


@extend_schema(
    methods=["GET"],
    parameters=[
        OpenApiParameter("modelName", str),
        OpenApiParameter("dataSource", str),
        OpenApiParameter("state", str, enum=["open", "scored", "all"]),
        OpenApiParameter("limit", int),
        OpenApiParameter("offset", int),
    ],
    responses=OpenApiTypes.OBJECT,
    operation_id="forecasts_list",
)
@extend_schema(
    methods=["POST"],
    request=RegisterRequest,
    responses={201: OpenApiTypes.OBJECT},
    operation_id="forecasts_register",
)
@api_view(["GET", "POST"])
def every(request: Request) -> Response:
    """Forecasts, the newest draw first, or the registration of one for the coming draw."""
    if request.method == "POST":
        return _register(request)
    query = request.query_params
    limit = read_count(query.get("limit", str(PAGE)), "limit", low=1, high=MOST)
    offset = read_count(query.get("offset", "0"), "offset", low=0, high=2**31)
    found = forecast_listing(
        model_name=query.get("modelName", ""),
        dataset_name=query.get("dataSource", ""),
        state=query.get("state", "all"),
    )
    rows = [forecast_json(row) for row in found.rows[offset : offset + limit]]
    answer = {"forecasts": rows, "total": found.total, "limit": limit, "offset": offset}
    return Response(answer)


def _register(request: Request) -> Response:
    body = read_body(request.data)
    wanted = body.get("version", "")
    if type(wanted) not in (int, str):
        raise Invalid(fields={"version": "Must be a whole number."})
    version = find_version(find_model(text_field(body, "model_name")), str(wanted))
    source = text_field(body, "data_source", required=False) or version.dataset_name
    made = register_forecast(
        version=version,
        dataset=find_dataset(source),
        draw_date=_read_day(text_field(body, "draw_date", required=False)),
        actor=request.user.get_username(),
    )
    return Response(forecast_in_full(made), status=201)


def _read_day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(fields={"draw_date": "Must be a day as 2026-11-25."}) from None


@extend_schema(responses=OpenApiTypes.OBJECT, operation_id="forecasts_get")
@api_view(["GET"])
def one(request: Request, pk: int) -> Response:
    """A forecast with each ball's probability, its bounds and its score."""
    return Response(forecast_in_full(find_forecast(pk)))


@extend_schema(responses=OpenApiTypes.BINARY, operation_id="forecasts_document")
@api_view(["GET"])
def document(request: Request, pk: int) -> HttpResponse:
    """The text of a forecast, byte for byte: its SHA-256 is in the journal."""
    found = find_forecast(pk)
    answer = HttpResponse(found.document, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="forecast-{pk}.json"'
    return answer


@extend_schema(
    parameters=[OpenApiParameter("dataSource", str, required=True)],
    responses=OpenApiTypes.OBJECT,
    operation_id="forecasts_evidence",
)
@api_view(["GET"])
def evidence(request: Request) -> Response:
    """The live bankroll of one history, and what each enrolled model has earned."""
    dataset = find_dataset(request.query_params.get("dataSource", ""))
    forecast_listing()  # scores what has arrived
    return Response(as_json(live_evidence(dataset_name=dataset.name)))


@extend_schema(request=None, responses=OpenApiTypes.OBJECT, operation_id="forecasts_check")
@api_view(["POST"])
def check(request: Request) -> Response:
    """Compare every forecast with what the journal registered."""
    found = check_forecasts()
    changed = [forecast_json(row) for row in found.changed]
    return Response({"forecasts": found.forecasts, "changed": changed})


@extend_schema(
    request=AutomaticRequest, responses=OpenApiTypes.OBJECT, operation_id="forecasts_automatic"
)
@api_view(["PUT"])
def automatic(request: Request) -> Response:
    """Have a model register a forecast for every draw by itself, or no more."""
    body = read_body(request.data)
    model = find_model(text_field(body, "model_name"))
    source = text_field(body, "data_source", required=False)
    if type(body.get("on")) is not bool:
        raise Invalid(fields={"on": "Must be true or false."})
    enrolment = switch_automatic(
        model=model,
        dataset=find_dataset(source or find_version(model).dataset_name),
        on=body["on"],
        actor=request.user.get_username(),
    )
    facts: dict[str, Any] = {
        "modelName": model.name,
        "dataSource": enrolment.dataset.name,
        "since": enrolment.since,
        "automatic": enrolment.automatic,
    }
    return Response(facts)


urlpatterns = [
    path("forecasts", every),
    path("forecasts/evidence", evidence),
    path("forecasts/check", check),
    path("forecasts/automatic", automatic),
    path("forecasts/<entry:pk>", one),
    path("forecasts/<entry:pk>/document", document, name="api_forecast_document"),
]
