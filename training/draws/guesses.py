"""What the columns of a file might be: a proposal that a person corrects, never a decision."""

from __future__ import annotations

from collections.abc import Callable

from training.draws import cells, layouts
from training.draws.columns import Columns, calls, headings_of
from training.draws.tables import Table

LINES = 50  # that are looked at
_DATES = layouts.DATE | {"datum", "fecha", "data", "ziehung", "day", "tag", "when"}
_FACTORS = layouts.MULTIPLIER | {"faktor", "multiplikator", "factor", "multiplicador"}


def guess(table: Table) -> Columns:
    """The columns by their headings and by what their first lines hold; "" for what is not seen."""
    headings, header = headings_of(table)
    lines = [record.cells for record in table.records[header : header + LINES]]
    called = calls(headings)
    plain = ["".join(filter(str.isalnum, name.lower())) for name in headings]

    def holding(test: Callable[[str], object]) -> list[int]:
        return [place for place in range(len(called)) if _all(lines, place, test)]

    form = next((order for order in ("", *cells.ORDERS) if holding(_date(order))), "")
    dates = holding(_date(form))
    date = next((place for place in dates if plain[place] in _DATES), next(iter(dates), None))
    factor = next((place for place, name in enumerate(plain) if name in _FACTORS), None)
    taken = {date, factor}
    lists = [place for place in holding(_list) if place not in taken]
    singles = [place for place in holding(_ball) if place not in taken]
    bonus = next((place for place in singles if plain[place] in layouts.BONUS), None)
    balls = lists[:1] or [place for place in singles if place != bonus][:5]
    if bonus is None and (len(balls) == 5 or (lists and _count(lines, lists[0]) == 5)):
        bonus = next((place for place in singles if place not in balls), None)

    def call(place: int | None) -> str:
        return "" if place is None else called[place]

    return Columns(call(date), tuple(map(call, balls)), call(bonus), call(factor), form)


def _all(lines: list[list[str]], place: int, test: Callable[[str], object]) -> bool:
    """Does every line hold this in the column? A line without the cell says nothing."""
    found = [line[place] for line in lines if place < len(line)]
    try:
        return bool(found) and all(test(cell) for cell in found)
    except cells.BadCell:
        return False


def _date(order: str) -> Callable[[str], object]:
    return lambda cell: cells.ordered_date(cell, order) if order else cells.date(cell)


def _ball(cell: str) -> bool:
    return 1 <= cells.ball(cell) <= 99


def _list(cell: str) -> bool:
    return len(cells.balls(cell)) in (5, 6)


def _count(lines: list[list[str]], place: int) -> int:
    return next((len(cells.balls(line[place])) for line in lines if place < len(line)), 0)
