"""Lists of sessions: state tabs with counts, pages, and the same as CSV."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.http import QueryDict

from memory.exports import safe_cell
from memory.refusals import Invalid
from training.models import TrainingSession
from training.serializers import session_dict

PAGE = 25
CHUNK = 500
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
    chosen: str
    queued: int

    @property
    def is_empty(self) -> bool:
        """Was there never a session?"""
        return self.tabs[0].count == 0


LARGE = ("metrics", "network", "config", "environment", "reproduction", "notes", "evaluation")


def chosen_sessions(state: str) -> QuerySet[TrainingSession]:
    """The sessions of a tab or of a single state, newest first; Invalid names what there is."""
    if state not in TABS and state not in TrainingSession.State.values:
        held = ", ".join([*TABS, *TrainingSession.State.values])
        raise Invalid(fields={"state": f"Must be one of {held}."})
    states = TABS[state][1] if state in TABS else (state,)
    found = TrainingSession.objects.select_related("model", "dataset", "artifact")
    # What makes a version's row large is not read for a list.
    found = found.defer(*(f"artifact__{name}" for name in LARGE))
    return found if state == "all" else found.filter(state__in=states)


ORDERS = {"-id": ("-pk",), "bestGain": ("best_gain", "pk"), "-bestGain": ("-best_gain", "-pk")}


def sorted_sessions(found: QuerySet[TrainingSession], order: str) -> QuerySet[TrainingSession]:
    """Sessions in one of ORDERS. By gain: those that have one, as a rank needs."""
    if order not in ORDERS:
        raise Invalid(fields={"sort": f"Must be one of {', '.join(ORDERS)}."})
    if "best_gain" in ORDERS[order][0]:
        found = found.filter(best_gain__isnull=False)
    return found.order_by(*ORDERS[order])


def session_page(query: QueryDict) -> SessionListing:
    """The page that `?state=` and `?page=` ask for; two queries."""
    counts = dict(TrainingSession.objects.order_by().values_list("state").annotate(Count("pk")))
    chosen = query.get("state", "all")
    if chosen not in TABS:
        chosen = "all"
    tabs = [
        Tab(key, title, sum(counts.get(state, 0) for state in states), key == chosen)
        for key, (title, states) in TABS.items()
    ]
    paginator = Paginator(chosen_sessions(chosen), PAGE)
    paginator.count = next(tab.count for tab in tabs if tab.current)  # known: one query less
    page = paginator.get_page(query.get("page"))
    return SessionListing(tabs, page, chosen, counts.get(TrainingSession.State.QUEUED, 0))


def sessions_csv(sessions: QuerySet[TrainingSession]) -> Iterator[str]:
    """Sessions as CSV: the columns of REST, and how long each worked. Gains are bits per draw."""
    head = True
    text = io.StringIO()
    for session in sessions.iterator(chunk_size=CHUNK):
        row = session_dict(session) | {"processSeconds": session.process_seconds}
        writer = csv.DictWriter(text, row, lineterminator="\n")
        if head:
            writer.writeheader()
            head = False
        writer.writerow({name: safe_cell(value) for name, value in row.items()})
        yield text.getvalue()
        text.seek(0)
        text.truncate()
