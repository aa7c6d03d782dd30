"""Downloading the official history: only when asked, bounded, and imported like a file."""

import socket
from io import StringIO

import pytest
from django.core.management import call_command

from memory.models import JournalEntry
from tests.training.draw_files import state_of_new_york
from training.models import Dataset, DrawImport
from training.services.draws import SourceUnavailable, find_dataset

URL = "/api/draws/fetch"
OFFICIAL = (
    b'"draw_date","winning_numbers","multiplier"\n'
    b'"2026-08-01T00:00:00.000","06 17 27 48 50 05","3"\n'
    b'"2026-08-03T00:00:00.000","08 30 41 48 54 04","2"\n'
)
MEGA = (
    b'"draw_date","winning_numbers","mega_ball","multiplier"\n'
    b'"2026-08-07T00:00:00.000","17 20 32 54 57","23",""\n'
)


def test_the_official_history_is_fetched_and_imported(api, settings):
    with state_of_new_york(OFFICIAL) as server:
        settings.HELIOS_DRAWS_URL = server.url
        answer = api.post(URL, {}, format="json")
    assert (answer.status_code, answer.json()["new"]) == (201, 2)
    assert server.asked == ["/resource/d6yy-54nr.csv?$limit=50000"]
    assert DrawImport.objects.get().file_name.endswith("d6yy-54nr.csv")
    events = set(JournalEntry.objects.values_list("event_type", flat=True))
    assert events == {"draws_fetched", "draws_imported"}


def test_a_dry_run_previews_and_imports_nothing(api, settings):
    with state_of_new_york(MEGA) as server:
        settings.HELIOS_DRAWS_URL = server.url
        body = {"game": "megamillions", "dryRun": True}
        answer = api.post(URL, body, format="json")
    assert (answer.status_code, answer.json()["new"]) == (200, 1)
    assert server.asked == ["/resource/5xaw-6ayf.csv?$limit=50000"]
    assert not Dataset.objects.exists()


def test_the_command_fetches_as_well(settings, db):
    out = StringIO()
    with state_of_new_york(OFFICIAL) as server:
        settings.HELIOS_DRAWS_URL = server.url
        call_command("fetch_draws", "--dataset=official", stdout=out)
    assert "imported: 2 new" in out.getvalue()
    assert find_dataset("official").draw_count == 2


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (503, {}, "answered 503"),
        (404, {}, "answered 404"),
        (302, {"Location": "http://localhost:9/x"}, "redirects to another host"),
        (302, {"Location": "file:///etc/passwd"}, "could not be read|answered 302"),
    ],
)
def test_a_source_that_does_not_answer_is_said_so(settings, db, status, headers, words):
    with state_of_new_york(b"", status, headers) as server:
        settings.HELIOS_DRAWS_URL = server.url
        with pytest.raises(SourceUnavailable, match=words):
            call_command("fetch_draws")
    assert not JournalEntry.objects.exists()


def test_a_host_that_is_not_there_is_a_502_and_not_a_crash(api, settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.HELIOS_DRAWS_URL = f"http://127.0.0.1:{taken.getsockname()[1]}"
        answer = api.post(URL, {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (502, "source_unavailable")


def test_an_answer_without_end_is_cut_off(api, settings):
    with state_of_new_york(b"x" * 5_100_000) as server:
        settings.HELIOS_DRAWS_URL = server.url
        answer = api.post(URL, {}, format="json")
    assert "more than 5,000,000 bytes" in answer.json()["message"]


def test_an_answer_that_is_no_history_is_refused(api, settings):
    with state_of_new_york(b"<html>maintenance</html>") as server:
        settings.HELIOS_DRAWS_URL = server.url
        answer = api.post(URL, {}, format="json")
    assert answer.status_code == 400
    assert not Dataset.objects.exists()


def test_only_web_addresses_are_asked(api, settings):
    settings.HELIOS_DRAWS_URL = "file:///etc"
    assert api.post(URL, {}, format="json").status_code == 502


@pytest.mark.parametrize("body", [{"game": "keno"}, {"url": "http://x"}, {"dryRun": "yes"}])
def test_a_bad_request_asks_nobody(api, settings, body):
    with state_of_new_york(OFFICIAL) as server:
        settings.HELIOS_DRAWS_URL = server.url
        answer = api.post(URL, body, format="json")
    assert (answer.status_code, server.asked) == (400, [])
    assert list(answer.json()["fields"]) == list(body)
