"""REST: controls of the instrument."""

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.wire import read_body, text_field
from reflection.control_wire import pipeline_json
from reflection.controlling.catalogue import PLANTED
from reflection.services import USUAL, kept, pipelines, start_job
from reflection.wire import job_json, named_dataset
from training.services.draws import find_dataset


class ControlsRequest(serializers.Serializer):
    """A model's pipeline, or an encoder's with the usual settings, and how many histories of what."""

    modelName = serializers.CharField(required=False)
    encoder = serializers.CharField(required=False, help_text="without a model")
    dataSource = serializers.CharField(required=False, help_text="default: the model's")
    placebos = serializers.IntegerField(default=USUAL, help_text="fair histories")
    shuffled = serializers.IntegerField(default=0, help_text="the real draws in another order")
    planted = serializers.ListField(
        child=serializers.ChoiceField(choices=PLANTED), required=False
    )
    each = serializers.IntegerField(default=10, help_text="histories of each planted bias")
    poison = serializers.BooleanField(default=True)
    origin = serializers.IntegerField(
        required=False, help_text="default: as the model was replayed, else 300"
    )
    refit = serializers.IntegerField(
        required=False, help_text="default: as the model was replayed, else 50"
    )
    warm = serializers.BooleanField(
        required=False, help_text="default: as the model was replayed, else cold"
    )
    backtest = serializers.IntegerField(required=False, help_text="control this replay")
    requestKey = serializers.CharField(required=False)


@extend_schema(
    methods=["GET"],
    parameters=[OpenApiParameter("dataset", str, required=True)],
    responses=OpenApiTypes.OBJECT,
    operation_id="controls_list",
)
@extend_schema(
    methods=["POST"],
    request=ControlsRequest,
    responses={201: OpenApiTypes.OBJECT},
    operation_id="controls_start",
)
@api_view(["GET", "POST"])
def every(request: Request) -> Response:
    """How the controls on a dataset came out, pipeline by pipeline; POST queues more as a job."""
    if request.method == "POST":
        body = read_body(request.data)
        key = text_field(body, "request_key", required=False)
        settings = {name: value for name, value in body.items() if name != "request_key"}
        actor = request.user.get_username()
        job = start_job(kind="controls", settings=settings, actor=actor, request_key=key)
        return Response(job_json(job), status=201)
    name = find_dataset(named_dataset(request)).name
    found = kept(f"controls:{name}", lambda: pipelines(dataset_name=name))
    return Response({"dataset": name, "pipelines": [pipeline_json(one) for one in found]})


urlpatterns = [path("controls", every)]
