"""The state tabs of the list of sessions, and how many sessions each holds."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from training.session_queries import TABS, SessionFilter


@dataclass(frozen=True, slots=True)
class Tab:
    """A state tab: its key in the address, its word and how many sessions it holds."""

    key: str
    title: str
    count: int
    current: bool


def counts_of(wanted: SessionFilter) -> dict[str, int]:
    """How many sessions there are of each state, by the other filters; one query."""
    return dict(wanted.in_every_state().values_list("state").annotate(Count("pk")))


def tabs_of(counts: Mapping[str, int], chosen: str) -> list[Tab]:
    """All tabs with their counts."""
    return [
        Tab(key, title, total(counts, key), key == chosen) for key, (title, _) in TABS.items()
    ]


def total(counts: Mapping[str, int], chosen: str) -> int:
    """How many sessions a tab or a single state holds."""
    states = TABS[chosen][1] if chosen in TABS else (chosen,)
    return sum(counts.get(state, 0) for state in states)
