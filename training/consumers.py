"""The WebSockets: who may listen is decided before accepting, what is heard is the hub's.

Clients only listen; what they send is ignored. The origin is checked and `scope["user"]`,
`scope["is_visitor"]`, `scope["still_welcome"]` and `scope["display"]` are given by `helios_site` (doorway.py, tokens.py,
sockets.py).
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseProblem

from memory.refusals import Invalid, NotFound, Refusal
from memory.wire import read_count
from training.live import Broken, Gone, Kind, hub
from training.messages import HtmlOverview, HtmlSession, JsonSession
from training.services.sessions import find_session
from training.snapshots import OVERVIEW

log = logging.getLogger("helios.live")
RECHECK_SECONDS = 25.0
MOST_CLIENTS = 2000  # of one process
OVER, SIGNED_OUT, GONE = 1000, 4403, 4404  # a client need not come back
COME_AGAIN = 1012
JSON = JsonSession()  # one for all: programs get UTC and every decimal


class SignInFirst(Refusal):
    """Nobody listens without an account or a token."""

    status = 403
    code = "permission_denied"


class TooMany(Refusal):
    """This process has all the clients it can serve."""

    status = 503
    code = "busy"


class LiveConsumer(AsyncWebsocketConsumer):
    """Sends what the hub says about one key until it is over, gone, or the user is signed out."""

    channel_layer_alias = ""  # none: the hub listens once for all

    async def connect(self) -> None:
        try:
            self.admit()
            key, after = await self.wanted()
        except Refusal as refusal:
            await self.refuse(refusal)
            return
        kind = await self.speech()
        await self.accept()
        self.is_closed = False
        self.tasks = [
            asyncio.create_task(self.tell(key, kind, after)),
            asyncio.create_task(self.watch_the_user()),
        ]

    async def disconnect(self, code: int) -> None:
        self.is_closed = True
        for task in getattr(self, "tasks", ()):
            task.cancel()

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        """Whatever a client says is ignored."""

    def admit(self) -> None:
        """Raise a Refusal for a stranger, or when the house is full."""
        if not (self.scope["user"].is_authenticated or self.scope.get("is_visitor")):
            raise SignInFirst("Sign in, or send a token: `Authorization: Bearer ...`.")
        if hub().clients >= MOST_CLIENTS:
            raise TooMany("Too many live pages are open; try again later.")

    async def wanted(self) -> tuple[int, int]:
        """The hub's key and the client's cursor; raises a Refusal."""
        raise NotImplementedError

    async def speech(self) -> Kind:
        """How this client is spoken to; those of equal kinds share their messages."""
        raise NotImplementedError

    async def tell(self, key: int, kind: Kind, after: int) -> None:
        """Follow the hub to the end, and say by the code why it ended."""
        code = COME_AGAIN  # also after a fault of ours: a silent open socket would be worse
        try:
            async with aclosing(hub().follow(key, kind, after)) as messages:
                async for text in messages:
                    await self.send(text)
            code = OVER
        except Gone:
            code = GONE
        except (Broken, DatabaseProblem) as error:
            log.warning("live clients are sent away to come again: %s", error)
        except OSError:
            self.is_closed = True  # the client has left
        finally:
            await self.leave(code)

    async def leave(self, code: int) -> None:
        """Close, unless somebody did."""
        if not self.is_closed:
            self.is_closed = True
            with suppress(OSError):
                await self.close(code)

    async def watch_the_user(self) -> None:
        """Close soon after the user has signed out, was deactivated or lost the token."""
        welcome = True
        while welcome:
            await asyncio.sleep(RECHECK_SECONDS)
            with suppress(DatabaseProblem):  # it is away: asked again next time
                welcome = await self.scope["still_welcome"]()
        await self.leave(SIGNED_OUT)

    async def refuse(self, refusal: Refusal) -> None:
        """Answer the handshake with the refusal's HTTP status and reason, or with 403."""
        if "websocket.http.response" not in self.scope.get("extensions", {}):
            await self.close()
            return
        body: Mapping[str, Any] = {
            "status": "error",
            "code": refusal.code,
            "message": refusal.message,
        }
        headers = [(b"content-type", b"application/json")]
        start = {"status": refusal.status, "headers": headers}
        await self.base_send({"type": "websocket.http.response.start", **start})
        await self.base_send(
            {"type": "websocket.http.response.body", "body": json.dumps(body).encode()}
        )


class SessionConsumer(LiveConsumer):
    """One session after `?after=N`."""

    async def wanted(self) -> tuple[int, int]:
        query = parse_qs(self.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = query.get("after", ["0"])
        if len(given) != 1:
            raise Invalid(fields={"after": "Must be given once."})
        after = read_count(given[0], "after", low=0, high=2**31)
        session_id = self.scope["url_route"]["kwargs"]["session_id"]
        await database_sync_to_async(find_session)(session_id)
        return session_id, after


class SessionPage(SessionConsumer):
    """HTML fragments for the page of a session."""

    async def speech(self) -> Kind:
        return HtmlSession(await self.scope["display"]())


class SessionFeed(SessionConsumer):
    """JSON for programs."""

    async def speech(self) -> Kind:
        return JSON


class Nowhere(LiveConsumer):
    """An address that is none."""

    async def wanted(self) -> tuple[int, int]:
        raise NotFound("There is nothing here.")


class Overview(LiveConsumer):
    """HTML fragments for the overview."""

    async def speech(self) -> Kind:
        return HtmlOverview(await self.scope["display"]())

    async def wanted(self) -> tuple[int, int]:
        return OVERVIEW, 0
