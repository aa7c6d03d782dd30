"""Counting journal entries: totals, per facet and per day, quickly at a million entries.

What lies below the head never changes, so a count is kept with the entry number and head
it was taken at, and the next one counts only what came after. The head hash is the proof
that a kept count still belongs to this journal (another database has another chain).
"""

from collections import Counter, OrderedDict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Any

from django.db.models import Exists, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from memory import counting
from memory.filters import JournalFilter
from memory.models import JournalEntry, JournalHead, JournalSegment
from memory.queries import day_start

# The facets, and what of a filter restricts each.
_FIELDS = {
    "event_type": "event_types",
    "level": "level",
    "model_name": "model_name",
    "actor": "actor",
}
FACETS = tuple(_FIELDS)
MAX_DAYS = 92
_KEPT = 256
_kept: OrderedDict[tuple[JournalFilter, str], tuple["Head", Counter[Any]]] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Head:
    """The entry up to which a count was taken, the chain's hash there, and the first moment."""

    seq: int
    digest: bytes
    oldest_at: datetime | None = field(default=None, compare=False)
    gaps: bool = field(default=False, compare=False)  # texts of some entries were deleted


@dataclass(frozen=True)
class Counts:
    """How many entries match, and how many per value of each facet."""

    total: int
    facets: dict[str, Counter[str]]


def total(wanted: JournalFilter, head: Head | None = None) -> int:
    """Return the number of matching entries; who asks for more gives the `head` it has read."""
    return tally(wanted, "event_type", head=head).total()


def count(wanted: JournalFilter, head: Head | None = None) -> Counts:
    """Return the matching entries in all and per event type, level, model and actor.

    A facet does not restrict its own counts, so that a person sees what else there is. What a
    filter leaves is gone through once for all facets; all entries are counted facet by facet,
    which an index each does without reading an entry.
    """
    head = head or read_head()
    free = _free(wanted)
    together = _together(wanted, free)
    alone = [name for name in FACETS if name not in together]
    facets = {name: _single(tally(free[name], name, head=head)) for name in alone}
    if not together:
        shown = (
            facets["event_type"] if _is_all(wanted) else tally(wanted, "event_type", head=head)
        )
        return Counts(shown.total(), facets)
    counts = tally(wanted, *together, head=head)
    for place, name in enumerate(together):
        facets[name] = Counter()
        for values, number in counts.items():
            facets[name][values[place]] += number
    return Counts(counts.total(), facets)


def is_counted(wanted: JournalFilter) -> bool:
    """Whether `count` has been asked this before, and now has only what is new to go through."""
    together = _together(wanted, _free(wanted))
    with _lock:
        return _key(wanted, tuple(together) or ("event_type",)) in _kept


def per_day(wanted: JournalFilter, head: Head | None = None) -> list[tuple[date, int]]:
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
    counts = tally(replace(wanted, start=start), "day", head=head)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [(day, counts[(day.isoformat(),)]) for day in days]


def tally(
    wanted: JournalFilter, *facets: str, head: Head | None = None
) -> Counter[tuple[str, ...]]:
    """Return how many matching entries there are per value of facets (`counting.count`)."""
    head = head or read_head()
    everything, key = replace(wanted, until=None), _key(wanted, facets)
    start, counts = _recall(key, head)
    if start.seq < head.seq:
        counts = counts + counting.count(everything, *facets, above=start.seq, upto=head.seq)
        _keep(key, head, counts)
    if wanted.until is not None and wanted.until < head.seq:
        counts = counts - counting.count(everything, *facets, above=wanted.until, upto=head.seq)
    return counts


def _free(wanted: JournalFilter) -> dict[str, JournalFilter]:
    """By facet, the filter without what restricts it."""
    nothing = JournalFilter()
    return {
        name: replace(wanted, **{field: getattr(nothing, field)})
        for name, field in _FIELDS.items()
    }


def _together(wanted: JournalFilter, free: dict[str, JournalFilter]) -> list[str]:
    """The facets that nothing restricts, when something else does."""
    return [name for name in FACETS if free[name] == wanted and not _is_all(wanted)]


def _key(wanted: JournalFilter, facets: tuple[str, ...]) -> tuple[JournalFilter, str]:
    """Under which a count is kept. What a day is depends on where the reader is."""
    zone = timezone.get_current_timezone_name()
    return replace(wanted, until=None), f"{' '.join(facets)} {zone}"


def _is_all(wanted: JournalFilter) -> bool:
    return replace(wanted, until=None) == JournalFilter()


def _single(counts: Counter[tuple[str, ...]]) -> Counter[str]:
    return Counter({value: number for (value,), number in counts.items()})


def read_head() -> Head:
    """Where the chain ends now, and when it began, wherever its first entry is."""
    hot = JournalEntry.objects.filter(seq=1).values("at")
    sealed = JournalSegment.objects.filter(first=1).values("first_at")
    rows = JournalHead.objects.annotate(
        oldest_at=Coalesce(Subquery(hot), Subquery(sealed)),
        gaps=Exists(JournalSegment.objects.filter(forgotten=True)),
    )
    row = rows.first()
    return Head(row.seq, bytes(row.head), row.oldest_at, row.gaps) if row else Head(0, b"")


def _recall(key: tuple[JournalFilter, str], now: Head) -> tuple[Head, Counter[Any]]:
    """Return a kept count that belongs to this journal, or the count of nothing."""
    with _lock:
        head, counts = _kept.get(key, (Head(0, b""), Counter()))
    if head == now:
        return head, counts
    if head.seq and not JournalEntry.objects.filter(seq=head.seq, head=head.digest).exists():
        return Head(0, b""), Counter()
    return head, counts


def _keep(key: tuple[JournalFilter, str], head: Head, counts: Counter[Any]) -> None:
    with _lock:
        _kept[key] = (head, counts)
        _kept.move_to_end(key)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
