"""Verify the journal against its chain, its head and a checkpoint kept elsewhere."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from memory import chain, services
from memory.chain import ORIGIN, Fault, Head, Link, Verdict
from memory.models import JournalCheck, JournalEntry, JournalHead, JournalSegment
from memory.recall import archive, archive_folder
from memory.refusals import Invalid

CLAIM = (
    "Finds edited, inserted, removed and reordered entries; finds a truncated or rebuilt "
    "journal with respect to the latest checkpoint kept elsewhere. It prevents nothing, and "
    "cannot tell a false entry that the application itself wrote."
)
_PAGE = 5000  # entries read at once: memory stays constant, writers are never kept waiting


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


def verify_journal(*, checkpoint: Head = ORIGIN) -> JournalCheck:
    """Check every entry after the checkpoint, the checkpoint itself and the head.

    Entries appended meanwhile are left to the next time. The journal is only read; the
    result is kept as a JournalCheck.
    """
    began = perf_counter()
    newest = JournalEntry.objects.aggregate(newest=Max("seq"))["newest"] or 0
    end = _read_head()
    fault = _checkpoint_fault(checkpoint, end)
    verdict = Verdict(0, ORIGIN, fault) if fault else _walk(checkpoint, end)
    fault = verdict.fault or _end_fault(verdict.head, end, newest)
    return JournalCheck.objects.create(
        at=timezone.now(),
        good=fault is None,
        start=checkpoint.seq,
        checked=verdict.checked,
        seq=verdict.head.seq,
        head=verdict.head.digest.hex(),
        seconds=perf_counter() - began,
        fault=asdict(fault) if fault else {},
    )


def _walk(start: Head, end: Head) -> Verdict:
    """Verify the entries after start; an archive that cannot be read is a fault as well."""
    try:
        return chain.verify(_links(start, end), start)
    except DamagedSegment as damage:
        segment = damage.segment
        expected = f"{segment.file_name} with SHA-256 {segment.sha256}"
        fault = Fault(segment.first, "segment damaged", expected, str(damage))
        return Verdict(0, Head(segment.first - 1, bytes(segment.head_before)), fault)


def _read_head() -> Head:
    row = JournalHead.objects.first()
    return Head(row.seq, bytes(row.head)) if row else ORIGIN


def _links(start: Head, end: Head) -> Iterator[Link]:
    """Yield the entries after start, up to end, oldest first, archived ones from their files.

    Where the hot table has no next entry, a segment may hold it, sealed only just now.
    """
    last = start
    while last.seq < end.seq:
        segment = JournalSegment.objects.filter(
            first__lte=last.seq + 1, last__gt=last.seq
        ).first()
        links = (
            _archived(segment, end) if segment else read_links(last.seq, _hot_end(last, end))
        )
        began = last
        for link in links:
            if link.seq > last.seq:
                yield link
                last = Head(link.seq, bytes(link.head))
        if last == began:
            return


def _hot_end(last: Head, end: Head) -> int:
    """The last entry that may be read from the hot table in one go: before the next segment."""
    following = JournalSegment.objects.filter(first__gt=last.seq).order_by("first").first()
    return min(end.seq, following.first - 1) if following else end.seq


def _archived(segment: JournalSegment, end: Head) -> Iterator[Link]:
    """Yield the entries of a segment; DamagedSegment when its file is not what was sealed."""
    reader = archive()
    path = archive_folder() / segment.file_name
    before = Head(segment.first - 1, bytes(segment.head_before))
    try:
        for link in reader.read_links(path, segment.sha256, before):
            if link.seq <= end.seq:
                yield link
    except reader.BadSegment as damage:
        segment.mark_damaged(str(damage))
        raise DamagedSegment(segment, str(damage)) from damage
    if segment.damaged:
        JournalSegment.objects.filter(pk=segment.pk).update(damaged="")


def read_links(above: int, upto: int) -> list[Link]:
    """Return the next hot entries. Plain SQL: the ORM would take most of a verification's time."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [above, upto, _PAGE])
        return [Link(row[0], _timestamp(row[1]), *row[2:]) for row in cursor.fetchall()]


def _timestamp(stored: str | datetime) -> str:
    """Return a time that the database gave: SQLite as text in UTC, PostgreSQL as it is."""
    if isinstance(stored, datetime):
        return chain.timestamp(stored)
    seconds, _, micros = stored.partition(".")  # a whole second is stored without a fraction
    return f"{seconds.replace(' ', 'T')}.{micros or '000000'}Z"


def _checkpoint_fault(checkpoint: Head, end: Head) -> Fault | None:
    """Return how the journal departs from the checkpoint."""
    if checkpoint == ORIGIN:
        return None
    expected = f"entry {checkpoint.seq} with head {checkpoint.digest.hex()}"
    if checkpoint.seq > end.seq:
        found = f"the journal ends at entry {end.seq}"
        return Fault(end.seq + 1, "truncated since the checkpoint", expected, found)
    head = (
        JournalEntry.objects.filter(seq=checkpoint.seq).values_list("head", flat=True).first()
    )
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
        return next(link.head for link in _archived(segment, Head(seq, b"")) if link.seq == seq)
    except DamagedSegment:
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
