"""Bytes of a file -> the draws in it, and everything that is wrong with it.

`read` never raises: whatever a file holds, the answer is a `Reading` whose problems name the
line, the column, the reason and the remedy. A file is imported whole or not at all.
"""

from __future__ import annotations

import datetime as dt

from training.draws import cells
from training.draws.checks import check
from training.draws.columns import Columns, own_layout
from training.draws.games import GAMES, POWERBALL, Game
from training.draws.layouts import Layout, find_layout
from training.draws.rows import Problem, Reading, Row, Unreadable
from training.draws.tables import Record, decode, read_table

PICKS = 5
ABROAD = "such as Australia's Powerball (7 of 35 + 1 of 20)"


class _BadRow(Exception):
    def __init__(self, column: str, error: cells.BadCell) -> None:
        super().__init__(column)
        self.column = column
        self.error = error


def read(
    data: bytes, *, today: dt.date, game: Game | None = None, columns: Columns | None = None
) -> Reading:
    """The draws of a file in any known notation, checked against the rules of their game.

    Without `game` the names in the file decide; a file that names none is Powerball. `columns`
    says which column is what, where the file is in no known notation.
    """
    try:
        table = read_table(decode(data))
        layout, names, header = own_layout(table, columns) if columns else find_layout(table)
        named = game_in(layout.hint)
        if game is not None and named is not None and named is not game:
            reason = f"the file says that it holds {named.title}, not {game.title}"
            raise Unreadable(0, "game", reason, f"import it as {named.key}")
    except Unreadable as refusal:
        return Reading(game or POWERBALL, "unknown", (), (refusal.problem,), ())
    game = game or named or POWERBALL
    rows, problems = _rows(table.records[header:], layout, names)
    more, notes = check(rows, game, today)
    found = sorted([*problems, *more], key=lambda problem: problem.line)
    if not rows and not found:
        found = [
            Problem(0, "file", "there is a header and no draw", "choose a file with draws")
        ]
    bad = {problem.line for problem in found}
    sound = tuple(row for row in rows if row.line not in bad)
    return Reading(game, layout.name, sound, tuple(found), notes)


def game_in(text: str) -> Game | None:
    """The game that a name or a header speaks of; None when it names none or both."""
    plain = text.lower().replace(" ", "").replace("_", "")
    words = {
        "powerball": ("powerball",),
        "megamillions": ("megamillions", "megaball", "megaplier"),
    }
    named = [key for key, marks in words.items() if any(mark in plain for mark in marks)]
    return GAMES[named[0]] if len(named) == 1 else None


def _rows(
    records: list[Record], layout: Layout, names: list[str]
) -> tuple[list[Row], list[Problem]]:
    rows: list[Row] = []
    problems: list[Problem] = []
    for record in records:
        try:
            rows.append(_row(record, layout, names))
        except _BadRow as bad:
            error = bad.error
            problems.append(Problem(record.line, bad.column, error.reason, error.remedy))
    return rows, problems


def _row(record: Record, layout: Layout, names: list[str]) -> Row:
    line = record.cells
    if len(line) < layout.needed:
        reason = f"{len(line)} columns where {layout.needed} are needed"
        raise _BadRow("columns", cells.BadCell(reason, "complete the line, or remove it"))
    column = names[layout.date[0]]
    try:
        day = _date(line, layout)
        white, column = [], names[layout.white[0]]
        if len(layout.white) == 1:
            white = list(cells.balls(line[layout.white[0]]))
        else:
            for place in layout.white:
                column = names[place]
                white.append(cells.ball(line[place]))
        if layout.bonus is not None:
            column = names[layout.bonus]
            bonus = cells.ball(line[layout.bonus])
        else:
            bonus = white.pop()
        column = names[layout.white[0]]
        _check_count(len(white))
        factor = None
        # A power play column that ends early is an empty one
        if layout.multiplier is not None and layout.multiplier < len(line):
            column = names[layout.multiplier]
            factor = cells.multiplier(line[layout.multiplier])
    except cells.BadCell as error:
        raise _BadRow(column, error) from None
    ascending = sorted(white)
    order = "" if white == ascending else " ".join(map(str, white))
    return Row(record.line, day, tuple(ascending), bonus, factor, order)


def _date(line: list[str], layout: Layout) -> dt.date:
    if layout.order:
        return cells.ordered_date(line[layout.date[0]], layout.order)
    if len(layout.date) == 1:
        return cells.date(line[layout.date[0]])
    text = "/".join(line[place] for place in layout.date)
    return cells.date(text)


def _check_count(count: int) -> None:
    if count == PICKS:
        return
    reason = f"{count} white balls where {PICKS} are drawn"
    if count > PICKS:
        reason += f": the game of another country, {ABROAD}"
    raise cells.BadCell(reason, "Helios knows the games of the United States, with five")
