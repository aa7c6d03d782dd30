"""Verify the journal against its chain, its head and a checkpoint kept elsewhere."""

import itertools
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from memory import chain, floors, services
from memory.chain import ORIGIN, Fault, Head, Link, Verdict, as_link
from memory.models import JournalCheck, JournalEntry, JournalHead, JournalSegment
from memory.recall import archive, archive_folder
from memory.refusals import Invalid
from memory.tales import Tale

CLAIM = (
    "Finds edited, inserted, removed and reordered entries; finds a truncated or rebuilt "
    "journal with respect to the latest checkpoint kept elsewhere; finds model files and "
    "sessions that are not what the entries tell. It prevents nothing, and "
    "cannot tell a false entry that the application itself wrote."
)

_FETCHED = 5000  # entries at once: memory stays constant, writers are never kept waiting

# The time as `chain.timestamp` writes it. A column would come as a datetime, made one by one;
# SQLite leaves the fraction of a whole second away.
_AT = {
    "sqlite": "replace(at, ' ', 'T') || CASE length(at) WHEN 19 THEN '.000000Z' ELSE 'Z' END",
    "postgresql": """to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
}
_READ = (
    f"SELECT {', '.join(Link._fields)} FROM memory_journalentry "  # noqa: S608  our own names
    "WHERE seq > %s AND seq <= %s ORDER BY seq LIMIT %s"
)


class DamagedSegment(Exception):
    """An archive file that verification cannot read."""

    def __init__(self, segment: JournalSegment, problem: str) -> None:
        super().__init__(problem)
        self.segment = segment


@dataclass(frozen=True)
class Checkpoint:
    """The head of the journal at one moment, as one line of text: seq, head, time."""

    head: Head
    at: datetime

    def __str__(self) -> str:
        return f"{self.head.seq} {self.head.digest.hex()} {chain.timestamp(self.at)}"


@transaction.atomic
def write_checkpoint(*, actor: str = "system") -> Checkpoint:
    """Return the head of the journal to be kept elsewhere, and journal that it was taken."""
    head = Head(*services.lock_head())
    metadata = {"seq": head.seq, "head": head.digest.hex()}
    entry = services.append(event_type="journal_checkpoint", actor=actor, metadata=metadata)
    return Checkpoint(head, entry.at)


def read_checkpoint(path: Path) -> Head:
    """Return the last checkpoint of a file of such lines; Invalid when there is none."""
    try:
        seq, digest, _ = path.read_text("utf-8").strip().splitlines()[-1].split()
        return Head(_positive(seq), _digest(digest))
    except (OSError, ValueError, IndexError) as error:
        problem = f"{path} does not end with a line `seq head time`: {error}"
        raise Invalid(fields={"from_checkpoint": problem}) from error


def verify_journal(*, checkpoint: Head = ORIGIN, compare: bool = True) -> JournalCheck:
    """Check every entry after the checkpoint, the checkpoint itself and the head.

    With `compare`, also whether what the entries tell agrees with each other, and with the
    rows and files that they tell of. Entries appended meanwhile are left to the next time. The
    journal is only read; the result is kept as a JournalCheck.
    """
    began, at = perf_counter(), timezone.now()
    newest = JournalEntry.objects.aggregate(newest=Max("seq"))["newest"] or 0
    end = _read_head()
    forgotten = _forgotten(checkpoint, end)
    tale = Tale(whole=checkpoint == ORIGIN and not forgotten)
    fault = _checkpoint_fault(checkpoint, end)
    verdict = Verdict(0, ORIGIN, fault) if fault else _walk(checkpoint, end, tale)
    fault = verdict.fault or _end_fault(verdict.head, end, newest)
    if compare and fault is None:
        fault = next(_disagreements(tale, at), None)
    return JournalCheck.objects.create(
        at=timezone.now(),
        good=fault is None,
        start=checkpoint.seq,
        checked=verdict.checked,
        forgotten=forgotten,
        compared=compare,
        seq=verdict.head.seq,
        head=verdict.head.digest.hex(),
        seconds=perf_counter() - began,
        fault=asdict(fault) if fault else {},
    )


def _disagreements(tale: Tale, at: datetime) -> Iterator[Fault]:
    yield from tale.faults()
    for check in floors.CROSS_CHECKS:
        yield from check(tale, at)


def _forgotten(start: Head, end: Head) -> int:
    """How many of the entries are only hashes any more."""
    spans = JournalSegment.objects.filter(
        forgotten=True, last__gt=start.seq, first__lte=end.seq
    )
    return sum(
        last - max(first, start.seq + 1) + 1
        for first, last in spans.values_list("first", "last")
    )


def _walk(start: Head, end: Head, tale: Tale) -> Verdict:
    """Verify the entries after start; an archive that cannot be read is a fault as well."""
    try:
        return chain.verify(tale.gather(_links(start, end)), start)
    except DamagedSegment as damage:
        segment = damage.segment
        expected = f"{segment.file_name} with SHA-256 {segment.sha256}"
        fault = Fault(segment.first, "segment damaged", expected, str(damage))
        return Verdict(0, Head(segment.first - 1, bytes(segment.head_before)), fault)


def _read_head() -> Head:
    row = JournalHead.objects.first()
    return Head(row.seq, bytes(row.head)) if row else ORIGIN


def _links(start: Head, end: Head) -> Iterator[Link]:
    """Yield the entries after start, up to end, oldest first, archived ones from their files."""
    return itertools.chain.from_iterable(_pages(start, end))


def _pages(start: Head, end: Head) -> Iterator[list[Link]]:
    """Yield them in pages. Where the hot table has no next entry, a segment may hold it,
    sealed only just now."""
    last = start.seq
    while last < end.seq:
        segment = JournalSegment.objects.filter(first__lte=last + 1, last__gt=last).first()
        began = last
        pages = _archived(segment) if segment else chain.pages(_rows(last, _hot_end(last, end)))
        for page in pages:
            if page and not last < page[0].seq <= page[-1].seq <= end.seq:
                page = [link for link in page if last < link.seq <= end.seq]
            if page:
                yield page
                last = page[-1].seq
        if last == began:
            return


def _hot_end(last: int, end: Head) -> int:
    """The last entry that may be read from the hot table in one go: before the next segment."""
    following = JournalSegment.objects.filter(first__gt=last).order_by("first").first()
    return min(end.seq, following.first - 1) if following else end.seq


def _archived(segment: JournalSegment) -> Iterator[list[Link]]:
    """Yield the entries of a segment; DamagedSegment when its file is not what was sealed.

    Only the last has a hash to be compared: the head that was sealed.
    """
    try:
        for page in pages_of(segment):
            if page[-1].seq == segment.last:
                page[-1] = page[-1]._replace(head=bytes(segment.head_after))
            yield page
    except archive().BadSegment as damage:
        segment.mark_damaged(str(damage))
        raise DamagedSegment(segment, str(damage)) from damage
    if segment.damaged:
        segment.mark_damaged("")


def links_of(segment: JournalSegment) -> Iterator[Link]:
    """Yield the entries of a segment with their hashes, oldest first; BadSegment when it is
    damaged."""
    before = Head(segment.first - 1, bytes(segment.head_before))
    return chain.hashed(itertools.chain.from_iterable(pages_of(segment)), before)


def pages_of(segment: JournalSegment) -> Iterator[list[Link]]:
    """Yield the entries of a segment as its file has them, without hashes; BadSegment likewise."""
    path = archive_folder() / segment.file_name
    pages: Iterator[list[Link]] = (
        archive().read_leaves(path, segment.sha256, segment.first)
        if segment.forgotten
        else archive().read_pages(path, segment.sha256)
    )
    return pages


def read_links(above: int, upto: int) -> list[Link]:
    """Return the next hot entries."""
    return list(map(as_link, _rows(above, upto)))


def _rows(above: int, upto: int) -> list[tuple[Any, ...]]:
    """Their columns. Plain SQL: the ORM would take most of a verification's time."""
    with connection.cursor() as cursor:
        cursor.execute(
            _READ.replace(" at,", f" {_AT[connection.vendor]},"), [above, upto, _FETCHED]
        )
        return cursor.fetchall()


def _checkpoint_fault(checkpoint: Head, end: Head) -> Fault | None:
    """Return how the journal departs from the checkpoint."""
    if checkpoint == ORIGIN:
        return None
    expected = f"entry {checkpoint.seq} with head {checkpoint.digest.hex()}"
    if checkpoint.seq > end.seq:
        found = f"the journal ends at entry {end.seq}"
        return Fault(end.seq + 1, "truncated since the checkpoint", expected, found)
    head = _head_at(checkpoint.seq)
    if head != checkpoint.digest:
        found = "no such entry" if head is None else f"head {head.hex()}"
        return Fault(checkpoint.seq, "rebuilt since the checkpoint", expected, found)
    return None


def _head_at(seq: int) -> bytes | None:
    """The head after an entry, which is hot or in a segment; None when it cannot be read."""
    head = JournalEntry.objects.filter(seq=seq).values_list("head", flat=True).first()
    segment = JournalSegment.objects.filter(first__lte=seq, last__gte=seq).first()
    if head is not None or segment is None:
        return None if head is None else bytes(head)
    try:
        return next(link.head for link in links_of(segment) if link.seq == seq)
    except archive().BadSegment as damage:
        segment.mark_damaged(str(damage))
        return None


def _end_fault(reached: Head, end: Head, newest: int) -> Fault | None:
    """Return how the entries and the row of the head disagree."""
    if newest > end.seq:
        return Fault(end.seq + 1, "head set back", f"head at {newest}", f"head at {end.seq}")
    if reached.seq < end.seq:
        expected = f"entries up to {end.seq}"
        return Fault(reached.seq + 1, "entry missing", expected, f"the last is {reached.seq}")
    if reached.digest != end.digest:
        return Fault(end.seq, "head differs", reached.digest.hex(), end.digest.hex())
    return None


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**63):
        raise ValueError(f"{text[:40]!r} is not an entry number")
    return int(text)


def _digest(text: str) -> bytes:
    digest = bytes.fromhex(text)
    if len(digest) != 32:
        raise ValueError(f"{text[:80]!r} is not a head")
    return digest
