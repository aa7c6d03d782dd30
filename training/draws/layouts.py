"""Which cell of a line is what: by the names of a header, or by the shape of the first line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from training.draws import cells
from training.draws.rows import Unreadable
from training.draws.tables import Table

DATE = {"drawdate", "date", "drawingdate"}
NUMBERS = {"winningnumbers", "drawingnumbers", "numbers", "whiteballs", "winningballs", "balls"}
BONUS = {"powerball", "megaball", "redball", "bonus", "bonusball", "pb", "mb", "goldball"}
MULTIPLIER = {"multiplier", "powerplay", "megaplier", "pp"}
_WHITE = re.compile(r"(?:white|wb|ball|number|num|n|w|winningnumber|whiteball)(\d)")
_REMEDY = (
    "name the columns draw_date, white1 to white5, powerball (or mega_ball) and multiplier, "
    "or use a file as a lottery publishes it"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of the cells. `date` has one place, or those of month, day and year.

    `white` is one place (a list in a cell, the bonus ball last where `bonus` is None) or one
    place per ball. `hint` is any text that tells the game: its name, or the bonus column's. `order` is
    that of a date, where a person said it (`cells.ORDERS`).
    """

    name: str
    date: tuple[int, ...]
    white: tuple[int, ...]
    bonus: int | None
    multiplier: int | None
    hint: str = ""
    order: str = ""

    @property
    def needed(self) -> int:
        """Cells that every line must have: all but the multiplier."""
        return max(*self.date, *self.white, self.bonus or 0) + 1


def find_layout(table: Table) -> tuple[Layout, list[str], int]:
    """The layout, the names of the columns for messages, and how many lines are a header."""
    first = table.records[0]
    if table.names is not None:
        return _by_names(table.names, table.kind, first.line), table.names, 0
    if _is_header(first.cells):
        return _by_names(first.cells, table.kind, first.line), first.cells, 1
    layout = _by_shape(first.cells, first.line)
    return layout, _column_names(layout, len(first.cells)), 0


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _is_header(line: list[str]) -> bool:
    """A header has a name that we know for a date, or no digit at all but in names."""
    return any(_plain(cell) in DATE | {"year"} for cell in line) or not any(
        re.match(r"[\[\d]", cell) for cell in line
    )


def _by_names(names: list[str], kind: str, line: int) -> Layout:
    plain = [_plain(name) for name in names]

    def place(wanted: set[str]) -> int | None:
        return next((index for index, name in enumerate(plain) if name in wanted), None)

    day, parts = place(DATE), [place({part}) for part in ("month", "day", "year")]
    date = (day,) if day is not None else tuple(part for part in parts if part is not None)
    numbers = place(NUMBERS)
    balls = tuple(index for index, name in enumerate(plain) if _WHITE.fullmatch(name))
    white = (numbers,) if numbers is not None else balls
    bonus = place(BONUS)
    if len(date) not in (1, 3):
        raise Unreadable(line, "header", "no column is called a date", _REMEDY)
    if not white or (len(white) > 1 and bonus is None):
        raise Unreadable(line, "header", "no columns are called balls", _REMEDY)
    return Layout(
        name=_name(kind, white, bonus),
        date=date,
        white=white,
        bonus=bonus,
        multiplier=place(MULTIPLIER),
        hint=" ".join(names),
    )


def _name(kind: str, white: tuple[int, ...], bonus: int | None) -> str:
    if kind == "json":
        return "JSON"
    if kind == "text":
        return "text columns"
    if len(white) > 1:
        return "CSV columns"
    return "CSV list" if bonus is not None else "CSV list, bonus last"


def _by_shape(line: list[str], number: int) -> Layout:
    """Files without a header: `Powerball,m,d,yyyy,n1..n5,pb[,pp]`, or a date and its balls."""
    count = len(line)
    if count >= 10 and re.search("[A-Za-z]", line[0]) and line[1].isdigit():
        extra = 10 if count > 10 else None
        return Layout("Texas", (1, 2, 3), (4, 5, 6, 7, 8), 9, extra, line[0])
    try:
        cells.date(line[0])
        balls = len(cells.balls(line[1])) if count > 1 else 0
    except cells.BadCell as error:
        reason = f"the line is neither a header nor a draw ({error.reason})"
        raise Unreadable(number, "columns", reason, _REMEDY) from None
    if balls == 1 and count >= 7:
        return Layout("columns, no header", (0,), (1, 2, 3, 4, 5), 6, 7 if count > 7 else None)
    if balls == 5 and count >= 3:
        return Layout("list, no header", (0,), (1,), 2, 3 if count > 3 else None)
    if balls >= 6:
        return Layout("list, no header", (0,), (1,), None, 2 if count > 2 else None)
    raise Unreadable(number, "columns", f"{count} columns are not a draw", _REMEDY)


def _column_names(layout: Layout, count: int) -> list[str]:
    """What messages call the columns of a file without a header."""
    names = [f"column {index + 1}" for index in range(max(count, layout.needed))]
    parts = ("month", "day", "year") if len(layout.date) == 3 else ("draw_date",)
    for part, index in zip(parts, layout.date, strict=True):
        names[index] = part
    for ball, index in enumerate(layout.white, 1):
        names[index] = f"white{ball}" if len(layout.white) > 1 else "numbers"
    if layout.bonus is not None:
        names[layout.bonus] = "bonus"
    if layout.multiplier is not None:
        names[layout.multiplier] = "multiplier"
    return names
