"""Notes are the only entries that a caller writes in full: everything about them is checked."""

import json

import pytest
from rest_framework.test import APIClient

from memory.models import JournalEntry


def post(api: APIClient, body: object) -> object:
    return api.post("/api/journal/notes", body, format="json")


def test_a_note_becomes_an_entry(api: APIClient) -> None:
    first = post(api, {"text": "  The drum was changed.\r\n"})
    answer = post(api, {"text": "See that.", "modelName": "sun", "sessionId": 4, "entryId": 1})
    assert (first.status_code, answer.status_code) == (201, 201)
    assert first.json()["metadata"] == {"text": "The drum was changed."}
    entry = JournalEntry.objects.get(seq=2)
    assert (entry.event_type, entry.actor) == ("note_added", "alice")
    assert (entry.model_name, entry.session_id) == ("sun", 4)
    assert entry.metadata == {"text": "See that.", "entry": 1}
    assert answer.json()["sentence"] == "alice noted: See that."


BAD = [
    ({}, "text"),
    ({"text": "   "}, "text"),
    ({"text": 7}, "text"),
    ({"text": ["x"]}, "text"),
    ({"text": "x" * 10_001}, "text"),
    ({"text": "x", "modelName": "m" * 81}, "modelName"),
    ({"text": "x", "modelName": 5}, "modelName"),
    ({"text": "x", "sessionId": "4"}, "sessionId"),
    ({"text": "x", "sessionId": True}, "sessionId"),
    ({"text": "x", "sessionId": 2**63}, "sessionId"),
    ({"text": "x", "entryId": 1}, "entryId"),
    ({"text": "x", "entryId": 0}, "entryId"),
]


@pytest.mark.parametrize(("body", "field"), BAD)
def test_a_bad_note_is_refused_by_field(api: APIClient, body: dict, field: str) -> None:
    answer = post(api, body)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert not JournalEntry.objects.exists()


BODIES = {
    "empty": b"",
    "not json": b"{",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "utf-16": '{"text":"x"}'.encode("utf-16"),
    "bad utf-8": b'{"text":"\xff"}',
    "deep": b"[" * 100_000,
    "deep text": b'{"text":' * 50 + b"1" + b"}" * 50,
    "lone surrogate": b'{"text":"\\ud800"}',
    "lone surrogate key": b'{"text":"x","\\ud800":1}',
    "nul": b'{"text":"\\u0000"}',
    "nul model": b'{"text":"x","modelName":"\\u0000"}',
    "nan": b'{"text":"x","sessionId":NaN}',
    "huge": b'{"text":"' + b"x" * 2_000_000 + b'"}',
    "5000 digits": b'{"text":"x","sessionId":' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_cannot_be_read_is_refused(api: APIClient, body: bytes) -> None:
    answer = api.post("/api/journal/notes", body, content_type="application/json")
    assert answer.status_code in {400, 413}
    assert answer.json()["status"] == "error"
    assert api.get("/api/journal").json()["total"] == 0


def test_other_content_types_are_refused(api: APIClient) -> None:
    answer = api.post("/api/journal/notes", "text=x", content_type="text/plain")
    assert answer.status_code == 415


def test_a_byte_order_mark_is_no_obstacle(api: APIClient) -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"text": "x"}).encode()
    answer = api.post("/api/journal/notes", body, content_type="application/json")
    assert answer.status_code == 201


def test_a_caller_cannot_choose_what_helios_writes(api: APIClient) -> None:
    forged = {"actor": "bob", "eventType": "training_end", "id": 7, "level": "error", "seq": 9}
    entry = post(api, {"text": "x", **forged}).json()
    assert (entry["id"], entry["actor"], entry["level"]) == (1, "alice", "info")
    assert entry["eventType"] == "note_added"


def test_markup_and_formulas_in_a_note_stay_text(api: APIClient) -> None:
    post(api, {"text": "<script>alert(1)</script>", "modelName": "=1+1"})
    assert api.get("/api/journal").json()["entries"][0]["modelName"] == "=1+1"
    line = api.get("/api/journal.csv").getvalue().decode().splitlines()[1]
    assert line.startswith("1,'=1+1,note_added,")


def test_strangers_add_nothing(db: None) -> None:
    assert post(APIClient(), {"text": "x"}).status_code == 401
