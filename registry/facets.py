"""How many models each further filter would leave: the counts beside the choices of a list."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from django.db.models import Count, QuerySet
from django.http import QueryDict

from registry.models import RegisteredModel
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
    """The facets of the list at `query`, one SQL query each; what offers no choice is left out."""
    found = [
        Facet(
            title, _choices(wanted, query, field, verdict_words if field == "verdict" else {})
        )
        for field, (title, _) in _FACETS.items()
    ]
    return [one for one in found if len(one.choices) > 1 or any(c.chosen for c in one.choices)]


def _choices(wanted: ModelFilter, query: QueryDict, field: str, words: Words) -> list[Choice]:
    """A filter's own choice does not restrict its counts, so that it can be changed."""
    chosen, (_, count) = getattr(wanted, field), _FACETS[field]
    counts = count(replace(wanted, **{field: ""}).queryset().order_by())
    shown = sorted(counts, key=lambda pair: (-pair[1], pair[0]))[:SHOWN]
    shown += [pair for pair in counts if pair[0] == chosen and pair not in shown]
    return [
        Choice(
            words=words.get(value, value),
            count=number,
            chosen=value == chosen,
            address=_address(query, field, "" if value == chosen else value),
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


def _by(column: str) -> Callable[[QuerySet[RegisteredModel]], Counts]:
    def count(models: QuerySet[RegisteredModel]) -> Counts:
        rows: Iterable[tuple[str | None, int]] = (
            models.exclude(**{column: None}).values_list(column).annotate(count=Count("pk"))
        )
        return [(value, number) for value, number in rows if value]

    return count


def _verdicts(models: QuerySet[RegisteredModel]) -> Counts:
    sides = {name: Count("pk", filter=side) for name, side in VERDICTS.items()}
    return [(name, number) for name, number in models.aggregate(**sides).items() if number]


_FACETS: Mapping[str, tuple[str, Callable[[QuerySet[RegisteredModel]], Counts]]] = {
    "encoder": ("Architecture", _by("newest__encoder")),
    "dataset": ("Draws", _by("newest__dataset_name")),
    "verdict": ("Test gain", _verdicts),
    "status": ("Status", _by("newest__status")),
    "tag": ("Tag", _by("tags__text")),
}
