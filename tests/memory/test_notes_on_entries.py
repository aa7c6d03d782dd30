"""A note about an entry stands beside it, and what has a note can be asked for."""

import importlib
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from memory import archiving, recall, services, tallies
from memory.filters import JournalFilter
from memory.models import JournalEntry, JournalNote

START = {"epochs": 30, "dataset": "powerball"}


@pytest.fixture
def story(db: None) -> None:
    """Ten old starts; then notes about the third and the fifth, and about a model."""
    with time_machine.travel(datetime.now(UTC) - timedelta(days=100), tick=False):
        for number in range(10):
            services.append(
                event_type="training_start", model_name="sun", session_id=number, metadata=START
            )
            services.append(
                event_type="training_failed",
                model_name="sun",
                session_id=number,
                metadata={"code": "x", "message": "y"},
            )
    services.add_note(text="Look at **this**", actor="alice", entry=3)
    services.add_note(text="and this", actor="bob", entry=5)
    services.add_note(text="a fine model", actor="bob", model_name="sun")


def ids(api: APIClient, query: str) -> list[int]:
    return [entry["id"] for entry in api.get(f"/api/journal?{query}").json()["entries"]]


def test_what_has_a_note_is_asked_for_over_rest(story, api: APIClient) -> None:
    assert ids(api, "hasNote=true") == [23, 22, 21, 5, 3]
    assert ids(api, "hasNote=true&modelName=sun") == [23, 5, 3]
    assert ids(api, "hasNote=true&until=21") == [21, 3]
    assert ids(api, "hasNote=true&before=22") == [21, 5, 3]
    assert len(ids(api, "hasNote=false")) == 23
    assert api.get("/api/journal?hasNote=true&limit=1").json()["total"] == 5
    assert api.get("/api/journal/summary?hasNote=true").json()["levels"] == {"info": 5}
    assert len(api.get("/api/journal.jsonl?hasNote=true").getvalue().splitlines()) == 5
    assert list(api.get("/api/journal?hasNote=x").json()["fields"]) == ["hasNote"]


def test_a_later_note_about_an_old_entry_is_counted_at_once(story, api: APIClient) -> None:
    assert api.get("/api/journal?hasNote=true").json()["total"] == 5
    services.add_note(text="late", actor="bob", entry=7)
    assert api.get("/api/journal?hasNote=true").json()["total"] == 7
    assert api.get("/api/journal?hasNote=true&until=23").json()["total"] == 5


def test_archived_entries_are_found_by_their_notes(story, api: APIClient) -> None:
    before = ids(api, "hasNote=true")
    plan = archiving.plan_compaction(
        older_than=timedelta(days=1), at_least=1, parts=["journal"]
    )
    archiving.carry_out(archiving.begin_compaction(plan=plan, actor="alice"))
    assert not JournalEntry.objects.filter(seq=3).exists()
    assert ids(api, "hasNote=true&until=23") == before
    wanted = recall.held_at(JournalFilter(noted=1), 23)
    assert tallies.count(wanted).facets["actor"] == {"system": 2, "alice": 1, "bob": 2}
    assert [entry.seq for entry in recall.newest(wanted, limit=9, after=2)] == before


def test_notes_stand_below_their_entry_as_markdown(story, signed_in: Client) -> None:
    html = signed_in.get("/journal/?noted=true").content.decode()
    assert re.findall(r'<li class="level-\w+" id="e(\d+)"', html) == [
        "23",
        "22",
        "21",
        "5",
        "3",
    ]
    below = html[html.index('id="e3"') :]
    assert "Look at <strong>this</strong>" in below
    assert "5 entries: notes, and entries that have one" in html
    assert 'name="noted" value="true" checked' in html
    assert "hasNote=true" in html  # of the downloads


def test_a_note_is_begun_at_the_entry_it_is_about(story, signed_in: Client) -> None:
    html = signed_in.get("/journal/?about=4").content.decode()
    for field, value in (("entry", "4"), ("session_id", "1"), ("model_name", "sun")):
        assert re.search(rf'name="{field}" value="{value}"', html), field
    assert signed_in.get("/journal/?about=999").status_code == 200
    assert signed_in.get("/journal/?about=x").status_code == 200
    signed_in.post("/journal/notes/", {"text": "why?", "entry": "4"})
    assert JournalNote.objects.get(entry_seq=4).note.metadata == {"text": "why?", "entry": 4}


def test_hostile_markdown_does_nothing(story, signed_in: Client) -> None:
    attack = "<script>x</script> [a](javascript:alert(1)) ![b](http://evil/x.png) <b onclick=y>"
    services.add_note(text=attack, actor="eve", entry=2)
    html = signed_in.get("/journal/?noted=true").content.decode()
    prose = re.findall(r'<div class="prose">(.*?)</div>', html, re.DOTALL)
    assert not [one for one in prose if re.search(r"<(script|img|b)\b|href=.javascript", one)]


def test_the_number_of_queries_does_not_grow_with_notes(
    story, signed_in: Client, django_assert_max_num_queries
) -> None:
    for number in range(30):
        services.add_note(text=str(number), actor="bob", entry=number % 20 + 1)
    for query in ("", "?noted=true"):
        signed_in.get(f"/journal/{query}")
        with django_assert_max_num_queries(12):
            signed_in.get(f"/journal/{query}")


def test_notes_from_before_are_taken_up_by_the_migration(story) -> None:
    JournalNote.objects.all().delete()
    migration = importlib.import_module("memory.migrations.0005_note_on_entry")
    migration.take_up_notes(apps, SimpleNamespace(connection=connection))
    assert sorted(JournalNote.objects.values_list("note", "entry_seq")) == [(21, 3), (22, 5)]


def test_a_pin_is_set_and_taken_over_rest(story, api: APIClient) -> None:
    assert api.put("/api/journal/pins/3").json() == {"id": 3, "pinned": True}
    assert api.delete("/api/journal/pins/3").json() == {"id": 3, "pinned": False}
    assert api.put("/api/journal/pins/999").status_code == 404
