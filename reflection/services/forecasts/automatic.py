"""Models that register a forecast for every draw by themselves."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from memory.refusals import Refusal
from memory.services import append
from reflection.models import Enrolment, Forecast
from reflection.services.forecasts.registering import refuse_simulated, register_forecast
from registry.models import RegisteredModel
from registry.queries import find_version
from registry.services.predicting import Ask
from training.models import Dataset
from training.services.predictions import coming_draw

AGAIN_AFTER = timedelta(
    minutes=10
)  # a refused attempt: draws may be imported, a model restored

log = logging.getLogger("helios.forecasts")


@transaction.atomic
def switch_automatic(
    *, model: RegisteredModel, dataset: Dataset, on: bool, actor: str
) -> Enrolment:
    """Have a model's newest version register a forecast for every draw by itself, or no more.

    A model that was switched on has enrolled: what it misses from then on counts as uniform.
    Raises Conflict for simulated histories.
    """
    refuse_simulated(dataset)
    version = find_version(model, "")
    enrolment, _ = Enrolment.objects.get_or_create(
        model=model,
        dataset=dataset,
        defaults={
            "since": coming_draw(version=version, dataset=dataset, now=timezone.now()),
            "created_by": actor,
        },
    )
    if enrolment.automatic != on:
        enrolment.automatic, enrolment.problem, enrolment.tried_at = on, "", None
        enrolment.save(update_fields=["automatic", "problem", "tried_at"])
        append(
            event_type="forecasting_switched",
            actor=actor,
            model_name=model.name,
            metadata={"dataset": dataset.name, "switch": "on" if on else "off"},
        )
    return enrolment


def registering_is_awaited() -> bool:
    """Whether a switched-on model lacks the forecast of its coming draw. A few small queries."""
    return any(_lacks(enrolment, timezone.now()) for enrolment in _to_try())


def register_awaited(*, ask: Ask) -> int:
    """Register what `registering_is_awaited` found; how many. What is refused says why on its row."""
    made = 0
    for enrolment in _to_try():
        now = timezone.now()
        if not _lacks(enrolment, now) or not _claim(enrolment, now):
            continue
        try:
            version = find_version(enrolment.model, "")
            dataset = enrolment.dataset
            register_forecast(version=version, dataset=dataset, actor="schedule", ask=ask)
            problem, made = "", made + 1
        except Refusal as refusal:
            problem = refusal.message[:300]
            log.warning("%s: no forecast was registered: %s", enrolment, problem)
        Enrolment.objects.filter(pk=enrolment.pk).update(problem=problem)
    return made


def _to_try() -> list[Enrolment]:
    since = timezone.now() - AGAIN_AFTER
    rows = Enrolment.objects.filter(automatic=True, model__deleted_at=None)
    rows = rows.filter(Q(tried_at=None) | Q(problem="") | Q(tried_at__lt=since))
    return list(rows.select_related("model", "model__newest", "dataset"))


def _lacks(enrolment: Enrolment, now: datetime) -> bool:
    version = enrolment.model.newest
    if version is None:
        return False
    day = coming_draw(version=version, dataset=enrolment.dataset, now=now)
    made = Forecast.objects.filter(
        model=enrolment.model, dataset=enrolment.dataset, draw_date=day
    )
    return not made.exists()


def _claim(enrolment: Enrolment, now: datetime) -> bool:
    """Two workers may come for the same one: only one has it. One that is killed is tried later."""
    row = Enrolment.objects.filter(pk=enrolment.pk, tried_at=enrolment.tried_at)
    return row.update(tried_at=now, problem="The last attempt was interrupted.") == 1
