"""What a model expects of the next draw of a dataset."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from memory.refusals import Invalid
from memory.sentences import counted
from registry.inference import client
from registry.models import ModelArtifact
from registry.services import Prediction, predict
from registry.services.predicting import Ask
from training.draws.games import Matrix, next_draw_date
from training.engine.config import Config, ConfigError
from training.engine.selection import DataError, select
from training.models import Dataset
from training.services.draws import eras_of_dataset, find_game, known_history


@dataclass(frozen=True, eq=False)
class NextDraw:
    """A prediction of a dataset's next draw: on `date`, from `matrix`, after `draws` draws."""

    prediction: Prediction
    dataset: Dataset
    date: dt.date
    matrix: Matrix
    draws: int


def predict_next(
    *,
    version: ModelArtifact,
    dataset: Dataset,
    date: dt.date | None = None,
    ask: Ask = client.predict,
) -> NextDraw:
    """Forecast the draw after the last one of `dataset`, seen as in the version's training.

    The version's eras and weekdays select the draws it looks back on; its last day does not,
    since later draws are known now. `date` forecasts the draw of a later day, of which the
    draws before are not held yet. Raises Invalid when too few are left, and what
    `registry.services.predict` raises.
    """
    if dataset.last_date is None:
        raise Invalid(fields={"data_source": f"{dataset.name} has no draws yet."})
    config = _config(version)
    try:
        past = select(known_history(dataset), config)
    except DataError as error:
        raise Invalid(fields={"data_source": str(error)}) from error
    if len(past) < version.network["window"]:
        least = version.network["window"]
        text = f"Only {counted(len(past), 'draw')} for this model, which looks back on {least}."
        raise Invalid(fields={"data_source": text})
    era = eras_of_dataset(dataset)[-1]
    date = date or _next_date(dataset, config.weekdays)
    matrix = era.matrix
    coming = past.followed_by(
        ordinal=date.toordinal(), white_size=matrix.white, bonus_size=matrix.bonus, era=era.key
    )
    named = f"{dataset.fingerprint} {date}"
    prediction = predict(version=version, history=coming, fingerprint=named, ask=ask)
    return NextDraw(prediction, dataset, date, matrix, len(past))


def coming_draw(*, version: ModelArtifact, dataset: Dataset, now: dt.datetime) -> dt.date:
    """The first day after the last held draw that a version knows and that was not drawn by `now`.

    Raises Invalid for a history without draws.
    """
    if dataset.last_date is None:
        raise Invalid(fields={"data_source": f"{dataset.name} has no draws yet."})
    return _next_date(dataset, _config(version).weekdays, now)


def _config(version: ModelArtifact) -> Config:
    """The version's settings without a last day; the defaults for one that was imported."""
    try:
        return Config.parse({**version.config, "date_to": None})
    except ConfigError:
        return Config()


def _next_date(
    dataset: Dataset, weekdays: Sequence[int], now: dt.datetime | None = None
) -> dt.date:
    """The next day of drawing, or the next one on a weekday that the model knows."""
    game, first = find_game(dataset.game), dataset.last_date or dt.date.min
    first = next_draw_date(game, first)
    while now is not None and game.moment_of(first) <= now:
        first = next_draw_date(game, first)
    day = first
    for _ in range(7):
        if not weekdays or day.weekday() in weekdays:
            return day
        day = next_draw_date(game, day)
    return first
