"""Whoever listens, whenever and however slowly, hears every epoch exactly once."""

import json
import time

from training import messages, snapshots
from training.models import TrainingSession

from .conftest import numbers, train


def test_a_client_hears_epochs_as_they_are_committed(session, listen):
    client = listen(f"/ws/api/sessions/{session.pk}/")
    first = json.loads(client.recv(timeout=5))
    assert first["sessionId"] == session.pk
    assert (first["state"], first["epochs"], first["currentEpoch"]) == ("training", [], 0)
    train(session, 1)
    second = json.loads(client.recv(timeout=5))
    assert second["currentEpoch"] == 1
    assert second["epochs"][0] == {
        "number": 1,
        "trainBits": 28.099999,
        "valBits": 28.12,
        "gain": 0.002388,
        "learningRate": 0.001,
        "gradNorm": 1.5,
        "seconds": 0.01,
        "best": False,
        "hits": None,
        "memoryBytes": None,
    }


def test_a_late_client_hears_all_epochs_once(session, listen, elsewhere):
    train(session, 700)  # more than the hub keeps in memory
    elsewhere(lambda: [train(session, 1) for _ in range(30)])
    client = listen(f"/ws/api/sessions/{session.pk}/")
    assert numbers(client, 730) == list(range(1, 731))


def test_a_client_goes_on_where_it_was(session, listen, elsewhere):
    train(session, 10)
    heard = numbers(listen(f"/ws/api/sessions/{session.pk}/"), 10)
    train(session, 5)
    again = listen(f"/ws/api/sessions/{session.pk}/?after={heard[-1]}")
    assert heard + numbers(again, 15) == list(range(1, 16))


def test_a_long_history_comes_in_several_messages(session, listen, monkeypatch):
    monkeypatch.setattr(snapshots, "BATCH", 100)
    train(session, 1050, state=TrainingSession.State.COMPLETED)
    client = listen(f"/ws/api/sessions/{session.pk}/")
    heard = [json.loads(text) for text in client]
    assert [row["number"] for each in heard for row in each["epochs"]] == list(range(1, 1051))
    # who stops at the first "completed" has not missed anything
    assert {each["state"] for each in heard if each["more"]} == {"training"}
    assert (heard[-1]["state"], heard[-1]["more"]) == ("completed", False)


def test_a_restarted_server_loses_and_doubles_nothing(server, session, listen, elsewhere):
    elsewhere(lambda: [(train(session, 1), time.sleep(0.02)) for _ in range(60)])
    heard = numbers(listen(f"/ws/api/sessions/{session.pk}/"), 15)
    server.stop()
    time.sleep(0.2)
    server.start()
    again = listen(f"/ws/api/sessions/{session.pk}/?after={heard[-1]}")
    assert heard + numbers(again, 60) == list(range(1, 61))


def test_many_clients_with_cursors_of_their_own_hear_their_own_rest(session, listen):
    train(session, 40)
    clients = {
        after: listen(f"/ws/api/sessions/{session.pk}/?after={after}")
        for after in range(0, 40, 5)
    }
    train(session, 3)
    for after, client in clients.items():
        assert numbers(client, 43) == list(range(after + 1, 44))


def test_numbers_that_json_cannot_say_are_null():
    assert messages._finite({"a": [float("nan"), 1.0], "b": float("inf")}) == {
        "a": [None, 1.0],
        "b": None,
    }
