"""The hub lives in its event loop and thread, and survives what happens to either."""

import asyncio
import json
from contextlib import aclosing

import pytest
from django.db import OperationalError
from websockets.exceptions import ConnectionClosedError

from training import consumers, live
from training.messages import JsonSession
from training.snapshots import look

from .conftest import numbers, train


def test_every_event_loop_has_a_hub_of_its_own(session):
    train(session, 2)

    async def first_message() -> str:
        async with aclosing(live.hub().follow(session.pk, JsonSession(), 0)) as messages:
            return await anext(messages)

    for _ in range(3):
        assert len(json.loads(asyncio.run(first_message()))["epochs"]) == 2


def test_a_key_without_a_session_is_gone(transactional_db):
    async def follow() -> None:
        async with aclosing(live.hub().follow(12345, JsonSession(), 0)) as messages:
            await anext(messages)

    with pytest.raises(live.Gone):
        asyncio.run(follow())


def test_a_database_that_is_away_is_asked_again(session, listen, monkeypatch):
    answers = iter([OperationalError("the disk is gone")])

    def look_later(keys, seen):
        for error in answers:
            raise error
        return look(keys, seen)

    monkeypatch.setattr(live, "look", look_later)
    train(session, 1)
    assert numbers(listen(f"/ws/api/sessions/{session.pk}/"), 1) == [1]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_broken_hub_sends_its_clients_to_a_new_one(session, listen, monkeypatch):
    client = listen(f"/ws/api/sessions/{session.pk}/")
    client.recv(timeout=5)

    def break_down(keys, seen):
        raise ValueError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(live, "look", break_down)
        train(session, 1)
        with pytest.raises(ConnectionClosedError) as closed:
            client.recv(timeout=5)
    assert closed.value.rcvd.code == consumers.COME_AGAIN
    assert numbers(listen(f"/ws/api/sessions/{session.pk}/"), 1) == [1]


def test_a_message_that_cannot_be_made_does_not_leave_a_silent_socket(
    session, listen, monkeypatch
):
    client = listen(f"/ws/api/sessions/{session.pk}/")
    client.recv(timeout=5)
    monkeypatch.setattr(JsonSession, "say", lambda *rest: 1 / 0)
    train(session, 1)
    with pytest.raises(ConnectionClosedError) as closed:
        client.recv(timeout=5)
    assert closed.value.rcvd.code == consumers.COME_AGAIN
