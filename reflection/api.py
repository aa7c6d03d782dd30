"""REST: what was learned. Everything that the pages show."""

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from reflection.services import reflect_on_model, verdicts
from reflection.wire import as_json


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


urlpatterns = [
    path("reflection", every),
    path("reflection/<str:name>", one),
]
