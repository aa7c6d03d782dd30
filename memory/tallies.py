"""Counting journal entries: totals, per facet and per day, quickly at a million entries.

What lies below the head never changes, so a count is kept with the entry number and head
it was taken at, and the next one counts only what came after. The head hash is the proof
that a kept count still belongs to this journal (another database has another chain).
"""

from collections import Counter, OrderedDict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from threading import Lock
from typing import Any

from django.utils import timezone

from memory import recall
from memory.filters import JournalFilter
from memory.models import JournalEntry, JournalHead
from memory.queries import day_start

FACETS = ("event_type", "level", "model_name", "actor")
MAX_DAYS = 92
_KEPT = 256
_kept: OrderedDict[tuple[JournalFilter, str], tuple["Head", Counter[Any]]] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Head:
    """The entry up to which a count was taken, and the chain's hash there."""

    seq: int
    digest: bytes


def total(wanted: JournalFilter) -> int:
    """Return the number of matching entries."""
    return tally(wanted, "event_type").total()


def facets(wanted: JournalFilter) -> dict[str, Counter[str]]:
    """Return the matching entries per event type, level, model and actor.

    A facet does not restrict its own counts, so that a person sees what else there is.
    """
    free = {
        "event_type": replace(wanted, event_types=()),
        "level": replace(wanted, level=""),
        "model_name": replace(wanted, model_name=""),
        "actor": replace(wanted, actor=""),
    }
    return {name: tally(without, name) for name, without in free.items()}


def per_day(wanted: JournalFilter) -> list[tuple[date, int]]:
    """Return the matching entries of each day (current time zone), oldest first.

    At most the last MAX_DAYS days of the filter's range, days without entries included.
    """
    last = timezone.localdate()
    if wanted.end:
        last = min(last, timezone.localdate(wanted.end - timedelta(microseconds=1)))
    first = last - timedelta(days=MAX_DAYS - 1)
    start = day_start(first)
    if wanted.start and wanted.start > start:
        start, first = wanted.start, timezone.localdate(wanted.start)
    counts = tally(replace(wanted, start=start), "day")
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [(day, counts[day.isoformat()]) for day in days]


def tally(wanted: JournalFilter, facet: str) -> Counter[str]:
    """Return how many matching entries there are per value of a facet."""
    head = _head()
    everything = replace(wanted, until=None)
    start, counts = _recall((everything, facet))
    if start.seq < head.seq:
        counts = counts + recall.count(everything, facet, above=start.seq, upto=head.seq)
        _keep((everything, facet), head, counts)
    if wanted.until is not None and wanted.until < head.seq:
        counts = counts - recall.count(everything, facet, above=wanted.until, upto=head.seq)
    return counts


def _head() -> Head:
    row = JournalHead.objects.first()
    return Head(row.seq, bytes(row.head)) if row else Head(0, b"")


def _recall(key: tuple[JournalFilter, str]) -> tuple[Head, Counter[Any]]:
    """Return a kept count that belongs to this journal, or the count of nothing."""
    with _lock:
        head, counts = _kept.get(key, (Head(0, b""), Counter()))
    if head.seq and not JournalEntry.objects.filter(seq=head.seq, head=head.digest).exists():
        return Head(0, b""), Counter()
    return head, counts


def _keep(key: tuple[JournalFilter, str], head: Head, counts: Counter[Any]) -> None:
    with _lock:
        _kept[key] = (head, counts)
        _kept.move_to_end(key)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
