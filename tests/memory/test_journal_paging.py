"""Numbered pages: each entry on exactly one of them, whatever arrives, however far down."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from memory import counting, paging, recall, services
from memory.filters import JournalFilter

COUNT = 130
PAGED = [
    JournalFilter(until=COUNT),
    JournalFilter(until=COUNT - 7, actor="bob"),
    JournalFilter(until=COUNT, words=("odd",)),
    JournalFilter(until=COUNT, model_name="sun", event_types=("note_added",)),
]


@pytest.fixture
def notes(db: None) -> None:
    for number in range(COUNT):
        services.append(
            event_type="note_added",
            actor="bob" if number % 3 else "alice",
            model_name="sun" if number % 7 else "",
            metadata={"text": f"{number} {'odd' if number % 2 else 'even'}"},
        )


def read(client: Client, query: str = "") -> str:
    return unescape(client.get(f"/journal/{query}").content.decode())


def shown(html: str) -> list[int]:
    return [int(seq) for seq in re.findall(r'<li class="level-\w+" id="e(\d+)"', html)]


def linked(html: str, rel: str) -> str:
    found = re.search(rf'href="(\?[^"]*)" rel="{rel}"', html)
    return found[1] if found else ""


def test_older_pages_hold_every_entry_once_while_others_arrive(signed_in, notes) -> None:
    html, seen = read(signed_in, "?per_page=25"), []
    while True:
        seen += shown(html)
        services.append(event_type="note_added", actor="eve", metadata={"text": "meanwhile"})
        if not (older := linked(html, "next")):
            break
        html = read(signed_in, older)
    assert seen == list(range(COUNT, 0, -1))
    assert shown(read(signed_in, linked(html, "prev"))) == list(range(30, 5, -1))


def test_a_page_is_reached_by_its_number(signed_in, notes) -> None:
    html = read(signed_in)
    assert re.findall(r'aria-label="Page (\d+)"', html) == ["2", "3"]
    assert '<span aria-current="page">1</span>' in html
    assert "1 to 50 of 130" in html
    address = re.search(r'href="(\?[^"]*)" aria-label="Page 3"', html)
    assert shown(read(signed_in, address[1])) == list(range(30, 0, -1))
    assert shown(read(signed_in, "?page=999")) == list(range(30, 0, -1))  # the last there is
    assert shown(read(signed_in, "?per_page=100&page=2")) == list(range(30, 0, -1))
    assert len(shown(read(signed_in, "?per_page=7"))) == 50


def test_an_older_view_leads_back_to_the_newest(signed_in, notes) -> None:
    assert ">Newest</a>" not in read(signed_in)
    html = read(signed_in, "?until=100&actor=bob")
    assert '<a href="?actor=bob">Newest</a>' in html


@pytest.mark.parametrize("wanted", PAGED, ids=str)
def test_a_far_page_is_the_one_that_going_past_the_others_gives(
    notes, monkeypatch, wanted
) -> None:
    every = [entry.seq for entry in recall.newest(wanted, limit=1000)]
    monkeypatch.setattr(paging, "NEAR", 10)
    monkeypatch.setattr(counting, "STRETCH", 8)
    for offset in range(0, COUNT + 10, 9):
        found = paging.entries_at(wanted, offset=offset, limit=9)
        assert [entry.seq for entry in found] == every[offset : offset + 9]


def test_a_far_page_asks_as_little_as_a_near_one(signed_in, notes, monkeypatch) -> None:
    monkeypatch.setattr(paging, "NEAR", 10)
    monkeypatch.setattr(counting, "STRETCH", 8)
    asked = []
    for query in ("?per_page=25", "?per_page=25&page=5", "?per_page=25&page=5&actor=bob"):
        read(signed_in, query)
        with CaptureQueriesContext(connection) as queries:
            read(signed_in, query)
        asked.append(len(queries))
    assert max(asked) <= 12, asked
    assert asked[1] <= asked[0]


def test_an_offset_of_rest_goes_as_far(api: APIClient, notes, monkeypatch) -> None:
    monkeypatch.setattr(paging, "NEAR", 10)
    monkeypatch.setattr(counting, "STRETCH", 8)
    page = api.get("/api/journal?limit=5&offset=100").json()
    assert [entry["id"] for entry in page["entries"]] == [30, 29, 28, 27, 26]
    assert (page["offset"], page["total"]) == (100, COUNT)
