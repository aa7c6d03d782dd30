"""REST: one verb for several sessions."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.refusals import Invalid
from memory.wire import read_body, text_field
from training.services.batch import VERBS, ask_each


class BatchRequest(serializers.Serializer):
    ask = serializers.ChoiceField(list(VERBS))
    sessionIds = serializers.ListField(child=serializers.IntegerField(), max_length=100)


class BatchAnswer(serializers.Serializer):
    done = serializers.ListField(child=serializers.IntegerField())
    refused = serializers.DictField(
        child=serializers.CharField(), help_text="why, by the number of the session"
    )


@extend_schema(request=BatchRequest, responses=BatchAnswer, operation_id="train_batch")
@api_view(["POST"])
def batch(request: Request) -> Response:
    """Pause, resume or stop several sessions; a stop keeps the best weights."""
    body = read_body(request.data)
    numbers = body.get("session_ids")
    if not isinstance(numbers, list) or not all(type(number) is int for number in numbers):
        raise Invalid(fields={"session_ids": "Must be a list of whole numbers."})
    outcome = ask_each(
        numbers=numbers,
        ask=text_field(body, "ask"),
        actor=request.user.get_username(),
    )
    refused = {str(number): why for number, why in outcome.refused.items()}
    return Response({"done": outcome.done, "refused": refused})


urlpatterns = [path("train/batch", batch)]
