"""The columns of a list: which there are, which are asked for, and how each sorts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.http import QueryDict

from memory.refusals import Invalid


class Kind(NamedTuple):
    """What a column is. `sort` is the key to sort by, "" where it cannot be."""

    title: str
    sort: str
    holds: str  # a click begins with the largest or latest, of text with the first
    usual: bool = True
    help: str = ""


@dataclass(frozen=True)
class Column:
    """A head of the table: `sort` is what a click asks for, `direction` what is shown now."""

    key: str
    title: str
    sort: str
    kind: str
    direction: str = ""  # "ascending", "descending" or "" as in aria-sort
    help: str = ""


@dataclass(frozen=True)
class Choice:
    """A column that can be left out."""

    key: str
    title: str
    chosen: bool


@dataclass(frozen=True)
class Columns:
    """The columns of one list in their order; those of `always` are always shown."""

    kinds: Mapping[str, Kind]
    always: tuple[str, ...]

    def parse(self, query: QueryDict, remembered: Sequence[str] = ()) -> frozenset[str]:
        """The keys that `cols` asks for, given once or several times; else the remembered ones,
        else the usual ones.

        Raises Invalid for a column that there is not. One that was remembered and is no more is
        left out.
        """
        asked = self.checked(
            [key for text in query.getlist("cols") for key in text.split(",") if key]
        )
        kept = [key for key in remembered if key in self.kinds]
        usual = [key for key, kind in self.kinds.items() if kind.usual]
        return frozenset([*(asked or kept or usual), *self.always])

    def checked(self, keys: Sequence[str]) -> list[str]:
        """The keys in the order of the list, each once; Invalid for a column that there is not."""
        if unknown := sorted(set(keys) - self.kinds.keys()):
            known = ", ".join(self.kinds)
            raise Invalid(fields={"cols": f"{unknown[0][:40]!r} is none of {known}."})
        return [key for key in self.kinds if key in keys]

    def heads(self, shown: Collection[str], sort: str) -> list[Column]:
        """The heads of the columns that are shown, in a list sorted by `sort`."""
        return [_head(key, kind, sort) for key, kind in self.kinds.items() if key in shown]

    def choices(self, shown: Collection[str]) -> list[Choice]:
        """What the chooser offers."""
        return [
            Choice(key, kind.title, key in shown)
            for key, kind in self.kinds.items()
            if key not in self.always
        ]


def _head(key: str, kind: Kind, sort: str) -> Column:
    shown_by = bool(kind.sort) and sort.lstrip("-") == kind.sort
    falling = sort.startswith("-") if shown_by else kind.holds == "text"
    asked = f"-{kind.sort}" if kind.sort and not falling else kind.sort
    direction = ("descending" if falling else "ascending") if shown_by else ""
    return Column(key, kind.title, asked, kind.holds, direction, kind.help)
