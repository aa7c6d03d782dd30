"""Datasets: make one, find one, load its draws as arrays, keep its fingerprint right."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Min
from django.utils import timezone

from memory.refusals import Conflict, Invalid, NotFound
from registry.networks.history import History
from training.draws.games import GAMES, Era, Game, Matrix
from training.draws.history import build_history, eras_of, fingerprint
from training.models import Dataset, Draw

Row = tuple[Any, ...]  # day, white balls, bonus ball
BALLS = ("white1", "white2", "white3", "white4", "white5", "bonus")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}", re.ASCII)
# Names that Windows keeps for devices, and the addresses beside those of datasets.
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d|import|simulate|fetch")


def find_game(key: str) -> Game:
    """The game with this key; Invalid names the games there are."""
    game = GAMES.get(key)
    if game is None:
        raise Invalid(fields={"game": f"is not known; choose {' or '.join(GAMES)}"})
    return game


def find_dataset(name: str) -> Dataset:
    """The dataset with this name, or NotFound."""
    dataset = Dataset.objects.filter(name=name).first()
    if dataset is None:
        raise NotFound("There is no dataset with this name.")
    return dataset


def check_name(name: str) -> None:
    """Raise Invalid unless `name` is usable in addresses and as a file name everywhere."""
    if not _NAME.fullmatch(name):
        text = "must be 1 to 80 of a-z, 0-9, - and _, beginning with a letter or digit"
        raise Invalid(fields={"dataset": text})
    if _RESERVED.fullmatch(name):
        raise Invalid(fields={"dataset": f"{name} is a reserved word; choose another name"})


def create_dataset(
    *,
    name: str,
    game: str,
    actor: str,
    kind: str = Dataset.Kind.REAL,
    parameters: dict[str, object] | None = None,
) -> Dataset:
    """Make an empty dataset. Raises Invalid for a bad name, Conflict for one that is taken."""
    check_name(name)
    try:
        with transaction.atomic():
            return Dataset.objects.create(
                name=name,
                game=find_game(game).key,
                kind=kind,
                parameters=parameters or {},
                created_by=actor,
                fingerprint=fingerprint(game, []),
            )
    except IntegrityError:
        raise Conflict(
            f"A dataset called {name} is there already; choose another name.",
            fields={"dataset": "is taken; choose another name"},
        ) from None


def eras_of_dataset(dataset: Dataset) -> tuple[Era, ...]:
    """The eras that the draws of a dataset obey (a single one where a matrix was simulated)."""
    matrix = dataset.parameters.get("matrix")
    return eras_of(
        find_game(dataset.game), dataset.first_date, Matrix(**matrix) if matrix else None
    )


def load_history(dataset: Dataset, until: dt.date | None = None) -> History:
    """The draws of a dataset as arrays in the order of time, each with its matrix's sizes.

    `until` leaves out what was drawn later: a session trains on what there was at its start.
    """
    return _history(dataset, list(_rows(dataset, until)))


def known_history(dataset: Dataset) -> History:
    """The same of all its draws, read once and kept while its fingerprint names the same draws.

    For what asks again and again: a form at each change, a prediction.
    """
    try:
        return _kept(dataset.pk, dataset.fingerprint)
    except DatasetChanged:  # since its row was read
        return load_history(dataset)


@lru_cache(maxsize=8)
def _kept(dataset_id: int, fingerprint: str) -> History:
    """New draws, new fingerprint. Reading takes 8 ms, and is kept only if it has this fingerprint."""
    return history_as_of(
        Dataset.objects.get(pk=dataset_id),
        last_date=str(dt.date.max),
        fingerprint=fingerprint,
        start="anew",
    )


class DatasetChanged(Exception):
    """The draws that work began with are not the dataset's draws any more."""


def history_as_of(dataset: Dataset, *, last_date: str, fingerprint: str, start: str) -> History:
    """The draws there were up to a day, later ones left out; DatasetChanged if they were altered.

    `start` says in its message what to begin anew: "a new session". Read once: what is
    fingerprinted is what is given back.
    """
    rows = list(_rows(dataset, dt.date.fromisoformat(last_date)))
    if _fingerprint(dataset, rows) != fingerprint:
        raise DatasetChanged(f"Draws were changed or removed; start {start}.")
    return _history(dataset, rows)


def dataset_fingerprint(dataset: Dataset, until: dt.date | None = None) -> str:
    """The fingerprint of the draws held now, up to and with the day `until`."""
    return _fingerprint(dataset, _rows(dataset, until))


def _rows(dataset: Dataset, until: dt.date | None) -> Iterable[Row]:
    """Day and balls of each draw in the order of time."""
    draws = Draw.objects.filter(dataset=dataset).order_by("date")
    if until is not None:
        draws = draws.filter(date__lte=until)
    return draws.values_list("date", *BALLS)


def _history(dataset: Dataset, rows: Sequence[Row]) -> History:
    ordinal = np.array([row[0].toordinal() for row in rows], dtype=np.int64)
    balls = np.array([row[1:] for row in rows], dtype=np.int64).reshape(-1, len(BALLS))
    return build_history(ordinal, balls[:, :5], balls[:, 5], eras_of_dataset(dataset))


def _fingerprint(dataset: Dataset, rows: Iterable[Row]) -> str:
    return fingerprint(dataset.game, ((row[0], row[1:6], row[6]) for row in rows))


def refresh_facts(dataset: Dataset) -> None:
    """Count the draws of a dataset anew: its fingerprint, number and dates, in one row."""
    facts = Draw.objects.filter(dataset=dataset).aggregate(
        Count("id"), Min("date"), Max("date")
    )
    dataset.fingerprint = dataset_fingerprint(dataset)
    dataset.draw_count = facts["id__count"]
    dataset.first_date, dataset.last_date = facts["date__min"], facts["date__max"]
    dataset.save(update_fields=["fingerprint", "draw_count", "first_date", "last_date"])


def today() -> dt.date:
    """The day in the installation's time zone, after which a draw lies in the future."""
    return timezone.localdate()
