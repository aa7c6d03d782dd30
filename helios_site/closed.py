"""The doors while `maintenance.py` keeps them closed: pages, REST and WebSockets."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from helios_site.doorway import Application
from helios_site.errors import AWAY
from helios_site.maintenance import Maintenance, current
from helios_site.policy import READING, Handler
from helios_site.problems import maintained
from helios_site.roles import Role, role_of

OPEN = ("/healthz",)
LOOK_SECONDS = 2.0  # between two looks of an open WebSocket at the note
MAINTENANCE = 1013  # "try again later": htmx then connects again by itself (live.js)


def unless_maintained(get_response: Handler) -> Handler:
    """Answer 503 while there is maintenance, but to administrators who only look.

    They see `request.maintenance` as a banner. Nobody signs in meanwhile: that would write.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        note = current()
        if note is None or request.path in OPEN:
            return get_response(request)
        if not _may_look(request):
            return maintained(request, note)
        request.maintenance = note  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def _may_look(request: HttpRequest) -> bool:
    if request.method not in READING:
        return False
    try:
        return request.user.is_authenticated and role_of(request.user) is Role.ADMIN
    except AWAY:
        return False


class UnlessMaintained:
    """Answer a WebSocket's handshake with 503 during maintenance, and close those that are open."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        note = current()
        if note is not None:
            return await _turn_away(note, send)
        open_socket = _Watched(receive, send)
        looking = asyncio.create_task(open_socket.look())
        try:
            return await self.application(scope, open_socket.receive, open_socket.send)
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking


class _Watched:
    """A WebSocket that ends, for the application as if its client had left, when the note appears."""

    def __init__(
        self,
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        self._receive = receive
        self._send = send
        self._over = asyncio.Event()
        self._is_accepted = self._is_closed = False

    async def look(self) -> None:
        while current() is None or not self._is_accepted:
            await asyncio.sleep(LOOK_SECONDS)
        if not self._is_closed:
            self._is_closed = True
            with suppress(OSError):
                await self._send({"type": "websocket.close", "code": MAINTENANCE})
        self._over.set()

    async def receive(self) -> Any:
        heard = asyncio.ensure_future(self._receive())
        over = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait({heard, over}, return_when=asyncio.FIRST_COMPLETED)
            if heard.done():
                return heard.result()
            return {"type": "websocket.disconnect", "code": MAINTENANCE}
        finally:
            heard.cancel()
            over.cancel()

    async def send(self, message: Any) -> None:
        if self._is_closed:
            return
        self._is_accepted |= message["type"] == "websocket.accept"
        self._is_closed = message["type"] == "websocket.close"
        await self._send(message)


async def _turn_away(note: Maintenance, send: Any) -> None:
    headers = [(b"retry-after", str(note.retry_after).encode())]
    status = HTTPStatus.SERVICE_UNAVAILABLE
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b""})
