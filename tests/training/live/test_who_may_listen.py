"""WebSockets ask for origin and user before they are accepted, and ask again later."""

import http.client
import json

import pytest
from django.conf import settings
from django.db import OperationalError
from knox.models import get_token_model
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from helios_site import sockets
from training import consumers


@pytest.fixture
def feed(session) -> str:
    return f"/ws/api/sessions/{session.pk}/"


def status_of(refused) -> int:
    return refused.value.response.status_code


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null", None])
def test_a_cookie_from_a_foreign_page_is_refused(listen, feed, origin):
    with pytest.raises(InvalidStatus) as refused:
        listen(feed, origin=origin)
    assert status_of(refused) == 403


def test_a_foreign_host_is_refused(server, session, feed, token):
    asked = http.client.HTTPConnection(server.host)
    asked.putrequest("GET", feed, skip_host=True)
    for name, value in {
        "Host": "evil.example",
        "Authorization": f"Bearer {token}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }.items():
        asked.putheader(name, value)
    asked.endheaders()
    assert asked.getresponse().status == 403
    asked.close()


@pytest.mark.parametrize("cookie", ["", f"{settings.SESSION_COOKIE_NAME}=made-up"])
def test_a_stranger_is_refused(listen, feed, cookie):
    with pytest.raises(InvalidStatus) as refused:
        listen(feed, additional_headers={"Cookie": cookie})
    assert status_of(refused) == 403


def test_a_program_listens_with_its_token_and_no_origin(listen, feed, token):
    client = listen(feed, origin=None, additional_headers={"Authorization": f"Bearer {token}"})
    assert json.loads(client.recv(timeout=5))["state"] == "training"


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Basic YWxpY2U6eA=="])
def test_a_wrong_token_is_refused_even_beside_a_right_cookie(listen, feed, header):
    with pytest.raises(InvalidStatus) as refused:
        listen(feed, origin=None, additional_headers={"Authorization": header})
    assert status_of(refused) == 403


def test_a_token_in_the_address_counts_for_nothing(listen, feed, token):
    with pytest.raises(InvalidStatus):
        listen(f"{feed}?token={token}", origin=None, additional_headers={})


@pytest.mark.parametrize("after", ["-1", "x", "", "1.5", "9" * 30, "1&after=2", "%00"])
def test_a_cursor_that_is_none_is_refused(listen, feed, after):
    with pytest.raises(InvalidStatus) as refused:
        listen(f"{feed}?after={after}")
    assert status_of(refused) == 400
    assert "after" in json.loads(refused.value.response.body)["message"]


@pytest.mark.parametrize("path", ["/ws/api/sessions/999/", f"/ws/sessions/{10**30}/", "/ws/x/"])
def test_what_is_not_there_is_not_found(listen, path, alice):
    with pytest.raises(InvalidStatus) as refused:
        listen(path)
    assert status_of(refused) == 404


def test_a_revoked_token_is_noticed(listen, feed, token, monkeypatch):
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.1)
    monkeypatch.setattr(sockets, "SHARED_SECONDS", 0.1)
    client = listen(feed, origin=None, additional_headers={"Authorization": f"Bearer {token}"})
    client.recv(timeout=5)
    get_token_model().objects.all().delete()
    with pytest.raises(ConnectionClosedError) as closed:
        client.recv(timeout=5)
    assert closed.value.rcvd.code == consumers.SIGNED_OUT


def test_a_deactivated_user_is_noticed(listen, feed, alice, monkeypatch):
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.1)
    monkeypatch.setattr(sockets, "SHARED_SECONDS", 0.1)
    client = listen(feed)
    client.recv(timeout=5)
    alice.is_active = False
    alice.save()
    with pytest.raises(ConnectionClosedError) as closed:
        client.recv(timeout=5)
    assert closed.value.rcvd.code == consumers.SIGNED_OUT


def test_a_full_house_says_so(listen, feed, monkeypatch):
    monkeypatch.setattr(consumers, "MOST_CLIENTS", 1)
    listen(feed).recv(timeout=5)
    with pytest.raises(InvalidStatus) as refused:
        listen(feed)
    assert status_of(refused) == 503


def test_while_nobody_can_be_asked_who_comes_a_client_should_come_again(
    listen, feed, monkeypatch
):
    monkeypatch.setattr("training.consumers.find_session", away)
    with pytest.raises(InvalidStatus) as refused:
        listen(feed)
    assert status_of(refused) == 503
    assert int(refused.value.response.headers["Retry-After"]) > 0


def away(*args):
    raise OperationalError("the connection is lost")


def test_what_clients_say_is_ignored_and_bounded(listen, feed):
    client = listen(feed)
    client.recv(timeout=5)
    client.send("anything")
    client.send("x" * 20_000)
    with pytest.raises(ConnectionClosedError) as closed:
        client.recv(timeout=5)
    assert closed.value.rcvd.code == 1009
