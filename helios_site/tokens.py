"""Bearer tokens of programs, over REST and WebSockets: `Authorization: Bearer helios_...`."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

Application = Callable[[dict[str, Any], Any, Any], Awaitable[Any]]


class BearerToken(TokenAuthentication):
    """Knox's token authentication, which answers 500 to a token that is not text."""

    def authenticate_credentials(self, token: bytes) -> Any:
        if not token.isascii():
            raise AuthenticationFailed("Invalid token.")
        return super().authenticate_credentials(token)


class TokenUser:
    """Give a WebSocket whose handshake carries a token that token's user, or nobody.

    A token decides alone: it is not added to what a cookie allows.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        header = dict(scope["headers"]).get(b"authorization")
        if header is not None:
            scope = {**scope, "user": await user_of(header)}
        return await self.application(scope, receive, send)


@database_sync_to_async
def user_of(header: bytes) -> Any:
    """The user of an `Authorization` header, or AnonymousUser."""
    scheme, _, token = header.partition(b" ")
    if scheme.lower() != b"bearer":
        return AnonymousUser()
    try:
        user, _ = BearerToken().authenticate_credentials(token.strip())
    except AuthenticationFailed:
        return AnonymousUser()
    return user
