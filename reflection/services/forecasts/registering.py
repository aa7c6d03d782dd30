"""Registering a forecast: its text and hash are in the journal before the draw begins."""

import datetime as dt
import hashlib
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from memory.refusals import Conflict, Invalid
from memory.services import append
from reflection.models import Enrolment, Forecast
from reflection.statistics.frozen import freeze
from registry.inference import client
from registry.models import ModelArtifact, RegisteredModel
from registry.services.predicting import Ask
from training.draws.games import Game
from training.models import Dataset, Draw
from training.services.draws import find_game
from training.services.predictions import NextDraw, coming_draw, predict_next


def register_forecast(
    *,
    version: ModelArtifact,
    dataset: Dataset,
    actor: str,
    draw_date: dt.date | None = None,
    ask: Ask = client.predict,
) -> Forecast:
    """Freeze what a version says of the coming draw of a history, and enrol its model.

    `draw_date` asks for an earlier draw that is not held yet; once it has begun, the forecast is
    late: kept and scored, but grade C. `ask` is who computes it, see `registry.services.predict`.
    Raises Conflict for simulated histories, for a second forecast of a model for a draw and for
    a draw that is held, Invalid for another day, and what `predict_next` raises.
    """
    game = refuse_simulated(dataset)
    coming = coming_draw(version=version, dataset=dataset, now=timezone.now())
    day = draw_date or coming
    _refuse_other_days(dataset, game, day, coming)
    _refuse_second(version.model, dataset, day)
    said = predict_next(version=version, dataset=dataset, date=day, ask=ask)
    try:
        with transaction.atomic():
            return _write(said, text_of(said, game), game, actor)
    except IntegrityError:
        _refuse_second(version.model, dataset, day)
        raise


def refuse_simulated(dataset: Dataset) -> Game:
    """The game of a history that goes on; Conflict for one of which no draw will ever come."""
    if dataset.kind != Dataset.Kind.REAL:
        raise Conflict(
            f"{dataset.name} holds {dataset.kind} draws: none will come to score a forecast by."
            " Register forecasts of a real history.",
            code="no_coming_draw",
        )
    return find_game(dataset.game)


def text_of(said: NextDraw, game: Game) -> str:
    """The text that is hashed: the distribution, and everything it was made from."""
    version, mixture = said.prediction.version, said.prediction.mixture
    about = {
        "model": {
            "name": version.model.name,
            "number": version.model.number,
            "version": version.version,
            "weightsSha256": version.weights_sha256,
            "seed": version.config.get("seed"),
        },
        "dataset": {
            "name": said.dataset.name,
            "fingerprint": said.dataset.fingerprint,
            "lastDraw": str(said.dataset.last_date),
            "lookedBackOn": said.draws,
        },
        "draw": {
            "game": game.key,
            "date": str(said.date),
            "time": game.moment_of(said.date).isoformat(),
            "matrix": str(said.matrix),
        },
    }
    return freeze(
        about=about,
        picks=said.prediction.picks,
        weights=mixture.weights,
        white=mixture.white,
        bonus=mixture.bonus,
    )


def _write(said: NextDraw, text: str, game: Game, actor: str) -> Forecast:
    """The row and its journal entry; the entry's time is the time of registration."""
    version, moment = said.prediction.version, game.moment_of(said.date)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    if Draw.objects.filter(dataset=said.dataset, date=said.date).exists():
        raise Conflict(
            f"The draw of {said.date} was imported meanwhile; register for the next one.",
            code="draw_held",
        )
    metadata: dict[str, Any] = {
        "draw_date": str(said.date),
        "draw_time": moment.isoformat(),
        "dataset": said.dataset.name,
        "version": version.version,
        "sha256": sha256,
    }
    if timezone.now() >= moment:
        metadata["late"] = ", which had begun: grade C"
    entry = append(
        event_type="forecast_registered",
        actor=actor,
        model_name=version.model.name,
        metadata=metadata,
    )
    forecast = Forecast.objects.create(
        model=version.model,
        version=version,
        dataset=said.dataset,
        draw_date=said.date,
        draw_time=moment,
        document=text,
        sha256=sha256,
        registered_at=entry.at,
        actor=actor,
        journal_seq=entry.seq,
    )
    Enrolment.objects.get_or_create(
        model=version.model,
        dataset=said.dataset,
        defaults={"since": said.date, "created_by": actor},
    )
    return forecast


def _refuse_other_days(dataset: Dataset, game: Game, day: dt.date, coming: dt.date) -> None:
    last = dataset.last_date
    if day > coming or not game.draws_on(day) or (last is not None and day <= last):
        raise Invalid(
            fields={
                "draw_date": f"Must be a day of drawing after {last} and not after {coming},"
                " the coming draw."
            }
        )


def _refuse_second(model: RegisteredModel, dataset: Dataset, day: dt.date) -> None:
    made = Forecast.objects.filter(model=model, dataset=dataset, draw_date=day).first()
    if made is not None:
        raise Conflict(
            f"{model} has registered a forecast for the draw of {day} already (forecast"
            f" {made.pk}): one per model and draw, and it stays as it is.",
            code="forecast_exists",
        )
