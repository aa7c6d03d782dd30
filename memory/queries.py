"""What a request asks the journal for: its filter and its window, from untrusted text.

Newest first everywhere. Paging by `before`/`after` (entry numbers) costs the same at any
depth; `offset` is for the contract of the REST endpoint. `until` holds the view still
while entries arrive: the entries up to that number never change.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from memory import canonical, events, words
from memory.compaction import parse_age
from memory.filters import JournalFilter
from memory.refusals import Invalid
from memory.wire import read_count

MAX_LIMIT = 1000  # entries per answer
MAX_WORDS = 16  # of a text search
_MAX_SEQ = 2**63 - 1
_MAX_OFFSET = 10**12


def parse_filter(raw: Mapping[str, str]) -> JournalFilter:
    """Return the filter that raw text values ask for; Invalid names every bad field.

    Fields: model_name, event_type (comma-separated), level, actor, q, start_date and
    end_date (ISO 8601; a date without a time means the whole day), session_id, has_note, until.
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
    if values.get("noted"):
        values["noted"] = values.get("until", _MAX_SEQ)
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
            canonical.plain(text)
        except canonical.Unstorable as error:
            raise ValueError(error.problem) from error
        return text

    return parse


def _words(text: str) -> tuple[str, ...]:
    asked = words.asked(_text(200)(text))
    if not asked:
        raise ValueError("needs a letter or a digit to look for.")
    if len(asked) > MAX_WORDS:
        raise ValueError(f"must be at most {MAX_WORDS} words.")
    return asked


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


def _yes(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false.")
    return text == "true"


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
    "has_note": ("noted", _yes),
    "until": ("until", _seq),
}


def day_start(day: date) -> datetime:
    """Return the first instant of a day in the current time zone."""
    return timezone.make_aware(datetime.combine(day, time()))


def read_age(text: str) -> timedelta:
    """Return how old entries must be, from a text like 90d; Invalid otherwise."""
    try:
        return parse_age(text)
    except ValueError as error:
        raise Invalid(fields={"older_than": str(error)}) from error
