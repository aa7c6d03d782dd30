"""No request body is longer than its address allows, whatever its headers say.

Django stores a whole body before any view or parser sees it. Here the length that is announced is
refused at once, and one that is not announced, or lied about, is counted as it arrives.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class BodyLimit:
    """An ASGI application whose bodies have at most `usual` bytes, or `larger[path]`."""

    def __init__(self, application: Application, usual: int, larger: Mapping[str, int]) -> None:
        self.application = application
        self.usual = usual
        self.larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = self.larger.get(scope["path"], self.usual)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or len(announced) > 18 or int(announced) > limit:
            await _refuse(send, limit)
            return
        counted = _Counted(receive, send, limit)
        await self.application(scope, counted.receive, counted.send)
        if counted.is_over and not counted.has_answered:
            await _refuse(send, limit)


class _Counted:
    """A request whose body ends as if the client had gone once it is too long."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive = receive
        self._send = send
        self._left = limit
        self.has_answered = False

    @property
    def is_over(self) -> bool:
        return self._left < 0

    async def receive(self) -> Message:
        if self.is_over:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.is_over else message

    async def send(self, message: Message) -> None:
        self.has_answered = True
        await self._send(message)


async def _refuse(send: Send, limit: int) -> None:
    """413 in the form of every other error; the connection is not used again."""
    text = f"The body is larger than the {limit:,} bytes that are read here."
    body = json.dumps({"status": "error", "code": "too_large", "message": text}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
