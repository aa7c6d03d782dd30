"""Planned maintenance: who comes is asked to come again, training and administrators go on."""

import asyncio
import io
from datetime import timedelta

import pytest
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.testing import WebsocketCommunicator
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from helios_site import closed, maintenance
from memory.models import JournalEntry
from memory.refusals import Invalid


def run(*words):
    out, err = io.StringIO(), io.StringIO()
    call_command("maintenance", *words, stdout=out, stderr=err)
    return out.getvalue() + err.getvalue()


def away(execute, sql, params, *rest):
    raise OperationalError("server closed the connection unexpectedly")


def test_a_page_says_why_until_when_and_when_to_come_again(client, db):
    run(
        "on",
        "--until",
        f"{timezone.now() + timedelta(hours=1):%Y-%m-%dT%H:%MZ}",
        "--message",
        "A <new> disk.",
    )
    client.cookies["helios_theme"] = "dark"
    answer = client.get("/models/?q=owl")
    page = answer.content.decode()
    assert answer.status_code == 503
    assert 3400 < int(answer["Retry-After"]) <= 3600
    assert "A &lt;new&gt; disk." in page
    assert "Expected to be over <time" in page
    assert "Sessions that train go on" in page
    assert 'data-theme="dark"' in page
    assert 'href="/models/?q=owl"' in page


@pytest.mark.parametrize("address", ["/", "/login/", "/-/enter?token=x", "/train/"])
def test_pages_are_closed_without_a_database(client, address):
    (maintenance._path()).write_text("no json")
    assert client.get(address).status_code == 503  # pytest-django fails at any query
    assert client.get("/healthz").json() == {"status": "ok"}


def test_programs_get_the_envelope(client, api, db):
    run("on")
    for asked in (client.get("/api/models"), client.post("/api/train/start")):
        assert (asked.status_code, asked.json()["code"]) == (503, "maintenance")
        assert int(asked["Retry-After"]) > 0


def test_administrators_go_on_looking_and_change_nothing(signed_in):
    run("on", "--message", "A disk.")
    page = signed_in.get("/draws/").content.decode()
    assert "you look as an administrator" in page
    assert signed_in.post("/logout/").status_code == 503
    run("off")
    assert "you look as an administrator" not in signed_in.get("/draws/").content.decode()


def test_others_do_not_look(client, bob):
    client.force_login(bob)
    run("on")
    assert client.get("/draws/").status_code == 503


def test_administrators_too_are_asked_to_come_again_while_the_database_is_away(signed_in):
    run("on")
    with connection.execute_wrapper(away):
        answer = signed_in.get("/")
    assert (answer.status_code, "Maintenance" in answer.content.decode()) == (503, True)


def test_the_journal_tells_the_beginning_and_the_end(db):
    assert run("status") == "Maintenance is off.\n"
    assert run("on", "--message", "A disk.").endswith(": A disk.\n")
    assert "is on since" in run("status")
    assert run("off") == run("off") == "Maintenance is off.\n"
    told = JournalEntry.objects.order_by("seq").values_list("event_type", flat=True)
    assert list(told) == ["maintenance_begun", "maintenance_ended"]


def test_it_works_while_the_database_is_away(db):
    with connection.execute_wrapper(away):
        assert "the journal was not told" in run("on")
        assert maintenance.current() is not None
        assert "the journal was not told" in run("off")
    assert maintenance.current() is None


@pytest.mark.parametrize(
    "words",
    [
        ("--until", "soon"),
        ("--until", "25:00"),
        ("--until", "2020-01-01T10:00"),
        ("--message", "two\nlines"),
        ("--message", "x" * 301),
    ],
)
def test_what_cannot_be_used_is_refused_and_closes_nothing(db, words):
    with pytest.raises(Invalid, match="Must|over"):
        run("on", *words)
    assert maintenance.current() is None


def test_a_time_of_day_is_the_next_one():
    for hours in (-1, 1):
        clock = timezone.localtime() + timedelta(hours=hours)
        left = maintenance.read_until(f"{clock:%H:%M}") - timezone.now()
        assert timedelta(0) < left <= timedelta(days=1)


class Talker(AsyncWebsocketConsumer):
    """Accepts and waits."""


def test_open_live_pages_are_closed_and_new_ones_turned_away(db, monkeypatch):
    monkeypatch.setattr(closed, "LOOK_SECONDS", 0.01)
    door = closed.UnlessMaintained(Talker.as_asgi())

    async def visit():
        early = WebsocketCommunicator(door, "/ws/")
        assert (await early.connect())[0]
        (maintenance._path()).write_text("{}")
        assert (await early.receive_output())["code"] == closed.MAINTENANCE
        await early.wait()  # the consumer has ended, too
        late = WebsocketCommunicator(door, "/ws/")
        await late.send_input({"type": "websocket.connect"})
        return await late.receive_output()

    assert asyncio.run(visit())["status"] == 503
