"""What reading a file gives: rows, problems with their lines, and notes. No Django here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from training.draws.games import Game

MAX_LINES = 50_000  # thirteen times the longest history there is


@dataclass(frozen=True, slots=True)
class Row:
    """One draw as a file tells it. `white` is ascending; `drawn_order` is "" when unknown."""

    line: int
    date: dt.date
    white: tuple[int, ...]
    bonus: int
    multiplier: int | None = None
    drawn_order: str = ""

    @property
    def result(self) -> tuple[tuple[int, ...], int]:
        """The white set and the bonus ball: what a model is trained on."""
        return self.white, self.bonus


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line (0: the file as a whole) cannot be used, and what to do about it."""

    line: int
    column: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.column}" if self.line else self.column
        return f"{where}: {self.reason}; {self.remedy}"


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was understood. It can be imported only when `problems` is empty."""

    game: Game
    format: str
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]

    @property
    def columns_unknown(self) -> bool:
        """Can the file be read, but not what its columns are?"""
        return self.format == "unknown" and self.problems[0].column in ("header", "columns")


class Unreadable(Exception):
    """The file as a whole, or one line of it, cannot be read at all."""

    def __init__(self, line: int, column: str, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.problem = Problem(line, column, reason, remedy)


def shown(text: str) -> str:
    """Text of a file as it may be quoted in a message: short, printable ASCII."""
    escaped = text.encode("unicode_escape").decode("ascii")
    return f"'{escaped[:40]}…'" if len(escaped) > 40 else f"'{escaped}'"
