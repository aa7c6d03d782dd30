"""Rows of a file against the rules of their game: dates, ranges, repeats, other games."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from math import comb, log10

from training.draws.games import Era, Game, missing_dates
from training.draws.rows import Problem, Row

API_PAGE = 1_000  # Socrata answers with no more unless it is asked
# A file whose balls stay below the era's limit by less than this chance is another game's.
IMPOSSIBLE = -9  # log10


def check(rows: list[Row], game: Game, today: dt.date) -> tuple[list[Problem], tuple[str, ...]]:
    """Problems of rows that could be read, and notes about the file as a whole."""
    problems = [problem for row in rows if (problem := _check_row(row, game, today))]
    problems += _repeated(rows)
    problems += _other_game(rows, problems, game)
    return problems, _notes(rows, game)


def _check_row(row: Row, game: Game, today: dt.date) -> Problem | None:
    """The first rule of the game that a row breaks."""
    era = game.era_of(row.date)
    if era is None:
        reason = f"{row.date} is before the first {game.title} draw, {game.eras[0].start}"
        return Problem(row.line, "date", reason, "check the date and the game")
    if row.date > today:
        return Problem(row.line, "date", f"{row.date} is in the future", "check the date")
    if not game.draws_on(row.date):
        reason = f"{row.date} is a {row.date:%A}: no {game.title} draw"
        return Problem(row.line, "date", reason, "check the date and the game")
    return _check_balls(row, era, game)


def _check_balls(row: Row, era: Era, game: Game) -> Problem | None:
    matrix = era.matrix
    outside = next((ball for ball in row.white if not 1 <= ball <= matrix.white), None)
    since = f"{game.title} since {era.start}"
    if outside is not None:
        reason = f"white ball {outside} is not between 1 and {matrix.white} ({since})"
        return Problem(row.line, "white balls", reason, "check the line against its source")
    if len(set(row.white)) < len(row.white):
        reason = f"a white ball is there twice in {' '.join(map(str, row.white))}"
        return Problem(row.line, "white balls", reason, "check the line against its source")
    if not 1 <= row.bonus <= matrix.bonus:
        reason = f"{game.bonus_name} {row.bonus} is not between 1 and {matrix.bonus} ({since})"
        return Problem(row.line, game.bonus_name, reason, "check the line against its source")
    return None


def _repeated(rows: list[Row]) -> list[Problem]:
    """A date may be there once; which of two lines is right is not ours to choose."""
    seen: dict[dt.date, Row] = {}
    problems = []
    for row in rows:
        first = seen.setdefault(row.date, row)
        if first is not row:
            how = "the same draw" if first.result == row.result else "another result"
            reason = f"{row.date} is on line {first.line} already, with {how}"
            problems.append(Problem(row.line, "date", reason, "keep one of the two lines"))
    return problems


def _other_game(rows: list[Row], problems: list[Problem], game: Game) -> list[Problem]:
    """One problem for the whole file when its draws are not this game's."""
    if len(rows) < 20:
        return []
    remedy = "choose the right game; Helios knows the games of the United States"
    top_white, top_bonus = max(row.white[-1] for row in rows), max(row.bonus for row in rows)
    wrong_day = sum(1 for row in rows if row.date.weekday() not in game.weekdays_on(row.date))
    if wrong_day > len(rows) // 2:
        reason = f"{wrong_day} of {len(rows)} dates are no {game.title} days: another game"
        if top_white <= 50 and top_bonus <= 20:
            reason += ", such as South Africa's PowerBall (5 of 50 + 1 of 20)"
        return [Problem(0, "game", reason, remedy)]
    by_era: dict[Era, list[Row]] = defaultdict(list)
    for row in rows:
        if era := game.era_of(row.date):
            by_era[era].append(row)
    for era, draws in by_era.items():
        top = max(row.white[-1] for row in draws)
        if _log_chance(top, era, len(draws)) < IMPOSSIBLE:
            reason = f"{len(draws)} draws since {era.start} and no white ball above {top}"
            reason += f", though {era.matrix.white} balls were in the drum: another game"
            return [Problem(0, "game", reason, remedy)]
    return []


def _log_chance(top: int, era: Era, draws: int) -> float:
    """log10 of the chance that a fair drum shows no ball above `top` in so many draws."""
    matrix = era.matrix
    if top >= matrix.white or top < matrix.picks:
        return 0.0
    share = comb(top, matrix.picks) / comb(matrix.white, matrix.picks)
    return draws * log10(share)


def _notes(rows: list[Row], game: Game) -> tuple[str, ...]:
    notes = []
    if len(rows) == API_PAGE:
        notes.append(
            "The file has exactly 1,000 rows: it may be one page of a longer export "
            "(ask for $limit=50000)."
        )
    absent = missing_dates(game, [row.date for row in rows])
    if absent:
        some = ", ".join(str(day) for day in absent[:6])
        more = f" and {len(absent) - 6} more" if len(absent) > 6 else ""
        notes.append(f"{len(absent)} draw days in between are not in the file: {some}{more}.")
    return tuple(notes)
