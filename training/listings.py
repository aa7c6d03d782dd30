"""The list of sessions: a sentence as heading, tabs with counts, chips, pages, and its files."""

import csv
import io
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.core.paginator import Page
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.http import QueryDict

from memory.exports import safe_cell
from memory.list_columns import Choice, Column
from memory.page_sizes import page_of
from memory.refusals import Invalid
from memory.sentences import counted
from registry.networks.spec import ENCODERS
from training.models import TrainingSession
from training.serializers import session_dict
from training.session_changes import Changes, watch
from training.session_columns import COLUMNS
from training.session_counts import Tab, counts_of, tabs_of, total
from training.session_queries import ADDRESS, DEFAULT_SORT, SORTS, SessionFilter, parse_filter

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the list's address without it."""

    words: str
    address: str


@dataclass(frozen=True, slots=True)
class SessionListing:
    """One page of sessions."""

    heading: str
    tabs: list[Tab]
    page: Page
    wanted: SessionFilter
    chips: list[Chip]
    columns: list[Column]
    shown: frozenset[str]  # keys of columns
    chooser: list[Choice]
    kept: list[tuple[str, str]]  # of the address, by the form of the filters
    query: str  # of exactly this view, for its files and the API
    queued: int
    is_empty: bool  # there was never a session
    changes: Changes
    architectures: tuple[str, ...] = tuple(ENCODERS)


def session_listing(query: QueryDict, remembered: Sequence[str] = ()) -> SessionListing:
    """The page of sessions that the address asks for; the same number of queries always.

    `remembered` are the columns that the account chose last. What cannot be is left out: the
    page has the form of a training as well.
    """
    wanted = parse_filter({name: query.get(name, "") for name in ADDRESS}, leave_out=True)
    counts = counts_of(wanted)
    page = page_of(wanted.queryset(), query, known=total(counts, wanted.state))
    try:
        shown = COLUMNS.parse(query, remembered)
    except Invalid:
        shown = COLUMNS.parse(QueryDict(), remembered)
    chips = _chips(wanted, query)
    rows = list(page.object_list)
    return SessionListing(
        heading=_heading(page.paginator.count, wanted),
        tabs=tabs_of(counts, wanted.state),
        page=page,
        wanted=wanted,
        chips=chips,
        columns=COLUMNS.heads(shown, wanted.sort),
        shown=shown,
        chooser=COLUMNS.choices(shown),
        kept=_kept(query, without=("q", "source", "arch")),
        query=_query(wanted),
        queued=counts.get(TrainingSession.State.QUEUED, 0),
        is_empty=not (counts or chips),
        changes=watch(query, wanted, rows, shown),
    )


def _kept(query: QueryDict, *, without: Collection[str]) -> list[tuple[str, str]]:
    """What a form has to send along, so that the list stays as it is but for its own fields."""
    names = [name for name in ADDRESS if name not in without]
    return [(name, text) for name in names for text in query.getlist(name) if text]


def _words(wanted: SessionFilter) -> dict[str, str]:
    """The filters in words, by their name in the address."""
    said = {
        "state": f"state = {wanted.state}" if wanted.state != "all" else "",
        "q": f"name contains “{wanted.q}”" if wanted.q else "",
        "source": f"draws = {wanted.source}" if wanted.source else "",
        "arch": f"architecture = {wanted.arch}" if wanted.arch else "",
    }
    return {name: words for name, words in said.items() if words}


def _chips(wanted: SessionFilter, query: QueryDict) -> list[Chip]:
    found = []
    for name, words in _words(wanted).items():
        others = query.copy()
        for gone in (name, "page"):
            others.pop(gone, None)
        found.append(Chip(words, f"?{others.urlencode()}#sessions"))
    return found


def _heading(total: int, wanted: SessionFilter) -> str:
    parts = [counted(total, "session"), *_words(wanted).values()]
    if wanted.sort != DEFAULT_SORT and wanted.sort.lstrip("-") in SORTS:
        rising = "" if wanted.sort.startswith("-") else ", the least first"
        parts.append(f"sorted by {SORTS[wanted.sort.lstrip('-')][1]}{rising}")
    return ", ".join(parts)


def _query(wanted: SessionFilter) -> str:
    """The filter as a query string; what is as usual is left out."""
    usual = SessionFilter()
    asked = QueryDict(mutable=True)
    for name in ADDRESS:
        value = getattr(wanted, name, "")
        if value and value != getattr(usual, name):
            asked[name] = value
    return asked.urlencode()


def sessions_csv(sessions: QuerySet[TrainingSession]) -> Iterator[str]:
    """Sessions as CSV: the columns of REST. Gains are bits per draw, times seconds."""
    head = True
    text = io.StringIO()
    for session in sessions.iterator(chunk_size=CHUNK):
        row = session_dict(session)
        row["tags"] = ", ".join(row["tags"])
        writer = csv.DictWriter(text, row, lineterminator="\n")
        if head:
            writer.writeheader()
            head = False
        writer.writerow({name: safe_cell(value) for name, value in row.items()})
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def sessions_json(sessions: QuerySet[TrainingSession]) -> Iterator[str]:
    """The same as one JSON list."""
    yield "["
    for number, session in enumerate(sessions.iterator(chunk_size=CHUNK)):
        row = json.dumps(session_dict(session), cls=DjangoJSONEncoder)
        yield f"{',' if number else ''}\n{row}"
    yield "\n]\n"
