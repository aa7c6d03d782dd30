"""Reading the journal: one filter for the page, REST, downloads and other apps.

Newest first everywhere. Paging by `before`/`after` (entry numbers) costs the same at any
depth; `offset` is for the contract of the REST endpoint. `until` holds the view still
while entries arrive: the entries up to that number never change.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from memory import chain, events
from memory.models import JournalEntry, JournalHead
from memory.refusals import Invalid
from memory.wire import read_count

MAX_LIMIT = 1000  # entries per answer
MAX_WORDS = 8  # of a text search
_MAX_SEQ = 2**63 - 1
_MAX_OFFSET = 10**12
_STREAM_PAGE = 1000


@dataclass(frozen=True)
class JournalFilter:
    """Which entries: empty fields do not restrict, the others all have to hold."""

    model_name: str = ""
    event_types: tuple[str, ...] = ()
    level: str = ""
    actor: str = ""
    words: tuple[str, ...] = ()  # each occurs somewhere in the entry, in any case
    start: datetime | None = None  # inclusive
    end: datetime | None = None  # exclusive
    session_id: int | None = None
    until: int | None = None  # newest entry number

    def queryset(self) -> QuerySet[JournalEntry]:
        """The matching entries, newest first."""
        found = JournalEntry.objects.order_by("-seq")
        exact = {"model_name": self.model_name, "level": self.level, "actor": self.actor}
        found = found.filter(**{name: value for name, value in exact.items() if value})
        if self.event_types:
            found = found.filter(event_type__in=self.event_types)
        if self.session_id is not None:
            found = found.filter(session_id=self.session_id)
        if self.start:
            found = found.filter(at__gte=self.start)
        if self.end:
            found = found.filter(at__lt=self.end)
        if self.until is not None:
            found = found.filter(seq__lte=self.until)
        for word in self.words:
            # the payload is JSON text, so the word is looked for as JSON writes it
            found = found.filter(payload__icontains=json.dumps(word, ensure_ascii=False)[1:-1])
        return found

    def newest(
        self,
        *,
        limit: int,
        offset: int = 0,
        before: int | None = None,
        after: int | None = None,
    ) -> list[JournalEntry]:
        """At most limit entries, newest first: the newest below `before`, the oldest above
        `after`, or those after the `offset` newest."""
        found = self.queryset()
        if before is not None:
            # One bound, not two: SQLite would begin at the higher one and skip its way down.
            newest = min(before - 1, before if self.until is None else self.until)
            found = replace(self, until=newest).queryset()
        if after is not None:
            found = found.filter(seq__gt=after).order_by("seq")
        # Numbers first: they come out of an index alone, so only `limit` rows are read
        # even where the database has to sort.
        seqs = found.values_list("seq", flat=True)[offset : offset + limit]
        return list(JournalEntry.objects.filter(seq__in=list(seqs)).order_by("-seq"))

    def stream(self) -> Iterator[list[JournalEntry]]:
        """Pages of all matching entries as of now, newest first, in bounded memory."""
        still = self.until_now()
        before = None
        while page := still.newest(limit=_STREAM_PAGE, before=before):
            yield page
            before = page[-1].seq

    def until_now(self) -> "JournalFilter":
        """The same filter, held still at the newest entry there is."""
        return self if self.until is not None else replace(self, until=newest_seq())


def newest_seq() -> int:
    """The number of the newest entry, 0 for an empty journal."""
    return JournalHead.objects.values_list("seq", flat=True).first() or 0


def parse_filter(raw: Mapping[str, str]) -> JournalFilter:
    """Return the filter that raw text values ask for; Invalid names every bad field.

    Fields: model_name, event_type (comma-separated), level, actor, q, start_date and
    end_date (ISO 8601; a date without a time means the whole day), session_id, until.
    """
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, (target, parse) in _FIELDS.items():
        text = raw.get(name, "").strip()
        if not text:
            continue
        try:
            values[target] = parse(text)
        except ValueError as error:
            problems[name] = str(error)
    start, end = values.get("start"), values.get("end")
    if start and end and start >= end:
        problems["end_date"] = "is before start_date."
    if problems:
        raise Invalid(fields=problems)
    return JournalFilter(**values)


def parse_window(raw: Mapping[str, str]) -> dict[str, int]:
    """Return limit and offset, or limit and before or after, of a request for a page."""
    window = {"limit": read_count(raw.get("limit") or "100", "limit", low=1, high=MAX_LIMIT)}
    for name, high in (("offset", _MAX_OFFSET), ("before", _MAX_SEQ), ("after", _MAX_SEQ)):
        if raw.get(name):
            window[name] = read_count(raw[name], name, low=0, high=high)
    if len(window) > 2:
        raise Invalid(fields={"offset": "give only one of offset, before and after."})
    return window


def _whole(text: str, low: int, high: int) -> int:
    if len(text) <= 19 and text.isascii() and text.isdigit() and low <= int(text) <= high:
        return int(text)
    raise ValueError(f"must be a whole number from {low} to {high}.")


def _text(limit: int) -> Callable[[str], str]:
    """A parser for text of at most limit characters that a database can hold."""

    def parse(text: str) -> str:
        if len(text) > limit:
            raise ValueError(f"must be at most {limit} characters.")
        try:
            chain.plain(text)
        except chain.Unstorable as error:
            raise ValueError(error.problem) from error
        return text

    return parse


def _words(text: str) -> tuple[str, ...]:
    words = tuple(_text(200)(text).split())
    if len(words) > MAX_WORDS:
        raise ValueError(f"must be at most {MAX_WORDS} words.")
    return words


def _event_types(text: str) -> tuple[str, ...]:
    names = tuple(sorted({name.strip() for name in text.split(",") if name.strip()}))
    unknown = [name for name in names if name not in events.EVENTS]
    if unknown:
        raise ValueError(f"{unknown[0][:40]!r} is not an event type.")
    return names


def _level(text: str) -> str:
    if text not in events.LEVELS:
        raise ValueError(f"must be one of {', '.join(events.LEVELS)}.")
    return text


def _moment(text: str, *, whole_day_after: bool = False) -> datetime:
    """Return the instant that an ISO 8601 date or time names, in the current time zone."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        when = None
    if when is None or not 1970 <= when.year <= 9998:
        raise ValueError("must be a date or time like 2026-11-22 or 2026-11-22T16:00:00Z.")
    if whole_day_after and _is_date(text):
        when += timedelta(days=1)
    return when if when.tzinfo else timezone.make_aware(when)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _end(text: str) -> datetime:
    return _moment(text, whole_day_after=True)


def _seq(text: str) -> int:
    return _whole(text, 0, _MAX_SEQ)


_FIELDS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "model_name": ("model_name", _text(80)),
    "event_type": ("event_types", _event_types),
    "level": ("level", _level),
    "actor": ("actor", _text(150)),
    "q": ("words", _words),
    "start_date": ("start", _moment),
    "end_date": ("end", _end),
    "session_id": ("session_id", _seq),
    "until": ("until", _seq),
}


def day_start(day: date) -> datetime:
    """Return the first instant of a day in the current time zone."""
    return timezone.make_aware(datetime.combine(day, time()))
