"""How a forecast is written as JSON."""

from typing import Any

from django.urls import reverse

from reflection.models import Forecast
from reflection.wire import as_json


def forecast_json(forecast: Forecast) -> dict[str, Any]:
    """A forecast without its numbers; `document` is where its text is."""
    draw = forecast.draw
    return as_json_of(
        {
            "id": forecast.pk,
            "modelName": forecast.model.name,
            "version": forecast.version.version,
            "dataSource": forecast.dataset.name,
            "drawDate": forecast.draw_date,
            "drawTime": forecast.draw_time,
            "registeredAt": forecast.registered_at,
            "registeredBy": forecast.actor,
            "state": forecast.state,
            "grade": forecast.grade,
            "sha256": forecast.sha256,
            "journalEntry": forecast.journal_seq,
            "gain": forecast.gain if draw else None,
            "scoredAt": forecast.scored_at if draw else None,
            "draw": {"white": draw.white, "bonus": draw.bonus} if draw else None,
            "problem": forecast.problem or None,
            "document": reverse("api_forecast_document", args=[forecast.pk]),
        }
    )


def forecast_in_full(forecast: Forecast) -> dict[str, Any]:
    """The same with each ball's probability (the floor included) and the bounds on its score."""
    said = forecast.thawed()
    least, most = said.range
    return forecast_json(forecast) | as_json_of(
        {
            "picks": said.picks,
            "floor": said.floor,
            "parts": len(said.weights),
            "white": said.white_chances.tolist(),
            "bonus": said.bonus_chances.tolist(),
            "leastGain": least,
            "mostGain": most,
            "about": said.about,
        }
    )


def as_json_of(facts: dict[str, Any]) -> dict[str, Any]:
    """The values as JSON types."""
    return {name: as_json(value) for name, value in facts.items()}
