"""REST: the figures of a session's page, as Plotly JSON that a notebook draws as well."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.refusals import Invalid
from training.chart import chart_of, course_charts, curve_of
from training.figures import AXES, SMALL, read_options
from training.services.sessions import find_session


class Figure(serializers.Serializer):
    sessionId = serializers.IntegerField()
    figure = serializers.DictField(help_text="Plotly: data and layout")
    words = serializers.CharField(help_text="what the figure shows")
    remarks = serializers.CharField()
    logIsPossible = serializers.BooleanField(help_text="are all values positive?")


@extend_schema(
    parameters=[
        OpenApiParameter("x", str, enum=list(AXES)),
        OpenApiParameter("smooth", float, description="0 to 0.99"),
        OpenApiParameter("log", str, enum=["1"]),
        OpenApiParameter("delta", str, enum=["0", "1"], description="0: loss, 1: gain"),
        OpenApiParameter("z", str, description="from-to, in epochs or seconds"),
        OpenApiParameter("column", str, enum=list(SMALL), description="another figure"),
    ],
    responses=Figure,
    operation_id="train_figure",
)
@api_view(["GET"])
def figure(request: Request, session_id: int) -> Response:
    """The curve of a session, or the course of one other column."""
    session = find_session(session_id)
    options, problems = read_options(request.query_params)
    column = request.query_params.get("column", "")
    if column and column not in SMALL:
        problems["column"] = f"Must be one of {', '.join(SMALL)}."
    if problems:
        raise Invalid(fields=problems)
    curve = curve_of(session)
    chart = chart_of(session, curve, options)
    return Response(
        {
            "sessionId": session.pk,
            "figure": course_charts(curve, options)[column].figure if column else chart.figure,
            "words": chart.words,
            "remarks": chart.remarks,
            "logIsPossible": chart.log_is_possible,
        }
    )


urlpatterns = [
    path("train/sessions/<int:session_id>/figure", figure, name="train_figure"),
]
