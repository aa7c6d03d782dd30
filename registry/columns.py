"""The columns of the list of models: which there are, which an address asks for, how they sort."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from django.http import QueryDict

from memory.refusals import Invalid


class _Kind(NamedTuple):
    title: str
    sort: str  # the key to sort by
    holds: str  # a click begins with the largest or latest, of text with the first
    usual: bool = True


# In their order. Name and status are always there: the first says whose row it is, and the second
# changes while one looks.
_COLUMNS = {
    "name": _Kind("Model", "name", "text"),
    "status": _Kind("Status", "", "text"),
    "encoder": _Kind("Architecture", "", "text"),
    "parameters": _Kind("Parameters", "parameters", "number"),
    "size": _Kind("Size", "size", "number", usual=False),
    "val_gain": _Kind("Validation gain", "val_gain", "number"),
    "gain": _Kind("Test gain", "gain", "number"),
    "interval": _Kind("95 % interval", "", "text"),
    "epochs": _Kind("Best epoch", "", "number"),
    "hits": _Kind("Hits per draw", "", "number"),
    "era": _Kind("Era", "", "text", usual=False),
    "seconds": _Kind("Training time", "", "number", usual=False),
    "trained": _Kind("Trained on", "trained", "time"),
}
_ALWAYS = ("name", "status")


@dataclass(frozen=True)
class Column:
    """A head of the table: `sort` is what a click asks for, `direction` what is shown now."""

    key: str
    title: str
    sort: str
    kind: str
    direction: str = ""  # "ascending", "descending" or "" as in aria-sort


@dataclass(frozen=True)
class Choice:
    """A column that can be left out."""

    key: str
    title: str
    chosen: bool


def parse_columns(query: QueryDict) -> frozenset[str]:
    """The keys that `cols` asks for, given once or several times; the usual ones without it.

    Raises Invalid for a column that there is not.
    """
    asked = {key for text in query.getlist("cols") for key in text.split(",") if key}
    if unknown := sorted(asked - _COLUMNS.keys()):
        known = ", ".join(_COLUMNS)
        raise Invalid(fields={"cols": f"{unknown[0][:40]!r} is none of {known}."})
    usual = {key for key, kind in _COLUMNS.items() if kind.usual}
    return frozenset((asked or usual) | set(_ALWAYS))


def heads(shown: Collection[str], sort: str) -> list[Column]:
    """The heads of the columns that are shown, in a list sorted by `sort`."""
    return [
        _head(key, kind, sort)
        for key, kind in _COLUMNS.items()
        if key in shown
        and not (key == "interval" and "gain" in shown)  # it stands below the gain
    ]


def choices(shown: Collection[str]) -> list[Choice]:
    """What the chooser offers."""
    return [
        Choice(key, kind.title, key in shown)
        for key, kind in _COLUMNS.items()
        if key not in _ALWAYS
    ]


def _head(key: str, kind: _Kind, sort: str) -> Column:
    shown_by = bool(kind.sort) and sort.lstrip("-") == kind.sort
    falling = sort.startswith("-") if shown_by else kind.holds == "text"
    asked = f"-{kind.sort}" if kind.sort and not falling else kind.sort
    direction = ("descending" if falling else "ascending") if shown_by else ""
    return Column(key, kind.title, asked, kind.holds, direction)
