"""Scoring the forecasts whose draw has arrived.

Nothing calls this when draws are imported: training knows nothing of forecasts. The queue asks
every two seconds, and every page and answer that shows forecasts asks before it reads them; one
query finds that there is nothing to do.
"""

from django.db import transaction
from django.utils import timezone

from memory.services import append
from reflection.models import Forecast
from reflection.services.forecasts.checking import mark, problem_of
from training.models import Draw


def score_arrived(*, limit: int | None = None) -> int:
    """Score every open forecast whose draw is held now, or so many of them; how many. Asked twice,
    scored once.
    """
    rows = Forecast.objects.arrived().select_related("model", "version", "dataset")
    return sum(_score(row) for row in rows[:limit])


def _score(forecast: Forecast) -> bool:
    """Score one forecast, unless somebody else just did or its draw was taken back."""
    draw = Draw.objects.filter(dataset=forecast.dataset_id, date=forecast.draw_date).first()
    if draw is None:
        return False
    problem = problem_of(forecast)  # before there is a score: text and entry
    gain = _gain(forecast, draw)
    with transaction.atomic():
        row = Forecast.objects.filter(pk=forecast.pk, draw=None)
        if not row.update(draw=draw, gain=gain, scored_at=timezone.now()):
            return False
        if problem != forecast.problem:
            mark(forecast, problem)
        append(
            event_type="forecast_scored",
            model_name=forecast.model.name,
            metadata={
                "draw_date": str(forecast.draw_date),
                "dataset": forecast.dataset.name,
                "version": forecast.version.version,
                "gain": gain,
                "grade": forecast.grade,
                "balls": f"{' '.join(map(str, draw.white))} + {draw.bonus}",
                "entry": forecast.journal_seq,
            },
        )
    return True


def _gain(forecast: Forecast, draw: Draw) -> float | None:
    """Bits over chance; None for a text that is no forecast any more, or of another matrix."""
    try:
        return forecast.thawed().gain(draw.white, draw.bonus)
    except (ValueError, IndexError):
        return None
