"""The step that asks which column is what: the file's first lines, and a form of selects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from training.draws.columns import (
    BadColumns,
    Columns,
    calls,
    checked,
    headings_of,
    labels,
    own_layout,
    parse,
)
from training.draws.guesses import guess
from training.draws.rows import Unreadable
from training.draws.tables import Table

SHOWN_LINES = 5
SHOWN_COLUMNS = 60  # a page with thousands of choices helps nobody; a command takes any
CELL = 40  # characters
BALLS = tuple(f"ball{number}" for number in range(1, 6))
PLACES = ("date", *BALLS, "bonus", "multiplier")
FORMS = [
    ("", "2026-08-05 or 08/05/2026"),
    ("ymd", "2026/08/05, year first"),
    ("mdy", "08.05.2026, month first"),
    ("dmy", "05.08.2026, day first"),
]


@dataclass(frozen=True, slots=True)
class Sample:
    """The first lines of a file under what people are told of its columns."""

    heads: list[str]
    lines: list[tuple[int, list[str]]]
    hidden: int  # columns beyond SHOWN_COLUMNS


class ColumnsForm(forms.Form):
    """Which column is the date, which are the balls; checked against the file itself."""

    date = forms.ChoiceField(label="Date", error_messages={"required": "Choose the date."})
    form = forms.ChoiceField(label="Form of the date", choices=FORMS, required=False)
    ball1 = forms.ChoiceField(
        label="White ball 1, or the list of all",
        error_messages={"required": "Choose the first white ball, or the list of all."},
    )
    ball2 = forms.ChoiceField(label="White ball 2", required=False)
    ball3 = forms.ChoiceField(label="White ball 3", required=False)
    ball4 = forms.ChoiceField(label="White ball 4", required=False)
    ball5 = forms.ChoiceField(label="White ball 5", required=False)
    bonus = forms.ChoiceField(label="Bonus ball", required=False)
    multiplier = forms.ChoiceField(label="Multiplier", required=False)

    def __init__(self, table: Table, kept: str, data: QueryDict | None = None) -> None:
        self.table = table
        headings, _ = headings_of(table)
        self.calls = calls(headings)
        super().__init__(data, initial=_initial(_proposed(table, kept, self.calls)))
        told = labels(headings)[:SHOWN_COLUMNS]
        columns = list(zip(self.calls, told, strict=False))
        nothing = {
            "bonus": "the last of the list",
            "multiplier": "none",
            **dict.fromkeys(BALLS[1:], "in the list"),
        }
        for name in PLACES:
            choices = [("", nothing.get(name, "choose a column")), *columns]
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What was chosen, as `self.columns`; every fault stands beside its field."""
        said = self.cleaned_data
        first: dict[str, str] = {}
        for name in PLACES:
            column = said.get(name, "")
            if column and first.setdefault(column, name) != name:
                other = self.fields[first[column]].label
                self.add_error(name, f"Is chosen for “{other}” as well; choose another column.")
        if self.errors:
            return said
        balls = tuple(said[name] for name in BALLS if said[name])
        columns = Columns(said["date"], balls, said["bonus"], said["multiplier"], said["form"])
        try:
            own_layout(self.table, parse(str(checked(columns))))
        except BadColumns as bad:
            self._refuse(bad.part, f"{bad.reason}; {bad.remedy}")
        except Unreadable as bad:
            self._refuse(bad.problem.column, f"{bad.problem.reason}; {bad.problem.remedy}")
        self.columns = str(columns)
        return said

    def _refuse(self, part: str, text: str) -> None:
        field = {"balls": "ball1"}.get(part, part)
        self.add_error(
            field if field in self.fields else None, text[:1].upper() + text[1:] + "."
        )


def sample_of(table: Table) -> Sample:
    """The first lines, each with its number, no wider than a page can show."""
    headings, header = headings_of(table)
    heads = labels(headings)
    first = table.records[header : header + SHOWN_LINES]
    width = min(len(heads), SHOWN_COLUMNS)
    lines = [(one.line, [cell[:CELL] for cell in one.cells[:width]]) for one in first]
    return Sample(heads[:width], lines, len(heads) - width)


def _proposed(table: Table, kept: str, called: list[str]) -> Columns:
    """What the last file of the dataset had, where this one has the same; else a guess."""
    if kept:
        try:
            columns = parse(kept)
            layout, _, _ = own_layout(table, columns)
        except (BadColumns, Unreadable):
            return guess(table)
        return Columns(
            called[layout.date[0]],
            tuple(called[place] for place in layout.white),
            "" if layout.bonus is None else called[layout.bonus],
            "" if layout.multiplier is None else called[layout.multiplier],
            columns.form,
        )
    return guess(table)


def _initial(columns: Columns) -> dict[str, str]:
    return {
        "date": columns.date,
        "bonus": columns.bonus,
        "multiplier": columns.multiplier,
        "form": columns.form,
        **dict(zip(BALLS, columns.balls, strict=False)),
    }
