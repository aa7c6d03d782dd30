"""Readers, writers and verification while entries move: nothing missing, nothing told twice."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import Count
from rest_framework.test import APIClient

from memory import counting, integrity, recall, segments, services
from memory.filters import JournalFilter
from memory.integrity import verify_journal
from memory.models import Compaction, JournalEntry, JournalSegment
from memory.refusals import Conflict
from tests.memory.stories import COUNT, FILTERS, MOVED, answers, begin, compact, planned, tell

WHOLE = JournalFilter(until=COUNT)


def counted() -> dict[tuple[str, ...], int]:
    return counting.count(WHOLE, "event_type", above=0, upto=COUNT)


def batches() -> Iterator[int]:
    """A compaction, batch by batch: how many entries each took out of the hot table."""
    order = planned().orders["journal"]
    return (step.rows for step in segments.JournalPart().compact(order, actor="alice"))


def test_a_client_that_pages_and_exports_sees_every_entry_once_at_every_batch(
    story: None, api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "_STREAM_PAGE", 9)
    summary = api.get(f"/api/journal/summary?until={COUNT}").json()
    export, paged, exported, moved = recall.stream(WHOLE), [], [], 0
    for rows in batches():
        moved += rows
        before = f"&before={paged[-1]}" if paged else ""
        page = api.get(f"/api/journal?limit=7&until={COUNT}{before}").json()
        assert page["total"] == COUNT
        paged += [one["id"] for one in page["entries"]]
        exported += [entry.seq for entry in next(export, [])]
        assert api.get(f"/api/journal/summary?until={COUNT}").json() == summary
    assert moved == MOVED
    assert paged == exported == list(range(COUNT, 0, -1))


def test_every_answer_is_the_same_at_every_batch(story: None) -> None:
    before = answers(FILTERS[9:10])  # by a word: its index loses each batch
    for _ in batches():
        assert answers(FILTERS[9:10]) == before


READS: dict[str, Callable[[], object]] = {
    "a page": lambda: [entry.payload for entry in recall.newest(WHOLE, limit=COUNT)],
    "the oldest": lambda: [e.seq for e in recall.newest(WHOLE, limit=9, after=20)],
    "counts": counted,
}


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_a_read_that_a_compaction_overtakes_begins_again(
    story: None, monkeypatch: pytest.MonkeyPatch, read: Callable[[], object]
) -> None:
    before, look, overtaken = read(), recall._segments, []

    def look_then_compact() -> list[JournalSegment]:
        found = look()
        if not overtaken:
            overtaken.append(True)
            compact()
        return found

    monkeypatch.setattr(recall, "_segments", look_then_compact)
    assert read() == before
    assert overtaken


@pytest.mark.parametrize("known", ["no segment", "some segments"])
def test_entries_that_move_between_their_numbers_and_their_texts_are_read_again(
    story: None, monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    moving = batches()
    if known == "some segments":
        next(moving)
    before, load, moved = READS["a page"](), recall._load, []

    def move_then_load(seqs: list[int], segments: list[JournalSegment]) -> list[JournalEntry]:
        moved.extend(moving)
        return load(seqs, segments)

    monkeypatch.setattr(recall, "_load", move_then_load)
    assert READS["a page"]() == before
    assert moved


def test_a_verification_that_a_compaction_overtakes_finds_nothing_wrong(
    story: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integrity, "_FETCHED", 10)
    read, pages = integrity._rows, []

    def read_then_compact(above: int, upto: int) -> list:
        page = read(above, upto)
        pages.append(page)
        if len(pages) == 3:  # what it read is sealed and gone, and so is what it reads next
            compact()
        return page

    monkeypatch.setattr(integrity, "_rows", read_then_compact)
    check = verify_journal(compare=False)
    assert (check.good, check.checked, check.fault) == (True, COUNT, {})
    assert JournalSegment.objects.count() == 4


def test_verifying_reads_and_writes_down_its_result(story: None) -> None:
    compact()
    asked: list[str] = []

    def note(execute: Callable, sql: str, *rest: object) -> object:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        verify_journal()
    written = [sql for sql in asked if not sql.startswith("SELECT")]
    assert len(written) == 1
    assert written[0].startswith('INSERT INTO "memory_journalcheck"')


@pytest.mark.django_db(transaction=True)
def test_writers_readers_and_verification_get_along_with_a_compaction(
    small_segments: None,
) -> None:
    tell()
    over, whole = threading.Event(), counted()

    def until_over(act: Callable[[], object]) -> int:
        times = 0
        try:
            while not over.is_set() or not times:
                assert act()
                times += 1
        finally:
            connection.close()
        return times

    acts = (
        lambda: services.append(event_type="signed_in", actor="eve"),
        lambda: counted() == whole,
        lambda: len({e.seq for e in recall.newest(WHOLE, limit=COUNT)}) == COUNT,
        lambda: verify_journal(compare=False).good,
    )
    with ThreadPoolExecutor(len(acts)) as pool:
        others = [pool.submit(until_over, act) for act in acts]
        try:
            assert compact().state == "done"
        finally:
            over.set()
        appended = others[0].result()
        assert all(other.result() for other in others)
    assert JournalEntry.objects.filter(actor="eve").count() == appended
    assert verify_journal(compare=False).good


@pytest.mark.django_db(transaction=True)
def test_of_several_that_begin_at_once_one_compacts(small_segments: None) -> None:
    tell()
    ready = threading.Barrier(4)

    def begin_with_others() -> bool:
        try:
            ready.wait()
            return bool(begin())
        except Conflict:  # 409
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        begun = [pool.submit(begin_with_others) for _ in range(4)]
        assert sorted(one.result() for one in begun) == [False, False, False, True]
    assert Compaction.objects.count() == 1
    heads = JournalEntry.objects.values("head").annotate(times=Count("pk"))
    assert not heads.filter(times__gt=1).exists()
