"""REST: start backtests, list them, and read one with its draws."""

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.wire import camel, read_body, read_count, text_field
from reflection.services import find_backtest, start_job
from reflection.services.backtests import plan
from reflection.services.replayed import listed, paths_of, replayed
from reflection.wire import as_json, backtest_json, job_json

PAGE, MOST = 50, 1000


class BacktestRequest(serializers.Serializer):
    """A model's settings, refitted every `refit` draws from draw `origin` on."""

    modelName = serializers.CharField()
    version = serializers.IntegerField(required=False, help_text="default: the newest")
    dataSource = serializers.CharField(required=False, help_text="default: the version's own")
    origin = serializers.IntegerField(required=False, help_text="default: 300")
    refit = serializers.IntegerField(required=False, help_text="default: 50")
    warm = serializers.BooleanField(
        required=False, help_text="refits go on from the one before"
    )
    eras = serializers.ListField(child=serializers.CharField(), required=False)
    dateFrom = serializers.DateField(required=False)
    dateTo = serializers.DateField(required=False)
    weekdays = serializers.ListField(child=serializers.IntegerField(), required=False)
    requestKey = serializers.CharField(required=False)


@extend_schema(
    methods=["GET"],
    parameters=[
        OpenApiParameter("modelName", str),
        OpenApiParameter("dataset", str),
        OpenApiParameter("limit", int),
        OpenApiParameter("offset", int),
    ],
    responses=OpenApiTypes.OBJECT,
    operation_id="backtests_list",
)
@extend_schema(
    methods=["POST"],
    request=BacktestRequest,
    responses={201: OpenApiTypes.OBJECT},
    operation_id="backtests_start",
)
@api_view(["GET", "POST"])
def every(request: Request) -> Response:
    """Backtests, newest first; POST queues one and answers with its job."""
    if request.method == "POST":
        body = read_body(request.data)
        key = text_field(body, "request_key", required=False)
        body.pop("request_key", None)
        actor = request.user.get_username()
        job = start_job(kind="backtest", settings=body, actor=actor, request_key=key)
        return Response(job_json(job), status=201)
    query = request.query_params
    limit = read_count(query.get("limit", str(PAGE)), "limit", low=1, high=MOST)
    offset = read_count(query.get("offset", "0"), "offset", low=0, high=2**31)
    found = listed(model=query.get("modelName", ""), dataset=query.get("dataset", ""))
    rows = [backtest_json(row) for row in found[offset : offset + limit]]
    about = {"total": found.count(), "limit": limit, "offset": offset}
    return Response({"backtests": rows, **about})


@extend_schema(
    request=BacktestRequest, responses=OpenApiTypes.OBJECT, operation_id="backtests_estimate"
)
@api_view(["POST"])
def estimate(request: Request) -> Response:
    """What a start with this body would do and take; nothing is queued."""
    return Response(as_json(plan(read_body(request.data))))


@extend_schema(responses=OpenApiTypes.OBJECT, operation_id="backtests_one")
@api_view(["GET"])
def one(request: Request, pk: int) -> Response:
    """A backtest: verdict, intervals, evidence with its grade, refits, provenance."""
    return Response(as_json(replayed(find_backtest(pk))))


@extend_schema(responses=OpenApiTypes.OBJECT, operation_id="backtests_draws")
@api_view(["GET"])
def draws(request: Request, pk: int) -> Response:
    """Every draw of a backtest: its gain, wealth so far, hits, and how many draws were known."""
    rows = paths_of(find_backtest(pk)).rows()
    return Response({"backtest": pk, "draws": [as_json_row(row) for row in rows]})


def as_json_row(row: dict[str, object]) -> dict[str, object]:
    """A row with camelCase names."""
    return {camel(name): value for name, value in row.items()}


urlpatterns = [
    path("backtests", every),
    path("backtests/estimate", estimate),
    path("backtests/<int:pk>", one),
    path("backtests/<int:pk>/draws", draws),
]
