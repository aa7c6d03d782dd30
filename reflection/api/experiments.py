"""REST: which experiment would be worth its time, and starting it."""

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.wire import read_body, text_field
from reflection.experiment_wire import experiment_json
from reflection.services.experiments import (
    ask_for_experiment,
    next_experiment,
    start_experiment,
)
from training.services.draws import find_dataset


class ExperimentRequest(serializers.Serializer):
    """On which history, and under which name."""

    dataSource = serializers.CharField()
    modelName = serializers.CharField(required=False, help_text="default: a free one")


@extend_schema(
    methods=["GET"],
    parameters=[OpenApiParameter("dataSource", str, required=True)],
    responses=OpenApiTypes.OBJECT,
    operation_id="experiment_next",
)
@extend_schema(
    methods=["POST"],
    request=ExperimentRequest,
    responses={202: OpenApiTypes.OBJECT},
    operation_id="experiment_compute",
)
@api_view(["GET", "POST"])
def experiment(request: Request) -> Response:
    """The next experiment with its reason; POST has a worker compute it anew."""
    if request.method == "POST":
        dataset = find_dataset(text_field(read_body(request.data), "data_source"))
        ask_for_experiment(dataset=dataset)
        return Response(experiment_json(next_experiment(dataset=dataset)), status=202)
    dataset = find_dataset(request.query_params.get("dataSource", ""))
    return Response(experiment_json(next_experiment(dataset=dataset)))


@extend_schema(
    request=ExperimentRequest,
    responses={201: OpenApiTypes.OBJECT},
    operation_id="experiment_start",
)
@api_view(["POST"])
def start(request: Request) -> Response:
    """Start a session with the proposed settings; asked twice, the same session."""
    body = read_body(request.data)
    session = start_experiment(
        dataset=find_dataset(text_field(body, "data_source")),
        model_name=text_field(body, "model_name", required=False),
        actor=request.user.get_username(),
    )
    answer = {
        "sessionId": session.pk,
        "modelName": session.model.name,
        "status": "started",
        "state": session.state,
    }
    return Response(answer, status=201)


urlpatterns = [
    path("reflection/experiment", experiment),
    path("reflection/experiment/start", start),
]
