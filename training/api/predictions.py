"""REST: what a model expects of the next draw."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.refusals import Invalid
from memory.wire import read_body, text_field
from registry.queries import find_model, find_version
from training.services.draws import find_dataset
from training.services.predictions import NextDraw, predict_next


class PredictRequest(serializers.Serializer):
    dataSource = serializers.CharField(
        required=False, help_text="default: what it learned from"
    )
    version = serializers.IntegerField(required=False, help_text="default: the newest")
    alias = serializers.CharField(required=False)


class Ticket(serializers.Serializer):
    white = serializers.ListField(child=serializers.IntegerField())
    bonus = serializers.IntegerField()


class PredictAnswer(serializers.Serializer):
    modelName = serializers.CharField()
    version = serializers.IntegerField()
    dataSource = serializers.CharField()
    drawDate = serializers.DateField()
    matrix = serializers.CharField()
    draws = serializers.IntegerField(help_text="that were looked back on")
    white = serializers.ListField(
        child=serializers.FloatField(), help_text="probability of each ball, ball 1 first"
    )
    bonus = serializers.ListField(child=serializers.FloatField())
    ticket = Ticket()
    expectedMatches = serializers.FloatField(help_text="white balls of the ticket")
    chanceMatches = serializers.FloatField()
    whiteEntropy = serializers.FloatField(help_text="bits")
    largestWhiteEntropy = serializers.FloatField()
    bonusEntropy = serializers.FloatField()
    largestBonusEntropy = serializers.FloatField()
    message = serializers.CharField()


@extend_schema(request=PredictRequest, responses=PredictAnswer, operation_id="models_predict")
@api_view(["POST"])
def predict(request: Request, name: str) -> Response:
    """The probabilities of all balls at the next draw of a dataset, beside chance."""
    body = read_body(request.data)
    wanted = body.get("version") or text_field(body, "alias", required=False)
    if type(wanted) not in (int, str):
        raise Invalid(fields={"version": "Must be a whole number."})
    version = find_version(find_model(name), str(wanted))
    source = text_field(body, "data_source", required=False) or version.dataset_name
    said = predict_next(version=version, dataset=find_dataset(source))
    return Response(prediction_dict(said))


def prediction_dict(said: NextDraw) -> dict[str, Any]:
    """A prediction as REST clients read it."""
    prediction = said.prediction
    white, bonus = prediction.ticket
    largest_white, largest_bonus = prediction.largest_entropy
    return {
        "modelName": prediction.version.model.name,
        "version": prediction.version.version,
        "dataSource": said.dataset.name,
        "drawDate": said.date,
        "matrix": str(said.matrix),
        "draws": said.draws,
        "white": prediction.white.tolist(),
        "bonus": prediction.bonus.tolist(),
        "ticket": {"white": white, "bonus": bonus},
        "expectedMatches": prediction.expected_matches,
        "chanceMatches": prediction.chance_matches,
        "whiteEntropy": prediction.white_entropy,
        "largestWhiteEntropy": largest_white,
        "bonusEntropy": prediction.bonus_entropy,
        "largestBonusEntropy": largest_bonus,
        "message": prediction.sentence,
    }


urlpatterns = [path("models/<str:name>/predict", predict)]
