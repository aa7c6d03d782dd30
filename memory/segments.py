"""The journal as a part that grows old: old entries move into sealed segments, and back.

Each step can be repeated after a crash: the file is written, read back and put into place;
one transaction seals it (its row and the `segment_archived` entry); then its entries leave
the hot table in small batches. A reader sees every entry at every moment (`memory.recall`).
"""

import itertools
from collections.abc import Generator, Iterator

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from memory import chain, compaction, keeping, services, word_index
from memory.chain import ORIGIN, Head, Link, moment
from memory.compaction import Plan
from memory.floors import Archive, Order, Step
from memory.integrity import links_of, pages_of, read_links
from memory.models import JournalEntry, JournalSegment
from memory.recall import archive, archive_folder, newest_seq
from memory.refusals import Conflict, NotFound

DELETED_AT_ONCE = 10_000  # entries: a writer waits a tenth of a second


class JournalPart:
    """The entries of the journal (`memory.floors.Part`)."""

    name = "journal"
    rows = "entries"
    tables: tuple[str, ...] = ("memory_journalentry", word_index.TABLE)

    def plan(self, order: Order) -> Plan:
        """The ranges of entries that would become segments."""
        young = JournalEntry.objects.filter(at__gte=order.cutoff).aggregate(first=Min("seq"))
        last = newest_seq() if young["first"] is None else young["first"] - 1
        covered = JournalSegment.objects.order_by("first").values_list("first", "last")
        return Plan(tuple(compaction.ranges(last, covered, at_least=order.at_least)))

    def compact(self, order: Order, *, actor: str) -> Generator[Step, None, None]:
        """Do what is planned, and what an interrupted run left undone."""
        plan = self.plan(order)
        # So few entries stay that indexing their words anew is less work than taking others out.
        few_stay = _hot_above(plan.last) < word_index.REBUILT
        try:
            for segment in JournalSegment.objects.filter(emptied=False):
                yield from _empty(segment, few_stay=few_stay)
            for first, last in plan.ranges:
                segment = _seal(first, last, actor)
                yield Step(files=1)
                yield from _empty(segment, few_stay=few_stay)
        finally:
            # A run that was cancelled leaves more than few; what it took out is still in the
            # index, which harms nobody until the next run is done.
            if few_stay and _hot_above(0) <= 2 * word_index.REBUILT:
                services.index_journal()

    def archives(self) -> list[Archive]:
        """The segments, oldest first."""
        return [_as_archive(segment) for segment in JournalSegment.objects.all()]

    def restore(self, *, file_name: str, actor: str) -> int:
        """Put the entries of a segment back into the hot table; return how many."""
        segment = _segment(file_name)
        path = archive_folder() / segment.file_name
        try:
            with transaction.atomic():
                count = _put_back(segment, actor)
        except archive().BadSegment as damage:
            segment.mark_damaged(str(damage))
            raise Conflict(f"The archive cannot be restored: {damage}") from damage
        path.unlink(missing_ok=True)
        return count

    def verify(self, *, file_name: str) -> str:
        """Read every entry of a segment and compare it with the chain; what is wrong."""
        segment = _segment(file_name, forgotten=True)
        before = Head(segment.first - 1, bytes(segment.head_before))
        try:
            reached = chain.verify(
                itertools.chain.from_iterable(pages_of(segment)), before
            ).head
        except archive().BadSegment as damage:
            segment.mark_damaged(str(damage))
            return str(damage)
        whole = reached == (segment.last, bytes(segment.head_after))
        segment.mark_damaged("" if whole else "Its entries are not those that were sealed.")
        return segment.damaged

    def forget(self, *, file_name: str, actor: str) -> int:
        """Delete the texts of a segment and keep the hashes; bytes freed.

        The chain can still be verified; what the entries said is gone, except for those that
        stayed hot. Conflict for a segment that was not emptied yet.
        """
        segment = _segment(file_name)
        if not segment.emptied:
            raise Conflict("A compaction is not done with this archive; let it finish first.")
        old = archive_folder() / segment.file_name
        name = old.with_suffix(".leaves").name
        try:
            leaves = archive().write_leaves(archive_folder() / name, links_of(segment))
        except archive().BadSegment as damage:
            segment.mark_damaged(str(damage))
            raise Conflict(f"A damaged archive cannot be taken apart: {damage}") from damage
        freed = max(0, segment.size_bytes - leaves.size_bytes)
        with transaction.atomic():
            services.append(
                event_type="segment_forgotten",
                actor=actor,
                metadata={
                    "first": segment.first,
                    "last": segment.last,
                    "file_name": segment.file_name,
                    "sha256": segment.sha256,
                    "freed_bytes": freed,
                },
            )
            JournalSegment.objects.filter(pk=segment.pk).update(
                file_name=name,
                sha256=leaves.sha256,
                size_bytes=leaves.size_bytes,
                forgotten=True,
            )
        old.unlink(missing_ok=True)
        return freed


def _segment(file_name: str, *, forgotten: bool = False) -> JournalSegment:
    segment = JournalSegment.objects.filter(file_name=file_name).first()
    if segment is None:
        raise NotFound(f"There is no archive {file_name[:120]}.")
    if segment.forgotten and not forgotten:
        raise Conflict("Of this archive only the hashes are left.")
    return segment


def _as_archive(segment: JournalSegment) -> Archive:
    return Archive(
        part="journal",
        file_name=segment.file_name,
        holds=f"entries {segment.first:,} to {segment.last:,}",
        first_at=segment.first_at,
        last_at=segment.last_at,
        rows=segment.count,
        size_bytes=segment.size_bytes,
        sha256=segment.sha256,
        sealed_at=segment.sealed_at,
        damaged=segment.damaged,
        forgotten=segment.forgotten,
        first=segment.first,
        last=segment.last,
        left=segment.count - len(segment.kept) if segment.emptied else 0,
        types=frozenset() if segment.forgotten else frozenset(segment.facts["event_type"]),
    )


def _put_back(segment: JournalSegment, actor: str) -> int:
    """Make the entries of a segment hot again, in the caller's transaction."""
    head, _ = services.lock_head()
    hot = JournalEntry.objects.filter(seq__range=(segment.first, segment.last))
    here = set(hot.values_list("seq", flat=True))
    back = [_as_entry(link) for link in links_of(segment) if link.seq not in here]
    JournalEntry.objects.bulk_create(back, batch_size=500)
    word_index.add(((entry.seq, entry.payload) for entry in back), head=head)
    metadata = {"first": segment.first, "last": segment.last, "entries": len(back)}
    services.append(event_type="segment_restored", actor=actor, metadata=metadata)
    segment.delete()
    return len(back)


def _seal(first: int, last: int, actor: str) -> JournalSegment:
    """Write a segment, and from then on answer for its entries from the file."""
    folder = archive_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"segment-{first:012}-{last:012}.parquet"
    before = _head_at(first - 1)
    sealed = archive().write_segment(path, _links(before, last), before)
    kept = sorted(keeping.kept(first, last))
    with transaction.atomic():
        segment = JournalSegment.objects.create(
            first=first,
            last=last,
            first_at=sealed.first_at,
            last_at=sealed.last_at,
            head_before=sealed.before,
            head_after=sealed.after,
            file_name=path.name,
            sha256=sealed.sha256,
            size_bytes=sealed.size_bytes,
            facts=sealed.facts,
            kept=kept,
            sealed_at=timezone.now(),
        )
        services.append(
            event_type="segment_archived",
            actor=actor,
            metadata={
                "first": first,
                "last": last,
                "file_name": path.name,
                "sha256": sealed.sha256,
                "size_bytes": sealed.size_bytes,
                "kept": len(kept),
                "head_before": sealed.before.hex(),
                "head_after": sealed.after.hex(),
            },
        )
    return segment


def _empty(segment: JournalSegment, *, few_stay: bool) -> Iterator[Step]:
    """Delete what the segment holds from the hot table, in small transactions."""
    kept = set(segment.kept)
    for start in range(segment.first, segment.last + 1, DELETED_AT_ONCE):
        stop = min(start + DELETED_AT_ONCE - 1, segment.last)
        stay = [seq for seq in kept if start <= seq <= stop]
        with transaction.atomic():
            batch = JournalEntry.objects.filter(seq__range=(start, stop)).exclude(seq__in=stay)
            if not few_stay:
                head, _ = services.lock_head()  # a batch is not indexed while it is taken out
                word_index.remove(batch.values_list("seq", "payload"), head=head)
            deleted, _ = batch.delete()
        yield Step(rows=deleted)
    JournalSegment.objects.filter(pk=segment.pk).update(emptied=True)


def _hot_above(seq: int) -> int:
    """Hot entries after a number, counted as far as it matters."""
    return JournalEntry.objects.filter(seq__gt=seq)[: 2 * word_index.REBUILT + 1].count()


def _links(before: Head, last: int) -> Iterator[Link]:
    at = before.seq
    while at < last and (page := read_links(at, last)):
        yield from page
        at = page[-1].seq


def _head_at(seq: int) -> Head:
    """The head of the chain after entry seq, which is hot or the last of a segment."""
    if seq == 0:
        return ORIGIN
    heads = JournalEntry.objects.filter(seq=seq).values_list("head", flat=True)
    head = heads.first()
    if head is None:
        head = JournalSegment.objects.values_list("head_after", flat=True).get(last=seq)
    return Head(seq, bytes(head))


def _as_entry(link: Link) -> JournalEntry:
    return JournalEntry(**link._asdict() | {"at": moment(link.at)})
