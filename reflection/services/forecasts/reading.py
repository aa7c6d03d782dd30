"""Lists of forecasts for pages, REST and the command; scores what has arrived first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from memory.refusals import Invalid, NotFound
from memory.sentences import counted
from reflection.models import Forecast
from reflection.services.forecasts.scoring import score_arrived
from registry.queries import find_model
from training.services.draws import find_dataset

STATES: Mapping[str, str] = {
    "open": "not scored yet",
    "scored": "scored",
    "all": "open and scored",
}


@dataclass(frozen=True)
class ForecastListing:
    """Forecasts of one filter, the newest draw first, as a query to page through."""

    heading: str
    rows: QuerySet[Forecast]
    total: int


def forecast_listing(
    *, model_name: str = "", dataset_name: str = "", state: str = "all"
) -> ForecastListing:
    """The forecasts of a model, a history and a state; empty words do not restrict.

    Raises NotFound for an unknown model or history, Invalid for another state.
    """
    score_arrived()
    rows, words = _with_all_shown(), []
    if state not in STATES:
        raise Invalid(fields={"state": f"Must be one of {', '.join(STATES)}."})
    if state != "all":
        rows = rows.open() if state == "open" else rows.scored()
        words.append(STATES[state])
    if model_name:
        model = find_model(model_name)
        rows = rows.filter(model=model)
        words.append(f"by {model.name}")
    if dataset_name:
        rows = rows.filter(dataset=find_dataset(dataset_name))
        words.append(f"of {dataset_name}")
    total = rows.count()
    return ForecastListing(
        heading=", ".join([counted(total, "forecast"), *words]),
        rows=rows,
        total=total,
    )


def find_forecast(pk: int) -> Forecast:
    """The forecast of a number, scored if its draw has arrived; NotFound when there is none."""
    score_arrived()
    found = _with_all_shown().filter(pk=pk).first()
    if found is None:
        raise NotFound(f"There is no forecast {pk}.")
    return found


def _with_all_shown() -> Any:
    return Forecast.objects.select_related("model", "version__model", "dataset", "draw")
