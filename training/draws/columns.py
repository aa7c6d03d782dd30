"""Which column is what, said by a person: `date=Datum,balls=A+B+C+D+E,bonus=PB,form=dmy`.

A column is called by its heading, or `#3` by its place from the left. Pure text: no Django here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from training.draws import cells
from training.draws.layouts import Layout
from training.draws.rows import Unreadable, shown
from training.draws.tables import Table

FORMAT = "own columns"
PARTS = ("date", "balls", "bonus", "multiplier", "form")
LONGEST = 80  # characters of a heading that a column is called by; beyond it is its place
MOST_TEXT = 1000  # characters of a whole mapping
_SHAPE = "write it as date=Datum,balls=A+B+C+D+E,bonus=PB"
_CALLED = "use a heading of the file, or #3 for its third column"


class BadColumns(Exception):
    """`part` says which part of a mapping (of PARTS, or "" for all of it) cannot be used."""

    def __init__(self, part: str, reason: str, remedy: str) -> None:
        super().__init__(f"{part}: {reason}; {remedy}" if part else f"{reason}; {remedy}")
        self.part, self.reason, self.remedy = part, reason, remedy


@dataclass(frozen=True, slots=True)
class Columns:
    """`balls` are five columns or one with a list; without `bonus` the bonus ball is its last.

    `form` is "" for the dates that Helios knows anyway, or the order of a date in `cells.ORDERS`.
    """

    date: str
    balls: tuple[str, ...]
    bonus: str = ""
    multiplier: str = ""
    form: str = ""

    def __str__(self) -> str:
        said = {part: getattr(self, part) for part in PARTS} | {"balls": "+".join(self.balls)}
        return ",".join(f"{part}={text}" for part, text in said.items() if text)


def parse(text: str) -> Columns:
    """The mapping that a text spells. Raises BadColumns."""
    if len(text) > MOST_TEXT:
        raise BadColumns("", f"more than {MOST_TEXT:,} characters", "call columns #1, #2, #3")
    said: dict[str, str] = {}
    for item in text.split(","):
        part, equals, value = (word.strip() for word in item.partition("="))
        if not equals or part not in PARTS:
            reason = f"{shown(item.strip())} does not say what a column is"
            raise BadColumns("", reason, _SHAPE)
        if part in said:
            raise BadColumns(part, "it is said twice", _SHAPE)
        said[part] = value
    balls = tuple(name.strip() for name in said.pop("balls", "").split("+") if name.strip())
    return checked(Columns(date=said.pop("date", ""), balls=balls, **said))


def checked(columns: Columns) -> Columns:
    """The same mapping, where it is one. Raises BadColumns."""
    if not columns.date:
        raise BadColumns("date", "no column is the date", _SHAPE)
    if len(columns.balls) not in (1, 5):
        reason = f"{len(columns.balls)} columns are the white balls"
        raise BadColumns("balls", reason, "name five columns, or one that lists them")
    if len(columns.balls) == 5 and not columns.bonus:
        raise BadColumns("bonus", "no column is the bonus ball", _SHAPE)
    if columns.form not in ("", *cells.ORDERS):
        remedy = f"choose from {', '.join(cells.ORDERS)}"
        raise BadColumns("form", f"{shown(columns.form)} is no form of a date", remedy)
    return columns


def own_layout(table: Table, columns: Columns) -> tuple[Layout, list[str], int]:
    """As `layouts.find_layout`, by what a person said. Raises Unreadable."""
    headings, header = headings_of(table, columns)
    try:
        places = [(part, _place(part, name, headings)) for part, name in _called(columns)]
    except BadColumns as bad:
        raise Unreadable(table.records[0].line, bad.part, bad.reason, bad.remedy) from None
    counts = Counter(place for _, place in places)
    for part, place in reversed(places):
        if counts[place] > 1:
            reason = f"column {place + 1} is said to be two things"
            raise Unreadable(table.records[0].line, part, reason, "choose another column")
    of = {part: tuple(at for name, at in places if name == part) for part in PARTS}
    layout = Layout(
        name=FORMAT,
        date=of["date"],
        white=of["balls"],
        bonus=next(iter(of["bonus"]), None),
        multiplier=next(iter(of["multiplier"]), None),
        hint=" ".join(headings),
        order=columns.form,
    )
    return layout, labels(headings, max(place for _, place in places) + 1), header


def headings_of(table: Table, columns: Columns | None = None) -> tuple[list[str], int]:
    """The headings, empty where a file has none, and how many lines they take.

    A file has headings when a column is called by one, or when no cell of its first line begins
    with a digit.
    """
    if table.names is not None:
        return [name.strip() for name in table.names], 0
    first = table.records[0].cells
    by_name = columns and any(not name.startswith("#") for _, name in _called(columns))
    if by_name or not any(cell[:1].isdigit() for cell in first):
        return first, 1
    return ["" for _ in first], 0


def calls(headings: list[str]) -> list[str]:
    """What each column is called in a mapping: its heading where that is plain and the only one."""
    counts = Counter(headings)
    return [
        name if counts[name] == 1 and _is_plain(name) and len(name) <= LONGEST else f"#{place}"
        for place, name in enumerate(headings, 1)
    ]


def labels(headings: list[str], count: int = 0) -> list[str]:
    """What people are told of each column: its heading, and its place where that is not enough."""
    counts = Counter(headings)
    missing = [""] * max(0, count - len(headings))
    return [
        f"column {place}"
        if not name
        else f"{name[:LONGEST]} (column {place})"
        if counts[name] > 1 or len(name) > LONGEST
        else name
        for place, name in enumerate([*headings, *missing], 1)
    ]


def _is_plain(name: str) -> bool:
    return name.isprintable() and bool(name) and name[0] != "#" and not set(name) & set(",+=")


def _called(columns: Columns) -> Iterator[tuple[str, str]]:
    """Each part that is a column, with what it is called."""
    parts: Iterable[tuple[str, str]] = (
        ("date", columns.date),
        *(("balls", name) for name in columns.balls),
        ("bonus", columns.bonus),
        ("multiplier", columns.multiplier),
    )
    return ((part, name) for part, name in parts if name)


def _place(part: str, name: str, headings: list[str]) -> int:
    if name.startswith("#"):
        number = name[1:]
        if number.isascii() and number.isdigit() and 1 <= int(number[:6]) <= len(headings):
            return int(number[:6]) - 1
        raise BadColumns(
            part, f"{shown(name)} is not one of {len(headings):,} columns", _CALLED
        )
    found = [place for place, heading in enumerate(headings) if heading == name]
    if len(found) == 1:
        return found[0]
    if found:
        reason = f"columns {found[0] + 1} and {found[1] + 1} are both called {shown(name)}"
        raise BadColumns(part, reason, f"say #{found[0] + 1} or #{found[1] + 1}")
    raise BadColumns(part, f"no column is called {shown(name)}", _CALLED)
