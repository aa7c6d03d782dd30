"""The journal and its archives in the admin."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from memory import desk, services
from memory.models import Compaction, JournalCheck, JournalEntry, JournalSegment

OLD = datetime(2026, 1, 1, tzinfo=UTC)
JOURNAL = "/admin/memory/journalentry/"
SEGMENTS = "/admin/memory/journalsegment/"
RUNS = "/admin/memory/compaction/"


@pytest.fixture
def archived(db: None, home: Path) -> Path:
    """Eight old entries in an archive."""
    with time_machine.travel(OLD, tick=False):
        for number in range(8):
            services.append(event_type="control_run", metadata={"text": f"old-{number}"})
    call_command("compact_memory", "--older-than", "90d", "--at-least", "1")
    return home / "archives" / JournalSegment.objects.get().file_name


def act(client: Client, address: str, action: str, **fields: object) -> str:
    form = {"action": action, "_selected_action": [fields.pop("pk")], **fields}
    return client.post(address, form, follow=True).content.decode()


def asked(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries]


def notes(count: int) -> None:
    for number in range(count):
        services.add_note(text=f"owl number {number}", actor="alice")


def test_more_entries_cost_the_journal_no_more_queries(signed_in: Client) -> None:
    notes(2)
    few = asked(signed_in, JOURNAL)
    notes(30)
    many = asked(signed_in, JOURNAL)
    assert len(many) == len(few) <= 8


def test_the_journal_is_never_counted_to_its_end(signed_in: Client, monkeypatch) -> None:
    notes(12)
    monkeypatch.setattr(desk, "MOST_COUNTED", 5)
    counts = [sql for sql in asked(signed_in, f"{JOURNAL}?level=info") if "COUNT(" in sql]
    assert counts
    assert all("LIMIT 5" in sql for sql in counts)
    assert "5 journal entries" in signed_in.get(JOURNAL).content.decode()


def test_no_filter_or_order_reads_the_whole_journal(signed_in: Client) -> None:
    notes(3)
    said = asked(signed_in, f"{JOURNAL}?since=7&event_type=note_added&level=info&o=4")
    assert not [
        sql
        for sql in said
        if "DISTINCT" in sql or 'ORDER BY "memory_journalentry"."actor"' in sql
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=nightjar", 1), ("q=owl", 2), ("q=owl+nightjar", 0), ("since=1", 3),
     ("level=error", 0), ("event_type=note_added&q=owl", 2), ("level=nonsense", 3)],
)  # fmt: skip
def test_entries_are_searched_and_filtered(signed_in: Client, query: str, found: int) -> None:
    notes(2)
    services.add_note(text="a nightjar", actor="bob")
    assert signed_in.get(f"{JOURNAL}?{query}").context["cl"].result_count == found


def test_an_archive_is_read_and_put_back_from_the_list(
    signed_in: Client, archived: Path, django_capture_on_commit_callbacks
) -> None:
    pk = JournalSegment.objects.get().pk
    assert "sealed" in signed_in.get(f"{SEGMENTS}?state=sealed").content.decode()
    assert "Read: 1; damaged: 0." in act(signed_in, SEGMENTS, "verify", pk=pk)
    with django_capture_on_commit_callbacks():
        assert "put back: 1." in act(signed_in, SEGMENTS, "restore", pk=pk)
    assert Compaction.objects.get(kind="restore").actor == "alice"


def test_a_damaged_archive_says_so_in_the_list(signed_in: Client, archived: Path) -> None:
    archived.write_bytes(b"rubbish")
    page = act(signed_in, SEGMENTS, "verify", pk=JournalSegment.objects.get().pk)
    assert "damaged: 1." in page
    assert signed_in.get(f"{SEGMENTS}?state=damaged").context["cl"].result_count == 1


def test_an_archive_is_downloaded_from_the_list(signed_in: Client, archived: Path) -> None:
    form = {"action": "download", "_selected_action": [JournalSegment.objects.get().pk]}
    answer = signed_in.post(SEGMENTS, form)
    assert b"".join(answer.streaming_content) == archived.read_bytes()
    archived.unlink()
    assert "is gone" in signed_in.post(SEGMENTS, form, follow=True).content.decode()


def test_an_archive_is_deleted_only_when_that_is_typed(
    signed_in: Client, archived: Path
) -> None:
    pk = JournalSegment.objects.get().pk
    assert "Type delete" in act(signed_in, SEGMENTS, "forget", pk=pk)
    for typed, count in (("yes", 0), ("delete", 1)):
        page = act(signed_in, SEGMENTS, "forget", pk=pk, confirmed=1, confirm=typed)
        assert f"Deleted for good: {count}." in page
        assert archived.exists() == (count == 0)
    assert JournalEntry.objects.filter(event_type="segment_forgotten", actor="alice").exists()


def test_a_run_is_cancelled_from_the_list(signed_in: Client, archived: Path) -> None:
    now = timezone.now()
    run = Compaction.objects.create(
        state="running", actor="bob", planned=100, moved=40, started_at=now, beat_at=now
    )
    page = signed_in.get(f"{RUNS}?state=running").content.decode()
    assert "40 of 100" in page
    assert "Asked to stop: 1." in act(signed_in, RUNS, "cancel", pk=run.pk)
    run.refresh_from_db()
    assert run.cancel_asked
    done = Compaction.objects.get(state="done")
    assert "Asked to stop: 0." in act(signed_in, RUNS, "cancel", pk=done.pk)


def test_a_verification_is_asked_for_and_read(signed_in: Client, archived, monkeypatch) -> None:
    queued: list = []
    monkeypatch.setattr("memory.admin.async_task", lambda *task: queued.append(task))
    call_command("verify_journal")
    address = "/admin/memory/journalcheck/"
    assert "intact" in signed_in.get(f"{address}?good=1").content.decode()
    act(signed_in, address, "again", pk=JournalCheck.objects.get().pk)
    assert queued == [("memory.tasks.check_journal", "alice")]


@pytest.mark.parametrize(
    "name", ["journalentry", "journalsegment", "compaction", "journalcheck"]
)
def test_nothing_of_the_memory_is_changed_by_hand(signed_in, archived, name: str) -> None:
    call_command("verify_journal")
    before = JournalEntry.objects.count()
    pk = {
        "journalentry": JournalEntry,
        "journalsegment": JournalSegment,
        "compaction": Compaction,
        "journalcheck": JournalCheck,
    }
    row = pk[name].objects.first().pk
    address = f"/admin/memory/{name}/"
    assert signed_in.get(f"{address}{row}/change/").status_code == 200
    assert signed_in.post(f"{address}{row}/change/", {"actor": "eve"}).status_code == 403
    assert signed_in.post(f"{address}{row}/delete/").status_code == 403
    assert signed_in.get(f"{address}add/").status_code == 403
    act(signed_in, address, "delete_selected", pk=row, post="yes")
    assert pk[name].objects.filter(pk=row).exists()
    assert JournalEntry.objects.count() == before
