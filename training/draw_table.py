"""The table of a dataset's draws: what it can be sorted by, and what each draw was used for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, QuerySet
from django.http import QueryDict

from memory.refusals import Invalid
from memory.sentences import counted
from training.models import Dataset, Draw, TrainingSession

NEWEST = "-date"
ORDERS = {
    NEWEST: ("newest first", (F("date").desc(),)),
    "date": ("oldest first", (F("date").asc(),)),
    "pb": ("by the bonus ball, lowest first", (F("bonus").asc(), F("date").desc())),
    "-pb": ("by the bonus ball, highest first", (F("bonus").desc(), F("date").desc())),
    "multiplier": (
        "by the multiplier, lowest first",
        (F("multiplier").asc(nulls_last=True), F("date").desc()),
    ),
    "-multiplier": (
        "by the multiplier, highest first",
        (F("multiplier").desc(nulls_last=True), F("date").desc()),
    ),
}
PARTS = {"train": "training", "val": "validation", "test": "test"}


@dataclass(frozen=True, slots=True)
class Head:
    """How the head of a column leads to another order, and which it stands in."""

    sort: str  # what a click asks for
    direction: str  # of aria-sort; "" where the table is sorted by another column


@dataclass(frozen=True, slots=True)
class Use:
    """The newest session on a dataset, and the days of its parts."""

    session: TrainingSession
    parts: tuple[tuple[str, str, str], ...]  # words, first and last day

    def of(self, day: dt.date) -> str:
        """What the session used the draw of a day for."""
        text = day.isoformat()
        if not self.parts or text > self.parts[-1][2]:
            return "came later"
        found = (words for words, first, last in self.parts if first <= text <= last)
        return next(found, "only looked back at")


def order_of(query: QueryDict) -> str:
    """The order that `?sort=` asks for."""
    order = query.get("sort", "") or NEWEST
    if order not in ORDERS:
        raise Invalid(fields={"sort": f"Must be one of {', '.join(ORDERS)}."})
    return order


def sorted_draws(draws: QuerySet[Draw], order: str) -> QuerySet[Draw]:
    return draws.order_by(*ORDERS[order][1])


def heads(order: str) -> dict[str, Head]:
    """The heads that sort, by column. The first click sorts days down and balls up."""
    column, down = order.removeprefix("-"), order.startswith("-")
    found = {}
    for name in ("date", "pb", "multiplier"):
        here = name == column
        direction = ("descending" if down else "ascending") if here else ""
        turned = name if here and down else f"-{name}"
        found[name] = Head(turned if here or name != "pb" else name, direction)
    return found


def heading(total: int, words: Iterable[str], order: str) -> str:
    """The table in a sentence: `37 draws, with 7, newest first`."""
    return ", ".join([counted(total, "draw"), *words, ORDERS[order][0]])


def newest_use(dataset: Dataset) -> Use | None:
    """What the newest session on a dataset used each draw for; one query."""
    sessions = TrainingSession.objects.filter(dataset=dataset).exclude(split={})
    newest = (
        sessions.select_related("model").only("split", "model__name").order_by("-pk").first()
    )
    if newest is None:
        return None
    parts = ((PARTS[key], newest.split[key]) for key in PARTS if key in newest.split)
    return Use(newest, tuple((words, part["first"], part["last"]) for words, part in parts))
