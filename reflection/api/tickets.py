"""REST: play tickets against history, and read what they won."""

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.wire import read_body, read_count
from reflection.models import TicketPlay
from reflection.services import start_job
from reflection.services.tickets import find_play
from reflection.wire import job_json, play_json

PAGE, MOST = 50, 1000


class TicketRequest(serializers.Serializer):
    """The likeliest tickets of a backtest's forecasts, or random ones on a dataset."""

    backtest = serializers.IntegerField(required=False)
    dataSource = serializers.CharField(required=False)
    tickets = serializers.IntegerField(required=False, help_text="per draw; default: 1")
    seed = serializers.IntegerField(required=False)
    jackpot = serializers.IntegerField(required=False, help_text="dollars a jackpot counts as")


@extend_schema(
    methods=["GET"],
    parameters=[OpenApiParameter("limit", int), OpenApiParameter("offset", int)],
    responses=OpenApiTypes.OBJECT,
    operation_id="tickets_list",
)
@extend_schema(
    methods=["POST"],
    request=TicketRequest,
    responses={201: OpenApiTypes.OBJECT},
    operation_id="tickets_start",
)
@api_view(["GET", "POST"])
def every(request: Request) -> Response:
    """Ticket plays, newest first; POST queues one and answers with its job."""
    if request.method == "POST":
        actor = request.user.get_username()
        job = start_job(kind="tickets", settings=read_body(request.data), actor=actor)
        return Response(job_json(job), status=201)
    query = request.query_params
    limit = read_count(query.get("limit", str(PAGE)), "limit", low=1, high=MOST)
    offset = read_count(query.get("offset", "0"), "offset", low=0, high=2**31)
    rows = [play_json(play) for play in TicketPlay.objects.all()[offset : offset + limit]]
    about = {"total": TicketPlay.objects.count(), "limit": limit, "offset": offset}
    return Response({"plays": rows, **about})


@extend_schema(responses=OpenApiTypes.OBJECT, operation_id="tickets_one")
@api_view(["GET"])
def one(request: Request, pk: int) -> Response:
    """Cost, return and hits of a play, each way to win beside its expectation and band."""
    return Response(play_json(find_play(pk)))


urlpatterns = [
    path("tickets", every),
    path("tickets/<int:pk>", one),
]
