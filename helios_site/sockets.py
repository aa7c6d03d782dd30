"""What every WebSocket needs around it: who is there, whether anybody is, and can one ask."""

import logging
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from django.conf import settings
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from helios_site.errors import AWAY, RETRY_AFTER
from helios_site.middleware import display_of
from helios_site.policy import may_listen
from helios_site.preferences import preferences_of
from helios_site.tokens import user_of
from memory.display import Display

log = logging.getLogger("helios.site")
HEADERS = [(b"retry-after", RETRY_AFTER.encode())]
Application = Callable[[dict[str, Any], Any, Any], Awaitable[Any]]
SHARED_SECONDS = 4.0  # with the consumers' 25 s less than the promised 30
MOST_ANSWERS = 1000
SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


class StillWelcome:
    """Give a WebSocket `still_welcome`: whether its cookie or token would be let in now.

    And `is_visitor`: whether it is open to a stranger who brings neither.

    False after a sign-out, a changed password, a deactivated user or a revoked token. Windows
    and programs with the same credential share an answer for a few seconds.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        self._answers: dict[object, tuple[float, bool]] = {}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        header = dict(scope["headers"]).get(b"authorization")
        key = scope["session"].session_key
        is_stranger = header is None and not scope["user"].is_authenticated
        is_visitor = is_stranger and may_listen(scope["path"])

        async def still_welcome() -> bool:
            if is_visitor:
                return True
            at, answer = self._answers.get(header or key, (0.0, False))
            if time.monotonic() - at > SHARED_SECONDS:
                answer = await _is_welcome(header, key)
                self._remember(header or key, answer)
            return answer

        given = {"still_welcome": still_welcome, "is_visitor": is_visitor}
        return await self.application({**scope, **given}, receive, send)

    def _remember(self, credential: object, answer: bool) -> None:
        if len(self._answers) >= MOST_ANSWERS:
            self._answers.clear()
        self._answers[credential] = (time.monotonic(), answer)


async def _is_welcome(header: bytes | None, session_key: str | None) -> bool:
    if header is not None:
        user = await user_of(header)
    else:
        user = await get_user({"session": SessionStore(session_key)})
    return bool(user.is_authenticated)


class AsPreferred:
    """Give a WebSocket `display`: how the pages of its user write numbers and times."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        async def display() -> Display:
            chosen = await database_sync_to_async(preferences_of)(scope["user"])
            return display_of(chosen, scope["cookies"])

        return await self.application({**scope, "display": display}, receive, send)


class ImpatientProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, which lets go of a client that has stopped reading.

    After an unanswered ping uvicorn closes the transport, and that waits for the client to read
    what is still to be sent. One that never reads would keep its connection, its task and some
    300 kB as long as it likes.
    """

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()


class ComeAgain:
    """Answer a handshake with 503 while the database, which knows who comes, does not answer."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        try:
            return await self.application(scope, receive, send)
        except AWAY as error:
            log.warning("A WebSocket is turned away: %s", error)
        await send({"type": "websocket.http.response.start", "status": 503, "headers": HEADERS})
        return await send({"type": "websocket.http.response.body", "body": b""})
