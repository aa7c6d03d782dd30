"""REST: the insight cards of an account: put away, bring back, keep in the journal."""

from typing import Any

from django.contrib.auth.models import User
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.serializers import Entry, entry_dict
from reflection.services.cards import Card
from reflection.services.dismissals import (
    bring_back_card,
    dismiss_card,
    save_card,
    sort_cards,
)
from reflection.services.overview import known_insights
from reflection.wire import as_json

DATASET = OpenApiParameter("dataset", str, description="Default: the realest there is")


class CardRow(serializers.Serializer):
    """A card, and whether this account has put it away."""

    key = serializers.CharField()
    question = serializers.CharField()
    answer = serializers.CharField()
    verdict = serializers.CharField(help_text="the answer without its numbers")
    value = serializers.CharField(help_text="the number with its unit; empty: not measured")
    interval = serializers.CharField()
    grade = serializers.CharField()
    n = serializers.IntegerField()
    models = serializers.IntegerField()
    exact = serializers.BooleanField()
    how = serializers.CharField()
    evidence = serializers.CharField(help_text="address of the rows behind it")
    crossed = serializers.BooleanField()
    dismissed = serializers.BooleanField()


@extend_schema(
    parameters=[DATASET], responses=CardRow(many=True), operation_id="reflection_cards"
)
@api_view(["GET"])
def cards(request: Request) -> Response:
    """The twelve cards, those that this account dismissed last."""
    shown, dismissed = sort_cards(
        owner=_owner(request), found=known_insights(_dataset(request))
    )
    rows = [*(_row(card, dismissed=False) for card in shown)]
    return Response(rows + [_row(card, dismissed=True) for card in dismissed])


@extend_schema(
    parameters=[DATASET],
    request=None,
    responses=CardRow,
    operation_id="reflection_card_dismiss",
    methods=["PUT"],
)
@extend_schema(
    parameters=[DATASET],
    responses={200: CardRow},
    operation_id="reflection_card_bring_back",
    methods=["DELETE"],
)
@api_view(["PUT", "DELETE"])
def dismissal(request: Request, key: str) -> Response:
    """Put a card away until its verdict changes (PUT), or show it again (DELETE)."""
    dismiss = request.method == "PUT"
    verb = dismiss_card if dismiss else bring_back_card
    card = verb(owner=_owner(request), key=key, dataset_name=_dataset(request))
    return Response(_row(card, dismissed=dismiss))


@extend_schema(
    parameters=[DATASET],
    request=None,
    responses={201: Entry},
    operation_id="reflection_card_save",
)
@api_view(["POST"])
def save(request: Request, key: str) -> Response:
    """Keep what a card says now as an entry of the journal."""
    actor = request.user.get_username()
    entry = save_card(key=key, actor=actor, dataset_name=_dataset(request))
    return Response(entry_dict(entry), status=201)


def _row(card: Card, *, dismissed: bool) -> dict[str, Any]:
    return {**as_json(card), "dismissed": dismissed}


def _owner(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def _dataset(request: Request) -> str:
    return request.query_params.get("dataset", "")


urlpatterns = [
    path("reflection/cards", cards),
    path("reflection/cards/<str:key>/dismissal", dismissal),
    path("reflection/cards/<str:key>/save", save),
]
