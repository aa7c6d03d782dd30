"""REST: what was learned. Everything that the pages show."""

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.refusals import Invalid
from reflection.services import audit_draws, reflect_on_model, verdicts
from reflection.wire import as_json, audit_json


@extend_schema(responses=OpenApiTypes.OBJECT, operation_id="reflection_list")
@api_view(["GET"])
def every(request: Request) -> Response:
    """Every model with its verdict, highest mean gain first."""
    return Response({"models": as_json(verdicts())})


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


urlpatterns = [
    path("reflection", every),
    path("reflection/audit", audit),
    path("reflection/<str:name>", one),
]
