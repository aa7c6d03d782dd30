"""Read the journal, hot rows and archives as one.

An entry is in exactly one place: in the archive when a segment holds it and did not
`keep` it, else in the hot table. While a segment is being emptied its rows are still hot,
and are left out. Because archives may change between two queries, a read looks at the
list of segments before and after, and begins again when it changed.
"""

import importlib
import json
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from django.conf import settings
from django.db.models import Q, QuerySet

from memory import chain, word_index
from memory.filters import JournalFilter
from memory.models import JournalEntry, JournalHead, JournalNote, JournalSegment
from memory.words import finder

_STREAM_PAGE = 1000
_ATTEMPTS = 10
_LOOKED_AT = 2_000  # newest entries that are searched one by one
STRETCH = (
    2_000  # entries that are counted together, so that a far page is found (`memory.paging`)
)
_IN_PAYLOAD = (
    "seq", "event_type", "level", "actor", "model_name", "session_id", "reason",
)  # fmt: skip
_NONE = np.array([], dtype=np.int64)
Read = TypeVar("Read")
Seqs = np.ndarray[Any, np.dtype[Any]]


def archive_folder() -> Path:
    """The folder of the segment files."""
    return Path(settings.HELIOS_HOME) / "archives"


def archive() -> Any:
    """The module `memory.archive`, imported with pyarrow only once there is an archive."""
    return importlib.import_module("memory.archive")


def searcher() -> Any:
    """The module `memory.archive_search`, likewise."""
    return importlib.import_module("memory.archive_search")


def newest_seq() -> int:
    """The number of the newest entry, 0 for an empty journal."""
    return JournalHead.objects.values_list("seq", flat=True).first() or 0


def hold_still(wanted: JournalFilter) -> JournalFilter:
    """The same filter, held still at the newest entry there is."""
    return wanted if wanted.until is not None else held_at(wanted, newest_seq())


def held_at(wanted: JournalFilter, seq: int) -> JournalFilter:
    """The same filter as it was when `seq` was the newest entry."""
    return replace(wanted, until=seq, noted=seq if wanted.noted else 0)


def newest(
    wanted: JournalFilter,
    *,
    limit: int,
    offset: int = 0,
    before: int | None = None,
    after: int | None = None,
) -> list[JournalEntry]:
    """At most limit entries, newest first: the newest (below `before`) but for the first
    `offset`, or the oldest above `after`."""
    if before is not None:
        # One bound, not two: SQLite would begin at the higher one and skip its way down.
        until = before - 1 if wanted.until is None else min(before - 1, wanted.until)
        wanted = replace(wanted, until=until)

    def read(segments: list[JournalSegment]) -> list[JournalEntry]:
        if after is not None:
            seqs = _seqs_above(wanted, after, limit, segments)
        else:
            seqs = _seqs_below(wanted, offset, limit, segments)
        return _load(seqs, segments)

    return steadily(read)


def stream(wanted: JournalFilter) -> Iterator[list[JournalEntry]]:
    """Pages of all matching entries as of now, newest first, in bounded memory."""
    still = hold_still(wanted)
    before = None
    while page := newest(still, limit=_STREAM_PAGE, before=before):
        yield page
        before = page[-1].seq


def find(seq: int) -> JournalEntry | None:
    """The entry of a number, wherever it is."""
    found = newest(JournalFilter(until=seq), limit=1)
    return found[0] if found and found[0].seq == seq else None


def hot(wanted: JournalFilter, segments: list[JournalSegment]) -> QuerySet[JournalEntry]:
    """The matching entries of the hot table, newest first."""
    found = JournalEntry.objects.order_by("-seq")
    exact = {"model_name": wanted.model_name, "level": wanted.level, "actor": wanted.actor}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if wanted.event_types:
        found = found.filter(event_type__in=wanted.event_types)
    if wanted.session_id is not None:
        found = found.filter(session_id=wanted.session_id)
    if wanted.start:
        found = found.filter(at__gte=wanted.start)
    if wanted.end:
        found = found.filter(at__lt=wanted.end)
    if wanted.until is not None:
        found = found.filter(seq__lte=wanted.until)
    if wanted.noted:
        about = JournalNote.objects.filter(pk__lte=wanted.noted).values("entry_seq")
        found = found.filter(Q(event_type="note_added") | Q(seq__in=about))
    if wanted.words:
        matches = finder(wanted.words)
        fresh = [seq for seq, payload in word_index.unindexed() if matches(payload)]
        found = found.filter(seq__in=word_index.matching(wanted.words, fresh))
    for segment in segments:
        if not segment.emptied:
            gone = Q(seq__range=(segment.first, segment.last)) & ~Q(seq__in=segment.kept)
            found = found.exclude(gone)
    return found


def steadily(read: Callable[[list[JournalSegment]], Read]) -> Read:
    """Return what read returns for a list of segments that stays the same meanwhile."""
    segments = _segments()
    for _ in range(_ATTEMPTS):
        found = read(segments)
        now = _segments()
        if now == segments and [one.emptied for one in now] == [
            one.emptied for one in segments
        ]:
            break
        segments = now
    return found


def _segments() -> list[JournalSegment]:
    return list(JournalSegment.objects.order_by("first"))


def _seqs_below(
    wanted: JournalFilter, offset: int, limit: int, segments: list[JournalSegment]
) -> list[int]:
    """Numbers of the newest matching entries after the first `offset`, descending."""
    need = offset + limit
    seqs, noted = _newest_hot(wanted, need, segments), noted_seqs(wanted, segments)
    for segment in reversed(segments):
        if len(seqs) >= need and seqs[need - 1] > segment.last:
            break
        found = archived(wanted, segment, noted)
        seqs = sorted([*seqs, *found[::-1][:need].tolist()], reverse=True)[:need]
    return seqs[offset:]


def _newest_hot(wanted: JournalFilter, need: int, segments: list[JournalSegment]) -> list[int]:
    """Numbers of the newest matching entries of the hot table, descending.

    Numbers first: they come out of an index alone, so only `need` rows are read even where
    the database has to sort.
    """
    if wanted.words:
        # Words that many entries have are found sooner by looking than by the word index,
        # which gathers every entry that has them.
        near = hot(replace(wanted, words=()), segments).values_list("seq", "payload")
        rows = list(near[:_LOOKED_AT])
        matches = finder(wanted.words)
        seqs = [seq for seq, payload in rows if matches(payload)]
        if len(seqs) >= need or len(rows) < _LOOKED_AT:
            return seqs[:need]
    return list(hot(wanted, segments).values_list("seq", flat=True)[:need])


def _seqs_above(
    wanted: JournalFilter, after: int, limit: int, segments: list[JournalSegment]
) -> list[int]:
    """Numbers of the oldest matching entries above `after`."""
    above = hot(wanted, segments).filter(seq__gt=after).order_by("seq")
    seqs, noted = (
        list(above.values_list("seq", flat=True)[:limit]),
        noted_seqs(wanted, segments),
    )
    for segment in segments:
        if segment.last <= after:
            continue
        if len(seqs) >= limit and seqs[limit - 1] < segment.first:
            break
        found = archived(wanted, segment, noted)
        seqs = sorted([*seqs, *found[found > after][:limit].tolist()])[:limit]
    return seqs


def noted_seqs(wanted: JournalFilter, segments: list[JournalSegment]) -> Seqs | None:
    """Numbers of the entries that have a note, for looking into segments; None when that is
    not asked, or there are none."""
    if not wanted.noted or not segments:
        return None
    about = JournalNote.objects.filter(pk__lte=wanted.noted)
    return np.array(about.values_list("entry_seq", flat=True), dtype=np.int64)


def archived(wanted: JournalFilter, segment: JournalSegment, noted: Seqs | None) -> Seqs:
    """Numbers of a segment's matching entries that are not in the hot table, ascending."""
    reader = archive()
    path = archive_folder() / segment.file_name
    if not segment.may_hold(wanted):
        return _NONE
    try:
        seqs = searcher().matching(path, segment.sha256, segment.first, wanted)
    except reader.BadSegment as damage:
        segment.mark_damaged(str(damage))
        return _NONE
    if noted is not None:
        seqs = seqs[np.isin(seqs, noted)]
    return seqs[~np.isin(seqs, segment.kept)] if segment.kept else seqs


def _load(seqs: list[int], segments: list[JournalSegment]) -> list[JournalEntry]:
    """The entries of these numbers, newest first.

    One that has moved since, into a segment that was sealed meanwhile, is left out: whoever
    reads steadily then reads again.
    """
    entries = {entry.seq: entry for entry in JournalEntry.objects.filter(seq__in=seqs)}
    firsts = [segment.first for segment in segments]
    missing: dict[int, list[int]] = {}
    for seq in seqs:
        place = bisect_left(firsts, seq + 1) - 1
        if seq not in entries and place >= 0 and seq <= segments[place].last:
            missing.setdefault(place, []).append(seq)
    for place, wanted in missing.items():
        segment = segments[place]
        for payload in _read_archived(segment, wanted):
            entry = from_payload(payload)
            entry.archived, entry.segment = True, segment
            entries[entry.seq] = entry
    return [entries[seq] for seq in sorted(entries, reverse=True)]


def _read_archived(segment: JournalSegment, seqs: list[int]) -> list[str]:
    """The payloads of these entries; nothing from a damaged segment, which is marked."""
    reader = archive()
    path = archive_folder() / segment.file_name
    try:
        found: list[str] = reader.read_payloads(path, segment.sha256, seqs, segment.first)
    except reader.BadSegment as damage:
        segment.mark_damaged(str(damage))
        return []
    return found


def from_payload(payload: str) -> JournalEntry:
    """An entry as its payload tells it, which holds all columns but the hashes."""
    fields = json.loads(payload)
    columns = {name: fields[name] for name in _IN_PAYLOAD}
    return JournalEntry(**columns, at=chain.moment(fields["at"]), payload=payload)
