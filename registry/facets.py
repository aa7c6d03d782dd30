"""How many models each further filter would leave: the counts beside the choices of a list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from django.db.models import Case, Count, F, Value, When
from django.db.models.expressions import Combinable
from django.http import QueryDict

from registry.queries import VERDICTS, ModelFilter

SHOWN = 12  # values of a facet; the commonest, and the chosen one
Counts = list[tuple[str, int]]
Words = Mapping[str, str]


@dataclass(frozen=True)
class Choice:
    """A value of a filter: how many models it leaves together with the other filters.

    `address` is the list's with this filter on, or off where it is the chosen one.
    """

    words: str
    count: int
    chosen: bool
    address: str


@dataclass(frozen=True)
class Facet:
    """One filter and what it can be."""

    title: str
    choices: list[Choice]


def facets(wanted: ModelFilter, query: QueryDict, verdict_words: Words) -> list[Facet]:
    """The facets of the list at `query`, all in one SQL query; what offers no choice is left out."""
    counts = _counts(wanted)
    found = [
        Facet(
            title,
            _choices(
                getattr(wanted, field),
                counts[field],
                verdict_words if field == "verdict" else {},
                partial(_address, query, field),
            ),
        )
        for field, (title, _) in _FACETS.items()
    ]
    return [one for one in found if len(one.choices) > 1 or any(c.chosen for c in one.choices)]


def _counts(wanted: ModelFilter) -> dict[str, Counts]:
    """How many models each value of each facet leaves.

    A filter's own choice does not restrict its counts, so that it can be changed.
    """
    first, *others = (
        replace(wanted, **{field: ""})
        .queryset()
        .order_by()
        .annotate(facet=Value(field), value=value)
        .values("facet", "value")
        .annotate(count=Count("pk"))
        .values_list("facet", "value", "count")
        for field, (_, value) in _FACETS.items()
    )
    found: dict[str, Counts] = {field: [] for field in _FACETS}
    for field, text, number in first.union(*others, all=True):
        if text:
            found[field].append((text, number))
    return found


def _choices(
    chosen: str, counts: Counts, words: Words, address: Callable[[str], str]
) -> list[Choice]:
    shown = sorted(counts, key=lambda pair: (-pair[1], pair[0]))[:SHOWN]
    shown += [pair for pair in counts if pair[0] == chosen and pair not in shown]
    return [
        Choice(
            words=words.get(value, value),
            count=number,
            chosen=value == chosen,
            address=address("" if value == chosen else value),
        )
        for value, number in shown
    ]


def _address(query: QueryDict, field: str, value: str) -> str:
    """The list's address with one filter changed, from its first page on."""
    changed = query.copy()
    for name in ("page", field):
        changed.pop(name, None)
    if value:
        changed[field] = value
    return f"?{changed.urlencode()}"


# Title, and the value by which a model belongs to a choice.
_FACETS: Mapping[str, tuple[str, Combinable]] = {
    "encoder": ("Architecture", F("newest__encoder")),
    "matrix": ("Era", F("newest__matrix")),
    "dataset": ("Draws", F("newest__dataset_name")),
    "verdict": (
        "Verdict",
        Case(*(When(side, then=Value(name)) for name, side in VERDICTS.items())),
    ),
    "status": ("Status", F("newest__status")),
    "tag": ("Tag", F("tags__text")),
}
