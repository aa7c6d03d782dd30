"""HELIOS_PUBLIC_READ: a stranger looks at some pages, changes nothing, and gets no further."""

import asyncio
import os
import subprocess
import sys

import pytest
from channels.testing import WebsocketCommunicator
from django.test import Client

from helios_site.asgi import application
from helios_site.roles import GIVEN, Role
from memory import services as journal
from tests.helios_site.policy import CHANGES, OPEN, VISITED
from tests.helios_site.test_route_table import (
    GUARDED,
    METHODS,
    REACHED,
    ROUTES,
    answers,
    is_the_door,
    stopped_inside,  # noqa: F401
)
from tests.registry.conftest import make_version  # noqa: F401


@pytest.fixture
def public(settings, db):
    settings.HELIOS_PUBLIC_READ = True
    return Client(raise_request_exception=False)


@pytest.mark.usefixtures("stopped_inside")
def test_a_visitor_reaches_what_is_listed_and_nothing_else(public):
    reached = {
        route
        for route in GUARDED
        for method in ("get", "head")
        if getattr(public, method)(route).status_code == REACHED
    }
    assert reached == VISITED
    assert set(ROUTES) - set(OPEN) >= VISITED


@pytest.mark.usefixtures("stopped_inside")
def test_a_visitor_sends_nothing_anywhere(public):
    others = [method for method in METHODS if method not in ("get", "head")]
    let_in = [
        said
        for response, said in answers(public, GUARDED, methods=others)
        if response.status_code == REACHED
    ]
    assert let_in == []
    assert not {said.split()[1] for role in CHANGES for said in CHANGES[role]} & VISITED - {
        "/train/"  # whose form it does not see
    }


@pytest.mark.usefixtures("stopped_inside")
@pytest.mark.parametrize(
    "address",
    ["/models/x/?tab=files", "/models/x/?tab=lineage", "/models/x/?tab=curate",
     "/models/x/?tab=card&tab=files", "/sessions/1/?tab=log", "/sessions/1/?tab=environment",
     "/journal/?q=word", "/journal/counts/?q=word", "/compare/?m=a&m=b&m=c&m=d",
     "/search/?q=x", "/api/models", "/memory/", "/settings/", "/admin/"],
)  # fmt: skip
def test_what_tells_of_the_server_or_takes_long_is_behind_the_door(public, address):
    answer = public.get(address)
    assert is_the_door(answer) or answer.status_code == 401


@pytest.mark.usefixtures("stopped_inside")
def test_without_the_setting_there_are_no_visitors(client, db):
    assert [said for got, said in answers(client, sorted(VISITED), ["get"]) if not is_the_door(got)] == []  # fmt: skip


def test_every_page_of_a_visitor_is_shown_with_the_way_in(public, make_version):  # noqa: F811
    make_version()
    pages = ["/", "/train/", "/models/", "/models/owl/", "/compare/", "/compare/?m=owl",
             "/journal/", "/reflection/", "/draws/", "/help/", "/status/"]  # fmt: skip
    for address in pages:
        answer = public.get(address)
        page = answer.content.decode()
        assert answer.status_code == 200, address
        assert "You are looking as a visitor" in page, address
        assert "/login/?next=" in page, address
        assert 'data-role="visitor"' in page, address
        assert 'action="/logout/"' not in page, address


def test_a_visitor_sees_no_form_that_trains_or_notes(public, signed_in):
    assert 'id="note"' in signed_in.get("/journal/").content.decode()
    assert 'id="note"' not in public.get("/journal/").content.decode()
    assert 'id="train-form"' not in public.get("/train/").content.decode()
    assert 'type="file"' not in public.get("/draws/").content.decode()
    assert 'name="q"' not in public.get("/journal/").content.decode()


def test_the_journal_does_not_tell_a_visitor_who_came_in(public, signed_in):
    failed = {"cause": "wrong name or password", "address": "203.0.113.9", "username": "alice"}
    journal.append(event_type="sign_in_failed", actor="anonymous", metadata=failed)
    journal.append(event_type="note_added", actor="alice", metadata={"text": "a calm day"})
    asked = ("/journal/", "/journal/counts/", "/", "/journal/?type=sign_in_failed",
             "/journal/?type=sign_in_failed,note_added", "/journal/?level=warning")  # fmt: skip
    for address in asked:
        page = public.get(address).content.decode()
        assert "203.0.113.9" not in page, address
        assert "A sign-in as" not in page, address
        assert "Sign-in failed" not in page, address
    assert "a calm day" in public.get("/journal/").content.decode()
    assert "203.0.113.9" in signed_in.get("/journal/").content.decode()


def test_newer_entries_that_a_visitor_may_not_see_are_not_counted(public):
    note = journal.append(event_type="note_added", actor="a", metadata={"text": "x"})
    journal.append(event_type="signed_in", actor="alice", metadata={"method": "link"})
    page = public.get(f"/journal/newer/?until={note.seq}").content.decode()
    assert "1 new" not in page


def test_the_status_says_nothing_of_the_settings_to_a_visitor(public, signed_in, settings):
    settings.HELIOS_HOME.chmod(0o755)
    assert "helios.W002" in signed_in.get("/status/").content.decode()
    assert "helios.W002" not in public.get("/status/").content.decode()


def listen(path: str, *headers: tuple[bytes, bytes]) -> bool:
    """Is a stranger let in at a WebSocket?"""

    async def visit() -> bool:
        own = [(b"host", b"localhost:8000"), *headers]
        visitor = WebsocketCommunicator(application, path, headers=own)
        is_in, _ = await visitor.connect()
        await visitor.disconnect()
        return bool(is_in)

    return asyncio.run(visit())


@pytest.mark.django_db(transaction=True)
def test_a_visitor_listens_to_pages_but_not_as_a_program(settings):
    assert not listen("/ws/overview/")
    settings.HELIOS_PUBLIC_READ = True
    assert listen("/ws/overview/")
    assert not listen("/ws/overview/", (b"authorization", b"Bearer helios_wrong"))
    assert not listen("/ws/api/sessions/1/")
    assert not listen("/ws/overview/x")


def test_nobody_is_made_a_visitor():
    assert Role.VISITOR not in GIVEN
    assert not Role.VISITOR.covers(Role.VIEWER)


def test_a_value_that_is_none_stops_the_start_with_a_line():
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env={**os.environ, "HELIOS_PUBLIC_READ": "yes"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "HELIOS_PUBLIC_READ='yes' is not one of 0, 1" in done.stderr
    assert "Traceback" not in done.stderr
