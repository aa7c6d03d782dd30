"""Which draws of a dataset a page or a program asks for, by its query string."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import QueryDict

from memory.refusals import Invalid
from memory.wire import read_count
from training.models import Draw

MOST_BALLS = 5


@dataclass(frozen=True, slots=True)
class DrawFilter:
    """`?from=2015-10-07&to=2026-08-05&n=7&n=12&pb=3`: a span of dates, white balls, a bonus."""

    first: dt.date | None = None
    last: dt.date | None = None
    white: tuple[int, ...] = ()
    bonus: int | None = None

    @classmethod
    def parse(cls, query: QueryDict) -> DrawFilter:
        """Raises Invalid naming the parameter that cannot be read."""
        white = [_ball(text, "n") for text in query.getlist("n")[:MOST_BALLS] if text]
        bonus = query.get("pb", "")
        return cls(
            first=_date(query.get("from", ""), "from"),
            last=_date(query.get("to", ""), "to"),
            white=tuple(white),
            bonus=_ball(bonus, "pb") if bonus else None,
        )

    def apply(self, draws: QuerySet[Draw]) -> QuerySet[Draw]:
        if self.first:
            draws = draws.filter(date__gte=self.first)
        if self.last:
            draws = draws.filter(date__lte=self.last)
        if self.bonus is not None:
            draws = draws.filter(bonus=self.bonus)
        for ball in self.white:
            draws = draws.filter(_holds(ball))
        return draws

    def words(self) -> Iterable[tuple[str, str]]:
        """The chosen filters as (parameter, words), for the chips of a page."""
        if self.first:
            yield "from", f"from {self.first}"
        if self.last:
            yield "to", f"to {self.last}"
        if self.white:
            yield "n", f"with {' and '.join(map(str, self.white))}"
        if self.bonus is not None:
            yield "pb", f"bonus ball {self.bonus}"


def _holds(ball: int) -> Q:
    return Q(white1=ball) | Q(white2=ball) | Q(white3=ball) | Q(white4=ball) | Q(white5=ball)


def _ball(text: str, name: str) -> int:
    return read_count(text, name, low=1, high=99)


def _date(text: str, name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(fields={name: "Must be a date as YYYY-MM-DD."}) from None
