"""A long journal: entries at once, and what takes counting afterwards, the first time it is asked."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from memory import services, tallies, timeline_reading
from tests.memory.test_journal_page import page, shown

LATER = re.compile(r'hx-get="(/journal/counts/\?[^"]*)" hx-trigger="load"')


def load(name: str) -> None:
    services.append(event_type="model_loaded", model_name=name, metadata={"version": 1})


@pytest.fixture
def long(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty entries of two models, which are many here."""
    monkeypatch.setattr(timeline_reading, "COUNTED_AT_ONCE", 10)
    tallies._kept.clear()
    for number in range(60):
        load(f"model-{number % 2}")


def later(client: Client, html: str) -> str:
    return client.get(unescape(LATER.search(html)[1])).content.decode()


def test_entries_come_at_once_and_counts_afterwards(signed_in: Client, long: None) -> None:
    html = page(signed_in, "?model=model-1&per_page=25")
    assert shown(html) == list(range(60, 10, -2))
    assert "30 entries" not in html
    assert 'rel="next"' in html
    counts = later(signed_in, html)
    assert "30 entries: model model-1" in counts
    assert "1 to 25 of 30" in counts
    assert all(
        f'id="journal-{part}" hx-swap-oob="true"' in counts
        for part in ("total", "types", "days", "pager")
    )


def test_whoever_has_no_script_waits_for_the_counts(signed_in: Client, long: None) -> None:
    html = page(signed_in, "?model=model-1")
    counted = page(signed_in, unescape(re.search(r'href="([^"]+count=now)"', html)[1]))
    assert "30 entries: model model-1" in counted
    assert LATER.search(counted) is None


def test_what_was_counted_once_is_there_at_once(signed_in: Client, long: None) -> None:
    later(signed_in, page(signed_in, "?model=model-1"))
    load("model-1")
    assert "31 entries: model model-1" in page(signed_in, "?model=model-1")


def test_pages_can_be_turned_before_anything_is_counted(signed_in: Client, long: None) -> None:
    first = page(signed_in, "?level=info&per_page=25")
    older = unescape(re.search(r'href="([^"]+)" rel="next"', first)[1])
    assert shown(page(signed_in, older)) == list(range(35, 10, -1))
    assert LATER.search(page(signed_in, older))
    # There is no such page, so the last one is shown, and what it takes is counted.
    assert shown(page(signed_in, "?level=info&per_page=25&page=9"))[-1] == 1


def test_a_page_without_counts_asks_little(signed_in: Client, long: None) -> None:
    page(signed_in)
    with CaptureQueriesContext(connection) as queries:
        assert LATER.search(page(signed_in, "?actor=system"))
    assert len(queries) <= 12
    assert not any("COUNT(" in one["sql"] for one in queries if "journal" in one["sql"])
