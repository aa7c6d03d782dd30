"""A WebSocket outlives the moment it was let in: asking again who is there, and whether anybody is."""

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from channels.auth import get_user
from django.conf import settings
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from helios_site.tokens import user_of

Application = Callable[[dict[str, Any], Any, Any], Awaitable[Any]]
SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


class StillWelcome:
    """Give a WebSocket `still_welcome`: whether its cookie or token would be let in now.

    False after a sign-out, a changed password, a deactivated user or a revoked token.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        header = dict(scope["headers"]).get(b"authorization")
        key = scope["session"].session_key

        async def still_welcome() -> bool:
            if header is not None:
                user = await user_of(header)
            else:
                user = await get_user({"session": SessionStore(key)})
            return bool(user.is_authenticated)

        return await self.application({**scope, "still_welcome": still_welcome}, receive, send)


class ImpatientProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, which lets go of a client that has stopped reading.

    After an unanswered ping uvicorn closes the transport, and that waits for the client to read
    what is still to be sent. One that never reads would keep its connection, its task and some
    300 kB as long as it likes.
    """

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()
