"""REST: what was learned. Everything that the pages show."""

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.refusals import Invalid
from memory.wire import read_body
from reflection.services import (
    audit_draws,
    compare,
    insights,
    kept,
    recommend,
    reflect_on_model,
)
from reflection.wire import as_json, audit_json


@extend_schema(
    parameters=[OpenApiParameter("dataset", str, description="Default: the realest there is")],
    responses=OpenApiTypes.OBJECT,
    operation_id="reflection_list",
)
@api_view(["GET"])
def every(request: Request) -> Response:
    """The house's evidence, the twelve insight cards, and every model with its verdict."""
    name = request.query_params.get("dataset", "")
    return Response(kept(f"insights:{name}", lambda: as_json(insights(dataset_name=name))))


@extend_schema(responses=OpenApiTypes.OBJECT, operation_id="reflection_model")
@api_view(["GET"])
def one(request: Request, name: str) -> Response:
    """Verdict, test gain with its interval, evidence, training and loss curve of a model."""
    return Response(as_json(reflect_on_model(name)))


@extend_schema(
    parameters=[
        OpenApiParameter("dataset", str, required=True),
        OpenApiParameter("era", str, description="First day of an era; default: the newest"),
    ],
    responses=OpenApiTypes.OBJECT,
    operation_id="reflection_audit",
)
@api_view(["GET"])
def audit(request: Request) -> Response:
    """Data checks and eight tests of a dataset's newest era against a fair drum."""
    name = request.query_params.get("dataset", "")
    if not name:
        raise Invalid(fields={"dataset": "Must be given: the name of a dataset."})
    found = audit_draws(dataset_name=name, era_key=request.query_params.get("era", ""))
    return Response(audit_json(found))


class NamesRequest(serializers.Serializer):
    """The body of a comparison or an ensemble."""

    models = serializers.ListField(child=serializers.CharField())


def read_names(request: Request) -> list[str]:
    """`{"models": ["a", "b"]}`: the names, each once in any case of its letters."""
    names = read_body(request.data).get("models")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Invalid(fields={"models": "Must be a list of model names."})
    return list(dict.fromkeys(names))


@extend_schema(
    request=NamesRequest, responses=OpenApiTypes.OBJECT, operation_id="reflection_compare"
)
@api_view(["POST"])
def comparison(request: Request) -> Response:
    """Models beside each other on the draws that all of them were scored on."""
    names = read_names(request)
    found = kept(f"compare:{','.join(names)}", lambda: as_json(compare(models=names)))
    return Response(found)


@extend_schema(
    request=NamesRequest, responses=OpenApiTypes.OBJECT, operation_id="reflection_ensemble"
)
@api_view(["POST"])
def ensemble(request: Request) -> Response:
    """What to forecast with: weights, the bound on regret, and the answer when uniform wins."""
    return Response(as_json(recommend(models=read_names(request))))


urlpatterns = [
    path("reflection", every),
    path("reflection/audit", audit),
    path("reflection/compare", comparison),
    path("reflection/ensemble", ensemble),
    path("reflection/<str:name>", one),
]
