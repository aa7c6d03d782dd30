"""Move old entries into sealed segments, and back.

Each step can be repeated after a crash: the file is written, read back and put into place;
one transaction seals it (its row and the `segment_archived` entry); then its entries leave
the hot table in small batches; then the database file shrinks. A reader sees every entry
at every moment (`memory.recall`).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F, Min, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from memory import compaction, services, space
from memory.chain import ORIGIN, Head, Link, moment
from memory.compaction import AT_LEAST, Plan
from memory.integrity import read_links
from memory.models import Compaction, JournalEntry, JournalPin, JournalSegment
from memory.recall import archive, archive_folder, newest_seq
from memory.refusals import Conflict, NotFound

DELETED_AT_ONCE = 2_000  # entries: a writer never waits long
DEAD_AFTER = timedelta(seconds=120)  # without a sign of life
KEPT_TYPES = ("note_added", "forecast_registered")
_SESSION_OVER = ("training_end", "training_stopped", "training_failed")


def plan_compaction(*, cutoff: datetime, at_least: int = AT_LEAST) -> Plan:
    """Return what a compaction of every entry before cutoff would do."""
    young = JournalEntry.objects.filter(at__gte=cutoff).aggregate(first=Min("seq"))["first"]
    last = newest_seq() if young is None else young - 1
    covered = JournalSegment.objects.order_by("first").values_list("first", "last")
    return Plan(cutoff, at_least, tuple(compaction.ranges(last, covered, at_least=at_least)))


def begin_compaction(*, plan: Plan, actor: str) -> Compaction:
    """Make the row of a run, to be worked on by `run_compaction`; Conflict when another one
    is under way."""
    now = timezone.now()
    with transaction.atomic():
        services.lock_head()  # two that begin at once wait here for each other
        others = Compaction.objects.filter(state__in=Compaction.UNDER_WAY)
        others.filter(beat_at__lt=now - DEAD_AFTER).update(
            state=Compaction.State.FAILED, error="It stopped without an end.", finished_at=now
        )
        if busy := others.first():
            raise Conflict(f"Compaction {busy.pk} is at work; wait for it or cancel it.")
        return Compaction.objects.create(
            actor=actor,
            cutoff=plan.cutoff,
            at_least=plan.at_least,
            planned=plan.entries,
            started_at=now,
            beat_at=now,
        )


def queue_compaction(*, plan: Plan, actor: str) -> Compaction:
    """Begin a run that a worker does."""
    with transaction.atomic():
        run = begin_compaction(plan=plan, actor=actor)
        transaction.on_commit(lambda: async_task("memory.tasks.compact", run.pk))
    return run


def run_compaction(run: Compaction) -> Compaction:
    """Do what was planned, and what an interrupted run left undone. Whoever comes second
    for the same run does nothing."""
    mine = Compaction.objects.filter(pk=run.pk, state=Compaction.State.QUEUED)
    if not mine.update(state=Compaction.State.RUNNING, beat_at=timezone.now()):
        run.refresh_from_db()
        return run
    before = space.used_bytes()
    plan = plan_compaction(cutoff=run.cutoff, at_least=run.at_least)
    try:
        for segment in JournalSegment.objects.filter(emptied=False):
            _empty(segment, run)
        for first, last in plan.ranges:
            if _told_to_stop(run):
                return _finish(run, Compaction.State.CANCELLED, before)
            _empty(_seal(first, last, run), run)
    except (archive().BadSegment, OSError, DatabaseError) as error:
        run.error = str(error)[:300]
        _finish(run, Compaction.State.FAILED, before)
        raise
    return _finish(run, Compaction.State.DONE, before)


def cancel_compaction(*, number: int) -> None:
    """Ask a run to stop after the segment it is at."""
    under_way = Compaction.objects.filter(pk=number, state__in=Compaction.UNDER_WAY)
    if not under_way.update(cancel_asked=True):
        raise NotFound(f"No compaction {number} is at work.")


def queue_restore(*, first: int, actor: str) -> JournalSegment:
    """Let a worker put the entries of a segment back."""
    segment = _segment(first)
    transaction.on_commit(lambda: async_task("memory.tasks.restore", first, actor))
    return segment


def restore_segment(*, first: int, actor: str) -> int:
    """Put the entries of a segment back into the hot table; return how many."""
    segment = _segment(first)
    path = archive_folder() / segment.file_name
    before = Head(segment.first - 1, bytes(segment.head_before))
    with transaction.atomic():
        services.lock_head()
        here = set(_hot(segment).values_list("seq", flat=True))
        links = archive().read_links(path, segment.sha256, before)
        back = [_as_entry(link) for link in links if link.seq not in here]
        JournalEntry.objects.bulk_create(back, batch_size=500)
        metadata = {"first": segment.first, "last": segment.last, "entries": len(back)}
        services.append(event_type="segment_restored", actor=actor, metadata=metadata)
        segment.delete()
    path.unlink(missing_ok=True)
    return len(back)


def _segment(first: int) -> JournalSegment:
    segment = JournalSegment.objects.filter(first=first).first()
    if segment is None:
        raise NotFound(f"No segment begins at entry {first}.")
    return segment


def _seal(first: int, last: int, run: Compaction) -> JournalSegment:
    """Write a segment, and from then on answer for its entries from the file."""
    folder = archive_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"segment-{first:012}-{last:012}.parquet"
    before = _head_at(first - 1)
    sealed = archive().write_segment(path, _links(before, last), before)
    kept = sorted(_kept(first, last))
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
            actor=run.actor,
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
        _beat(run, segments=F("segments") + 1)
    return segment


def _empty(segment: JournalSegment, run: Compaction) -> None:
    """Delete what the segment holds from the hot table, in small transactions."""
    kept = set(segment.kept)
    for start in range(segment.first, segment.last + 1, DELETED_AT_ONCE):
        stop = min(start + DELETED_AT_ONCE - 1, segment.last)
        stay = [seq for seq in kept if start <= seq <= stop]
        with transaction.atomic():
            batch = JournalEntry.objects.filter(seq__range=(start, stop)).exclude(seq__in=stay)
            deleted, _ = batch.delete()
            _beat(run, moved=F("moved") + deleted)
    JournalSegment.objects.filter(pk=segment.pk).update(emptied=True)


def _kept(first: int, last: int) -> set[int]:
    """Numbers that stay hot: pins, notes, registered forecasts, running sessions and the
    champion's entries."""
    entries = JournalEntry.objects.filter(seq__range=(first, last))
    pins = JournalPin.objects.filter(entry_seq__range=(first, last))
    # A running session's start is always hot: it was kept whenever it came to a segment.
    over = JournalEntry.objects.filter(event_type__in=_SESSION_OVER, session_id__isnull=False)
    running = (
        JournalEntry.objects.filter(event_type="training_start", session_id__isnull=False)
        .filter(seq__lte=last)
        .exclude(session_id__in=over.values("session_id"))
    )
    groups: list[QuerySet[Any, int]] = [
        pins.values_list("entry_seq", flat=True),
        entries.filter(event_type__in=KEPT_TYPES).values_list("seq", flat=True),
        entries.filter(session_id__in=running.values("session_id")).values_list(
            "seq", flat=True
        ),
    ]
    if champion := _champion():
        groups.append(entries.filter(model_name=champion).values_list("seq", flat=True))
    return {seq for group in groups for seq in group}


def _champion() -> str:
    """The model that the alias champion was last given to; empty when there is none."""
    moves = JournalEntry.objects.filter(event_type="model_alias_moved").order_by("-seq")
    named = (move.model_name for move in moves if move.metadata["alias"] == "champion")
    return next(named, "")


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


def _hot(segment: JournalSegment) -> QuerySet[JournalEntry]:
    return JournalEntry.objects.filter(seq__range=(segment.first, segment.last))


def _as_entry(link: Link) -> JournalEntry:
    return JournalEntry(**link._asdict() | {"at": moment(link.at)})


def _told_to_stop(run: Compaction) -> bool:
    run.refresh_from_db()
    return run.cancel_asked


def _beat(run: Compaction, **changes: Any) -> None:
    """Say that the run is alive, and how far it is."""
    Compaction.objects.filter(pk=run.pk).update(beat_at=timezone.now(), **changes)


def _finish(run: Compaction, state: str, before: int) -> Compaction:
    """Shrink the database, tell the journal and close the run."""
    space.shrink()
    run.refresh_from_db(fields=["moved", "segments"])
    freed = max(0, before - space.used_bytes())
    with transaction.atomic():
        if run.moved:
            metadata = {"entries": run.moved, "segments": run.segments, "freed_bytes": freed}
            services.append(event_type="memory_compacted", actor=run.actor, metadata=metadata)
        now = timezone.now()
        _beat(run, state=state, freed_bytes=freed, error=run.error, finished_at=now)
    run.refresh_from_db()
    return run
