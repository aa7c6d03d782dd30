"""The page of a forecast: what a model expects of the next draw."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from memory.refusals import Refusal
from registry.figures import ball_plot
from registry.queries import find_model, find_version
from training.models import Dataset
from training.services.draws import find_dataset, find_game
from training.services.predictions import NextDraw, predict_next


@require_GET
def prediction(request: HttpRequest, name: str) -> HttpResponse:
    """The probabilities of all balls at the next draw, beside chance."""
    model = find_model(name)
    version = find_version(model, request.GET.get("version", ""))
    source = request.GET.get("dataset") or version.dataset_name
    context: dict[str, Any] = {
        "model": model,
        "artifact": version,
        "source": source,
        "datasets": Dataset.objects.filter(draw_count__gt=0),
    }
    try:
        context |= _shown(predict_next(version=version, dataset=find_dataset(source)))
    except Refusal as refusal:
        context["refusal"] = refusal
        return render(request, "training/prediction.html", context, status=refusal.status)
    return render(request, "training/prediction.html", context)


def _shown(said: NextDraw) -> dict[str, Any]:
    """What the template shows of a prediction."""
    forecast = said.prediction
    white, bonus = forecast.ticket
    return {
        "said": said,
        "forecast": forecast,
        "ticket": white,
        "bonus": bonus,
        "bonus_name": find_game(said.dataset.game).bonus_name,
        "largest": forecast.largest_entropy,
        "plots": [
            ("White balls", ball_plot(forecast.white, forecast.picks / len(forecast.white))),
            (
                find_game(said.dataset.game).bonus_name,
                ball_plot(forecast.bonus, 1 / len(forecast.bonus)),
            ),
        ],
    }
