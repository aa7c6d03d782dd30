"""Requests visit one thread, which keeps its connection for the next one."""

import asyncio
import shutil
from pathlib import Path

import pytest
from asgiref.testing import ApplicationCommunicator
from django.db import connection, connections

from helios_site import handler
from helios_site.handler import Pages

SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/api/models",
    "query_string": b"",
    # A token that has to be looked up.
    "headers": [(b"host", b"localhost"), (b"authorization", b"Bearer helios_" + b"0" * 64)],
}
REFUSED = 401


@pytest.fixture
def pages(transactional_db):
    """The handler; its threads are gone afterwards, with their connections."""
    pages = Pages()
    yield pages
    for thread in pages.idle:
        thread.submit(connections.close_all).result()
        thread.shutdown()


def ask(pages: Pages, *scopes: dict) -> list[int]:
    """The statuses of answers to requests that come at the same time."""

    async def one(scope: dict) -> int:
        line = ApplicationCommunicator(pages, scope)
        await line.send_input({"type": "http.request", "body": b""})
        status = (await line.receive_output(10))["status"]
        await line.receive_output(10)
        await line.wait()
        return status

    async def all_of_them() -> list[int]:
        return await asyncio.gather(*map(one, scopes))

    return asyncio.run(all_of_them())


def opened(pages: Pages) -> object:
    """The connection that the thread waiting longest holds."""
    return pages.idle[0].submit(lambda: connection.connection).result()


def test_the_next_request_finds_thread_and_connection_ready(pages):
    assert ask(pages, SCOPE) == [REFUSED]
    first = opened(pages)
    assert first is not None
    assert ask(pages, SCOPE) == [REFUSED]
    assert (len(pages.idle), opened(pages)) == (1, first)


def test_a_crowd_is_served_at_once_and_not_kept(pages, monkeypatch):
    monkeypatch.setattr(handler, "KEPT", 2)
    assert ask(pages, *[SCOPE] * 5) == [REFUSED] * 5
    assert len(pages.idle) == 2


def test_a_database_file_that_was_replaced_is_opened_anew(pages):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no file of ours")
    ask(pages, SCOPE)
    first, path = opened(pages), Path(connection.settings_dict["NAME"])
    shutil.copy(path, path.with_suffix(".copy"))
    path.with_suffix(".copy").replace(path)
    assert ask(pages, SCOPE) == [REFUSED]
    assert opened(pages) is not first
