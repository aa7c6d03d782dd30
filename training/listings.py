"""Lists of sessions for the pages: state tabs with counts, and pages."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.http import QueryDict

from training.models import TrainingSession

PAGE = 25
ACTIVE = tuple(s for s in TrainingSession.State.values if s not in TrainingSession.TERMINAL)
TABS: dict[str, tuple[str, tuple[str, ...]]] = {
    "all": ("All", tuple(TrainingSession.State.values)),
    "active": ("Active", ACTIVE),
    "done": ("Done", (TrainingSession.State.COMPLETED, TrainingSession.State.STOPPED)),
    "failed": ("Failed", (TrainingSession.State.FAILED,)),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """A state tab: its key in the address, its word and how many sessions it holds."""

    key: str
    title: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class SessionListing:
    """One page of sessions, newest first."""

    tabs: list[Tab]
    page: Page

    @property
    def is_empty(self) -> bool:
        """Was there never a session?"""
        return self.tabs[0].count == 0


def session_page(query: QueryDict) -> SessionListing:
    """The page that `?state=` and `?page=` ask for; two queries and the rows."""
    counts = dict(TrainingSession.objects.order_by().values_list("state").annotate(Count("pk")))
    chosen = query.get("state", "all")
    if chosen not in TABS:
        chosen = "all"
    tabs = [
        Tab(key, title, sum(counts.get(state, 0) for state in states), key == chosen)
        for key, (title, states) in TABS.items()
    ]
    rows = TrainingSession.objects.filter(state__in=TABS[chosen][1]).select_related(
        "model", "dataset", "artifact"
    )
    return SessionListing(tabs, Paginator(rows, PAGE).get_page(query.get("page")))
