"""REST: the comparisons that an account keeps by name."""

from typing import Any

from django.contrib.auth.models import User
from django.http import QueryDict
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.wire import read_body, text_field
from reflection.comparison_page import query_of
from reflection.models import SavedComparison
from reflection.services import named


class ComparisonRow(serializers.Serializer):
    number = serializers.IntegerField()
    name = serializers.CharField()
    query = serializers.CharField(help_text="of the address of the page Compare")
    savedAt = serializers.DateTimeField()


class ComparisonRequest(serializers.Serializer):
    name = serializers.CharField(max_length=40)
    query = serializers.CharField(help_text="such as m=owl&m=lark&base=owl")


class NameRequest(serializers.Serializer):
    name = serializers.CharField(max_length=40)


@extend_schema(
    methods=["GET"], responses=ComparisonRow(many=True), operation_id="comparisons_list"
)
@extend_schema(
    methods=["POST"],
    request=ComparisonRequest,
    responses={201: ComparisonRow},
    operation_id="comparisons_save",
)
@api_view(["GET", "POST"])
def comparisons(request: Request) -> Response:
    """The comparisons this account keeps; a POST keeps one more, or moves a name."""
    assert isinstance(request.user, User)
    if request.method == "GET":
        held = SavedComparison.objects.filter(owner=request.user)
        return Response([_row(one) for one in held])
    body = read_body(request.data)
    saved = named.save_comparison(
        owner=request.user,
        name=text_field(body, "name"),
        query=query_of(QueryDict(text_field(body, "query"))),
    )
    return Response(_row(saved), status=201)


@extend_schema(
    methods=["PATCH"],
    request=NameRequest,
    responses=ComparisonRow,
    operation_id="comparisons_rename",
)
@extend_schema(methods=["DELETE"], responses={204: None}, operation_id="comparisons_forget")
@api_view(["PATCH", "DELETE"])
def comparison(request: Request, number: int) -> Response:
    """Rename or forget a comparison of this account."""
    assert isinstance(request.user, User)
    if request.method == "DELETE":
        named.forget_comparison(owner=request.user, number=number)
        return Response(status=204)
    name = text_field(read_body(request.data), "name")
    saved = named.rename_comparison(owner=request.user, number=number, name=name)
    return Response(_row(saved))


def _row(saved: SavedComparison) -> dict[str, Any]:
    return {
        "number": saved.pk,
        "name": saved.name,
        "query": saved.query,
        "savedAt": saved.saved_at,
    }


urlpatterns = [
    path("comparisons", comparisons),
    path("comparisons/<int:number>", comparison),
]
