"""What the journal page shows: entries by day, counts, and the links to other views of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.utils import timezone

from memory import tallies
from memory.events import EVENTS, LEVELS, Event
from memory.filters import JournalFilter
from memory.models import JournalCheck, JournalEntry, JournalSegment

PAGE_SIZES = (50, 25, 100)  # the first is the usual one
PRESETS = {"Today": 1, "7 days": 7, "30 days": 30, "90 days": 90}
# The page's short names, those of the filter, and those of the REST endpoint.
NAMES = {
    "model": ("model_name", "modelName"),
    "type": ("event_type", "eventType"),
    "level": ("level", "level"),
    "actor": ("actor", "actor"),
    "q": ("q", "q"),
    "from": ("start_date", "startDate"),
    "to": ("end_date", "endDate"),
    "session": ("session_id", "sessionId"),
    "noted": ("has_note", "hasNote"),
    "until": ("until", "until"),
    "page": ("page", ""),
    "per_page": ("per_page", ""),
}


@dataclass(frozen=True)
class Chip:
    """A filter in words, and the address of the view without it."""

    words: str
    address: str


@dataclass(frozen=True)
class Bar:
    """The entries of one day as a bar: heights and places in the units of the drawing."""

    day: date
    count: int
    x: int
    y: float
    height: float
    address: str


@dataclass(frozen=True)
class Row:
    """An entry, or what became of a range of entries."""

    at: datetime
    entry: JournalEntry | None = None
    segment: JournalSegment | None = None


@dataclass
class Timeline:
    """One view of the journal."""

    raw: dict[str, str]
    only: tuple[str, ...] = ()  # the event types that the reader may see; () is all
    problems: dict[str, str] = field(default_factory=dict)
    wanted: JournalFilter = field(default_factory=JournalFilter)
    number: int = 1  # of the page
    size: int = PAGE_SIZES[0]  # entries of a page
    entries: list[JournalEntry] = field(default_factory=list)
    total: int = 0
    counted: bool = True  # total, types and bars are known; else they come afterwards
    more: bool = False  # older entries than those of the page, where nothing is counted
    types: list[tuple[Event, int | None, bool]] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    actors: list[str] = field(default_factory=list)
    head: tallies.Head = field(default_factory=lambda: tallies.Head(0, b""))
    bars: list[Bar] = field(default_factory=list)
    pins: set[int] = field(default_factory=set)  # of the entries on the page
    gone: list[JournalSegment] = field(default_factory=list)  # deleted ranges between them
    busiest: int = 0  # entries of the fullest day

    levels = LEVELS
    sizes = tuple(sorted(PAGE_SIZES))
    chart_height = 48

    @property
    def days(self) -> list[tuple[date, list[Row]]]:
        """The rows of the page by day, newest day first."""
        by_day = groupby(self._rows(), key=lambda row: timezone.localdate(row.at))
        return [(day, list(rows)) for day, rows in by_day]

    def _rows(self) -> Iterator[Row]:
        """The entries; above those of an archive, and in place of deleted ones, what became of them."""
        gone, last = self.gone[:], None
        for entry in self.entries:
            while gone and gone[0].first > entry.seq:
                yield Row(gone[0].last_at, segment=gone.pop(0))
            if entry.segment and entry.segment != last:
                last = entry.segment
                yield Row(entry.at, segment=last)
            yield Row(entry.at, entry=entry)
        yield from (Row(segment.last_at, segment=segment) for segment in gone)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The event types that were asked for; () for all that there are."""
        return self.wanted.event_types if self.raw["type"] else ()

    def shows(self, name: str) -> bool:
        """May the reader see events of this type?"""
        return not self.only or name in self.only

    @property
    def chips(self) -> list[Chip]:
        """The filters in force, in words."""
        wanted = self.wanted
        types = " or ".join(EVENTS[name].title.lower() for name in self.chosen)
        words = {
            "model": wanted.model_name and f"model {wanted.model_name}",
            "type": types,
            "level": wanted.level and f"level {wanted.level}",
            "actor": wanted.actor and f"by {wanted.actor}",
            "session": wanted.session_id is not None and f"session {wanted.session_id}",
            "noted": wanted.noted and "notes, and entries that have one",
            "q": wanted.words and f"with “{self.raw['q']}”",
            "from": wanted.start and f"from {self.raw['from']}",
            "to": wanted.end and f"to {self.raw['to']}",
        }
        return [Chip(text, self.address(**{name: ""})) for name, text in words.items() if text]

    def address(self, **changes: str) -> str:
        """The query string of this view with changes; without its page unless that is one."""
        raw = self.raw | {"page": "", "until": ""} | changes
        return f"?{urlencode({name: value for name, value in raw.items() if value})}"

    @property
    def page(self) -> Page[int]:
        """The page of all matching entries; it holds their places, not the entries."""
        return Paginator(range(self.total), self.size).get_page(self.number)

    @property
    def pages(self) -> list[Chip]:
        """The pages around this one with their addresses; a gap, and this page, have none."""
        page = self.page
        around = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
        return [
            Chip(str(number), self._elsewhere(number) if isinstance(number, int) else "")
            for number in around
        ]

    def _elsewhere(self, number: int) -> str:
        return "" if number == self.page.number else self.address_of(number)

    @property
    def older_page(self) -> str:
        """The address of the next page of older entries; empty on the last."""
        if not self.counted:
            return self.address_of(self.number + 1) if self.more else ""
        return self.address_of(self.page.number + 1) if self.page.has_next() else ""

    @property
    def newer_page(self) -> str:
        """The address of the page of newer entries; empty on the first."""
        if not self.counted:
            return self.address_of(self.number - 1) if self.number > 1 else ""
        return self.address_of(self.page.number - 1) if self.page.has_previous() else ""

    def address_of(self, number: int) -> str:
        """The address of a page of this view, which new entries do not shift."""
        return self.address(until=self.raw["until"], page=str(number) if number > 1 else "")

    @property
    def here(self) -> str:
        """The address of this very page of the view."""
        return self.address_of(self.number)

    @property
    def size_choices(self) -> list[Chip]:
        """How long a page may be; what it is now has no address."""
        return [
            Chip(str(size), "" if size == self.size else self.address(per_page=str(size)))
            for size in self.sizes
        ]

    @property
    def behind(self) -> bool:
        """Whether entries came since the view was held still."""
        return self.wanted.until is not None and self.wanted.until < self.head.seq

    @property
    def uses_more(self) -> bool:
        """Whether one of the filters that are folded away is in use."""
        return any(self.raw[name] for name in ("type", "level", "actor", "session", "noted"))

    @property
    def presets(self) -> list[Chip]:
        """The usual date ranges."""
        today = timezone.localdate()
        starts = {words: today - timedelta(days=days - 1) for words, days in PRESETS.items()}
        return [
            Chip(words, self.address(**{"from": start.isoformat(), "to": ""}))
            for words, start in starts.items()
        ]

    @property
    def preset(self) -> str:
        """The one of them that is in force; empty for none."""
        here = self.address(**{"from": self.raw["from"], "to": ""})
        same = (chip.words for chip in self.presets if chip.address == here)
        return "" if self.raw["to"] else next(same, "")

    @property
    def newest_address(self) -> str:
        """The address of this view's first page, with the newest entry that it knows."""
        return self.address(until=self.raw["until"])

    @property
    def last_day(self) -> date | None:
        """The newest day that has a bar."""
        return self.bars[-1].day if self.bars else None

    @property
    def api_query(self) -> str:
        """The same filter as a query string of the REST endpoint."""
        pairs = {NAMES[name][1]: value for name, value in self.raw.items() if value}
        return urlencode({name: value for name, value in pairs.items() if name})

    @property
    def last_check(self) -> JournalCheck | None:
        """The last verification of the journal."""
        return JournalCheck.objects.first()

    @property
    def oldest_at(self) -> datetime | None:
        """When the oldest entry that is kept was written."""
        return self.head.oldest_at
