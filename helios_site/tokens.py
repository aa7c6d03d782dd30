"""Bearer tokens of programs, over REST and WebSockets: `Authorization: Bearer helios_...`."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from helios_site.models import ApiToken

USE_IS_NOTED = timedelta(minutes=1)  # not at each request: that would be a write for each read
Application = Callable[[dict[str, Any], Any, Any], Awaitable[Any]]


class BearerToken(TokenAuthentication):
    """Knox's token authentication; a token that only reads changes nothing.

    It is decided here and not by a permission: an endpoint with permissions of its own would
    forget it.
    """

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        reads = found is not None and found[1].scope == ApiToken.Scope.READ
        if reads and request.method not in SAFE_METHODS:
            raise PermissionDenied("This token only reads. Make one with the scope write.")
        return found

    def authenticate_credentials(self, token: bytes) -> Any:
        if not token.isascii():  # knox would answer 500
            raise AuthenticationFailed("Invalid token.")
        user, row = super().authenticate_credentials(token)
        note_use(row)
        return user, row


def note_use(token: ApiToken) -> None:
    """Remember when a token was last used, to the minute."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > USE_IS_NOTED:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


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
