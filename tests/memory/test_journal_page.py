"""The journal page: filters by form, entries by day, links, notes and empty states."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from memory import services, tallies
from memory.filters import JournalFilter
from memory.models import JournalEntry, JournalPin, JournalSegment
from tests.units import bare_days

START = {"epochs": 30, "dataset": "powerball"}


@pytest.fixture
def story(db: None) -> None:
    services.append(event_type="signed_in", actor="alice", metadata={"method": "link"})
    services.append(event_type="training_start", model_name="sun", session_id=4, metadata=START)
    services.append(
        event_type="training_failed",
        model_name="moon",
        metadata={"code": "diverged", "message": "the loss is not finite"},
    )


def page(client: Client, query: str = "", status: int = 200) -> str:
    answer = client.get(f"/journal/{query}")
    assert answer.status_code == status
    return answer.content.decode()


def shown(html: str) -> list[int]:
    return [int(seq) for seq in re.findall(r'<li class="level-\w+" id="e(\d+)"', html)]


def test_an_empty_journal_says_what_it_is_for(signed_in: Client, db: None) -> None:
    assert "Nothing has happened yet" in page(signed_in)


def test_its_days_are_times(signed_in: Client, story: None) -> None:
    html = page(signed_in)
    assert "Entries per day" in html
    assert list(bare_days(html)) == []


def test_entries_are_sentences_by_day(signed_in: Client, story: None) -> None:
    html = page(signed_in)
    assert shown(html) == [3, 2, 1]
    assert "sun was queued for training: 30 epochs on powerball." in html
    assert "moon failed: the loss is not finite" in html
    assert f"{datetime.now(UTC):%A}, " in html
    assert "3 entries" in html


@pytest.mark.parametrize(
    ("query", "expected", "words"),
    [
        ("?model=sun", [2], "1 entry: model sun"),
        ("?type=signed_in&type=training_start", [2, 1], "signed in or training started"),
        ("?level=error", [3], "level error"),
        ("?actor=alice", [1], "by alice"),
        ("?q=finite", [3], "with “finite”"),
        ("?session=4", [2], "session 4"),
        ("?from=2020-01-01&to=2020-12-31", [], "No entry matches"),
        ("?model=nobody", [], "No entry matches"),
    ],
)
def test_filters(
    signed_in: Client, story: None, query: str, expected: list[int], words: str
) -> None:
    html = page(signed_in, query)
    assert shown(html) == expected
    assert words in html


@pytest.mark.parametrize(
    "query",
    ["?from=x", "?to=9999-12-31", "?level=x", "?type=x", "?session=x", "?model=" + "a" * 99,
     "?q=%00", "?actor=" + "a" * 999],
)  # fmt: skip
def test_a_bad_value_is_explained_beside_its_field(
    signed_in: Client, story: None, query: str
) -> None:
    html = page(signed_in, query, status=400)
    assert 'class="error"' in html
    assert "cannot be used as it is" in html


@pytest.mark.parametrize("query", ["?until=x", "?page=x", f"?page={10**30}", "?page=0"])
def test_a_mangled_address_is_explained(signed_in: Client, story: None, query: str) -> None:
    assert "cannot be used as it is" in page(signed_in, query, status=400)


def test_an_entry_has_a_permanent_address(signed_in: Client, story: None) -> None:
    answer = signed_in.get("/journal/2/", follow=True)
    assert answer.redirect_chain == [("/journal/?until=12#e2", 302)]
    assert 2 in shown(answer.content.decode())
    assert signed_in.get("/journal/77/").status_code == 404
    assert signed_in.get(f"/journal/{10**30}/").status_code == 404


def test_an_entry_can_be_pinned_and_let_go(signed_in: Client, story: None) -> None:
    html = signed_in.post("/journal/2/pin/", {"pinned": "yes"}, follow=True).content.decode()
    assert html.count("Take the pin away") == 1
    assert JournalPin.objects.get().entry_seq == 2
    signed_in.post("/journal/2/pin/", {"pinned": "yes"})
    signed_in.post("/journal/2/pin/", {"pinned": "no"})
    assert not JournalPin.objects.exists()
    assert signed_in.post("/journal/99/pin/").status_code == 404


def test_the_pill_counts_what_came_since(signed_in: Client, story: None) -> None:
    assert signed_in.get("/journal/newer/?until=3").content.strip() == b""
    services.append(event_type="signed_in", actor="bob")
    assert b"1 new entry" in signed_in.get("/journal/newer/?until=3").content
    assert signed_in.get("/journal/newer/?until=3&actor=alice").content.strip() == b""
    assert signed_in.get("/journal/newer/?until=x").status_code == 200


def test_a_note_is_kept_and_shown(signed_in: Client, story: None) -> None:
    note = {"text": "*Two* words <b>", "model_name": "sun", "session_id": "4"}
    html = signed_in.post("/journal/notes/", note, follow=True).content.decode()
    assert "Note kept as entry 4." in html
    assert "<p><em>Two</em> words &lt;b&gt;</p>" in html
    assert JournalEntry.objects.get(seq=4).session_id == 4


@pytest.mark.parametrize(
    "change",
    [{"text": " "}, {"text": "x" * 10_001}, {"session_id": "x"}, {"session_id": str(2**63)},
     {"text": "a\x00b"}, {"model_name": "m" * 81}, {"entry": "77"}, {"entry": "x"}],
)  # fmt: skip
def test_a_bad_note_comes_back(signed_in: Client, story: None, change: dict) -> None:
    answer = signed_in.post("/journal/notes/", {"text": "fine"} | change)
    assert answer.status_code == 400
    assert b'class="error"' in answer.content
    assert JournalEntry.objects.count() == 3


def test_hostile_text_is_only_text(signed_in: Client, db: None) -> None:
    attack = "</script><svg onload=alert(1)><a hx-get=/api/models hx-trigger=load>"
    services.append(
        event_type="note_added", actor=attack, model_name=attack[:80], metadata={"text": attack}
    )
    html = page(signed_in, "?q=svg")
    assert "<svg onload" not in html
    assert "<a hx-get" not in html


def test_days_are_bars_and_a_table(signed_in: Client, db: None) -> None:
    for days in (3, 1, 1):
        with time_machine.travel(datetime.now(UTC) - timedelta(days=days), tick=False):
            services.append(event_type="signed_in", actor="alice")
    html = page(signed_in)
    assert html.count("<rect ") == 2
    assert "the most on one day: 2" in html


def test_the_number_of_queries_does_not_grow(signed_in: Client, story: None) -> None:
    page(signed_in)
    services.append(event_type="signed_in", actor="alice")
    with CaptureQueriesContext(connection) as few:
        page(signed_in)
    for number in range(40):
        services.append(event_type="note_added", actor="bob", metadata={"text": str(number)})
    with CaptureQueriesContext(connection) as many:
        page(signed_in)
    assert len(many) <= len(few)


def test_the_admin_only_looks(signed_in: Client, story: None) -> None:
    assert b"sun was queued" in signed_in.get("/admin/memory/journalentry/").content
    assert b"diverged" in signed_in.get("/admin/memory/journalentry/3/change/").content
    assert signed_in.get("/admin/memory/journalentry/add/").status_code == 403
    for path in ("3/change/", "3/delete/"):
        answer = signed_in.post(f"/admin/memory/journalentry/{path}", {"actor": "eve"})
        assert answer.status_code == 403
    assert JournalEntry.objects.filter(actor="eve").count() == 0


def test_strangers_see_no_entry(client: Client, story: None) -> None:
    assert client.get("/journal/").status_code == 302
    assert client.post("/journal/notes/", {"text": "x"}).status_code == 302
    assert JournalEntry.objects.count() == 3


def test_a_day_is_a_day_where_the_reader_is(db):
    with time_machine.travel("2026-11-22T23:30:00Z", tick=False):
        services.append(event_type="system_started")
        assert dict(tallies.per_day(JournalFilter()))[date(2026, 11, 22)] == 1
        with timezone.override("Asia/Tokyo"):
            assert dict(tallies.per_day(JournalFilter()))[date(2026, 11, 23)] == 1


def test_a_compacted_range_is_one_row_above_its_entries(
    signed_in: Client, db: None, django_assert_max_num_queries
) -> None:
    with time_machine.travel(datetime.now(UTC) - timedelta(days=200), tick=False):
        for _ in range(6):
            services.append(event_type="signed_in", actor="alice")
    services.append(event_type="signed_in", actor="bob")
    call_command("compact_memory", "--older-than", "90d", "--at-least", "1")
    html = page(signed_in)
    assert html.count('<li class="segment">') == 1
    assert "Entries 1 to 6 were compacted on" in html
    assert "all are kept and shown" in html
    assert html.index('<li class="segment">') < html.index('id="e6"')
    assert '<li class="segment">' not in page(signed_in, "?actor=bob")
    with django_assert_max_num_queries(13):
        page(signed_in)
    call_command("memory_archives", "--delete", JournalSegment.objects.get().file_name)
    html = page(signed_in)
    assert "Here the texts of entries 1 to 6" in html
    assert "were deleted for good: their hashes are kept" in html
    assert html.count('<li class="segment">') == 1
    assert "Oldest kept entry" in html


def test_the_range_of_dates_in_force_is_marked(signed_in: Client, story: None) -> None:
    week = (timezone.localdate() - timedelta(days=6)).isoformat()
    assert re.search(r'aria-current="true">7 days<', page(signed_in, f"?from={week}"))
    assert 'aria-current="true">7 days' not in page(signed_in, f"?from={week}&to={week}")


def test_who_only_looks_is_offered_neither_notes_nor_pins(
    client: Client, carol: User, story: None
) -> None:
    client.force_login(carol)
    html = page(client)
    assert len(shown(html)) == 3
    assert "Add note" not in html
    assert "/pin/" not in html
