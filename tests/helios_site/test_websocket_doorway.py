"""WebSockets: foreign origins are turned away before they are accepted, tokens are known."""

import asyncio
from datetime import timedelta

import pytest
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.testing import WebsocketCommunicator
from django.utils import timezone

from helios_site import accounts
from helios_site.doorway import OwnPagesOnly
from helios_site.models import ApiToken
from helios_site.tokens import TokenUser

OURS = (b"host", b"localhost:8000")
COOKIE = (b"cookie", b"helios_8000=x")


class Greeter(AsyncWebsocketConsumer):
    """Says who came in."""

    async def connect(self):
        await self.accept()
        await self.send(str(self.scope.get("user", "somebody")))


def connect(*headers, door=OwnPagesOnly):
    """What the greeter says, or None when the door stayed shut."""

    async def visit():
        visitor = WebsocketCommunicator(door(Greeter.as_asgi()), "/ws/", headers=headers)
        is_in, _ = await visitor.connect()
        said = await visitor.receive_from() if is_in else None
        await visitor.disconnect()
        return said

    return asyncio.run(visit())


@pytest.mark.parametrize(
    "origin",
    [
        b"http://evil.example",
        b"http://localhost:8001",  # another program on this computer gets the same cookies
        b"http://localhost",
        b"https://localhost:8000",
        b"http://localhost.evil.example:8000",
        b"null",
        b"",
        b"http://[",
        b"\xff",
    ],
)
def test_a_page_of_another_origin_is_turned_away(origin):
    assert connect(OURS, COOKIE, (b"origin", origin)) is None


@pytest.mark.parametrize("host", [b"localhost:8000", b"127.0.0.1:8000", b"[::1]:8000"])
def test_our_own_page_comes_in(host):
    assert connect((b"host", host), COOKIE, (b"origin", b"http://" + host)) == "somebody"


@pytest.mark.parametrize("host", [b"evil.example:8000", b"", b"a b"])
def test_an_unknown_host_is_turned_away_even_when_the_origin_agrees(host):
    assert connect((b"host", host), (b"origin", b"http://" + host)) is None


def test_a_cookie_with_nul_is_turned_away():
    nul = (b"cookie", rb'helios_8000="\000abcdefghijk"')
    assert connect(OURS, nul, (b"origin", b"http://localhost:8000")) is None


def test_without_an_origin_a_cookie_does_not_open_the_door():
    assert connect(OURS, COOKIE) is None
    assert connect(OURS) == "somebody"


def test_a_trusted_origin_behind_a_proxy_comes_in(settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://helios.example"]
    assert connect(OURS, COOKIE, (b"origin", b"https://helios.example")) == "somebody"


@pytest.fixture
def token(transactional_db, django_user_model):
    user = django_user_model.objects.create_user("carol")
    return accounts.make_token(name="notebook", user=user, scope="read").encode()


def greeting(header):
    return connect(OURS, (b"authorization", header), door=TokenUser)


def test_a_token_says_who_comes(token):
    assert greeting(b"Bearer " + token) == "carol"
    assert greeting(b"bearer  " + token) == "carol"


@pytest.mark.parametrize("header", [b"Bearer wrong", b"Bearer \xff", b"Basic x", b""])
def test_a_wrong_token_is_nobody(token, header):
    assert greeting(header) == "AnonymousUser"


def test_an_old_token_is_nobody(token):
    ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert greeting(b"Bearer " + token) == "AnonymousUser"
