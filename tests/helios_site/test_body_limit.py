"""A body is as long as its address allows, whatever its headers say."""

import asyncio

import pytest

from helios_site.body_limit import BodyLimit

LARGER = {"/upload": 30}


def ask(path: str, chunks: list[bytes], announced: bytes | None = None) -> tuple[int, int]:
    """The status of the answer, and how many bytes the application was given."""
    given, sent, left = [], [], list(chunks)

    async def receive():
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message):
        sent.append(message)

    async def application(scope, receive, send):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            given.append(message["body"])
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})

    headers = [] if announced is None else [(b"content-length", announced)]
    scope = {"type": "http", "path": path, "headers": headers}
    asyncio.run(BodyLimit(application, 10, LARGER)(scope, receive, send))
    return sent[0]["status"], sum(map(len, given))


@pytest.mark.parametrize("announced", [None, b"10", b"3"])
def test_a_body_within_the_limit_passes(announced):
    assert ask("/", [b"12345", b"67890"], announced) == (200, 10)


@pytest.mark.parametrize("announced", [b"11", b"-1", b"x", b"9" * 50])
def test_a_body_that_announces_too_much_is_not_read(announced):
    assert ask("/", [b"x" * 50], announced) == (413, 0)


@pytest.mark.parametrize("announced", [None, b"5"])
def test_a_body_that_says_nothing_or_lies_is_counted(announced):
    assert ask("/", [b"12345", b"67890", b"1"], announced) == (413, 10)


def test_an_upload_may_be_larger():
    assert ask("/upload", [b"x" * 30]) == (200, 30)
    assert ask("/upload", [b"x" * 31]) == (413, 0)
