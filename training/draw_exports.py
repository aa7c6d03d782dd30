"""Draws and problems as CSV that can be read back, and that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from memory.exports import safe_cell
from training.draws.frequency import Frequency
from training.draws.games import Game
from training.draws.rows import Problem
from training.models import Dataset, Draw
from training.services.draws import find_game
from training.services.draws.histories import BALLS
from training.services.draws.imports import Conflicting


def draws_csv(dataset: Dataset, draws: QuerySet[Draw]) -> Iterator[str]:
    """Draws of a dataset, oldest first, in the columns that `import_draws` reads."""
    rows = draws.order_by("date").values_list("date", *BALLS, "multiplier")
    yield _csv([_head(find_game(dataset.game))])
    yield _csv(rows.iterator(chunk_size=2000))


def frequency_csv(found: Frequency) -> str:
    """How often each ball of a drum came, beside what a fair drum does."""
    head = ("ball", "count", "expected", "low", "high", "outside", "draws_since")
    rows = (
        (b.ball, b.count, round(found.expected, 4), found.low, found.high, b.outside, b.since)
        for b in found.balls
    )
    return _csv([head, *rows])


def problems_csv(problems: Iterable[Problem], conflicts: Iterable[Conflicting]) -> str:
    """What is wrong with a file, line by line. The reasons quote the file's own cells."""
    rows = [(item.line, item.column, item.reason, item.remedy) for item in problems]
    held = [(item.row.line, "", item.reason, item.remedy) for item in conflicts]
    return _csv([("line", "column", "reason", "remedy"), *rows, *held])


def _head(game: Game) -> list[str]:
    bonus = game.bonus_name.lower().replace(" ", "_")
    return ["draw_date", *(f"white{number}" for number in range(1, 6)), bonus, "multiplier"]


def _csv(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [safe_cell(cell) for cell in row] for row in rows
    )
    return text.getvalue()
