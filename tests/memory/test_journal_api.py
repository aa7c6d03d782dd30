"""REST reads of the journal: every filter of the contract, paging, and refusals."""

import json
from datetime import UTC, datetime

import pytest
import time_machine
from rest_framework.test import APIClient

from memory import services


@pytest.fixture
def story(db: None) -> None:
    """Five entries over three days, about two models and one session."""
    days = [datetime(2026, 11, day, 12, tzinfo=UTC) for day in (1, 1, 2, 3, 3)]
    start = {"epochs": 30, "dataset": "powerball"}
    end = {"epochs": 30, "best_epoch": 7, "best_gain": -0.0019, "seconds": 190}
    failure = {"code": "diverged", "message": "the loss is not finite"}
    told = [
        {"event_type": "signed_in", "actor": "alice", "metadata": {"method": "link"}},
        {"event_type": "training_start", "model_name": "sun", "session_id": 1, "metadata": start},
        {"event_type": "training_end", "model_name": "sun", "session_id": 1, "metadata": end},
        {"event_type": "training_start", "model_name": "moon", "session_id": 2, "metadata": start},
        {"event_type": "training_failed", "model_name": "moon", "session_id": 2,
         "metadata": failure},
    ]  # fmt: skip
    for day, event in zip(days, told, strict=True):
        with time_machine.travel(day, tick=False):
            services.append(**event)


def ids(api: APIClient, query: str) -> list[int]:
    answer = api.get(f"/api/journal{query}")
    assert answer.status_code == 200, answer.content
    return [entry["id"] for entry in answer.json()["entries"]]


def test_an_entry_has_the_fields_of_the_contract(api: APIClient, story: None) -> None:
    answer = api.get("/api/journal?modelName=sun&limit=1").json()
    (entry,) = answer.pop("entries")
    assert answer == {"total": 2, "limit": 1, "offset": 0, "until": 5}
    assert entry == {
        "id": 3,
        "modelName": "sun",
        "eventType": "training_end",
        "timestamp": "2026-11-02T12:00:00.000000Z",
        "metadata": {"best_epoch": 7, "best_gain": -0.0019, "epochs": 30, "seconds": 190},
        "actor": "system",
        "level": "info",
        "sessionId": 1,
        "reason": "",
        "sentence": "sun finished after 30 epochs: best validation gain \N{MINUS SIGN}0.0019 bits "
        "at epoch 7, 3 min 10 s.",
        "archived": False,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("?modelName=moon", [5, 4]),
        ("/moon", [5, 4]),
        ("/moon?modelName=sun", [5, 4]),
        ("/nobody", []),
        ("?eventType=training_start", [4, 2]),
        ("?eventType=training_start,training_end", [4, 3, 2]),
        ("?eventType=training_start&eventType=training_end", [4, 3, 2]),
        ("?modelName=sun&eventType=training_start", [2]),
        ("?level=error", [5]),
        ("?actor=alice", [1]),
        ("?sessionId=1", [3, 2]),
        ("?startDate=2026-11-03", [5, 4]),
        ("?endDate=2026-11-02", [3, 2, 1]),
        ("?endDate=2026-11-02T12:00:00Z", [2, 1]),
        ("?startDate=2026-11-02T13:00:00%2B01:00&endDate=2026-11-02", [3]),
        ("?q=FINITE+loss", [5]),
        ("?q=powerball", [4, 2]),
        ("?q=training_end", [3]),
        ("?q=train%25", [5, 4, 3, 2]),
        ("?until=3", [3, 2, 1]),
        ("?limit=2&offset=1", [4, 3]),
        ("?limit=2&before=4", [3, 2]),
        ("?limit=2&after=1", [3, 2]),
        ("?offset=1000000", []),
    ],
)
def test_filters_and_pages(
    api: APIClient, story: None, query: str, expected: list[int]
) -> None:
    assert ids(api, query) == expected


def test_pages_stay_put_while_entries_arrive(api: APIClient, story: None) -> None:
    first = api.get("/api/journal?limit=2").json()
    services.append(event_type="signed_in", actor="bob")
    second = api.get(f"/api/journal?limit=2&offset=2&until={first['until']}").json()
    seen = [entry["id"] for page in (first, second) for entry in page["entries"]]
    assert seen == [5, 4, 3, 2]
    assert (first["total"], second["total"]) == (5, 5)
    assert api.get("/api/journal").json()["total"] == 6


def test_the_summary_counts_by_facet_and_day(api: APIClient, story: None) -> None:
    query = "modelName=sun&eventType=training_end&startDate=2026-11-01&endDate=2026-11-03"
    answer = api.get(f"/api/journal/summary?{query}").json()
    assert answer["total"] == 1
    assert answer["eventTypes"] == {"training_start": 1, "training_end": 1}
    assert answer["models"] == {"sun": 1}
    assert answer["levels"] == {"info": 1}
    assert [day["count"] for day in answer["days"]] == [0, 1, 0]


BAD = {
    "limit=0": "limit",
    "limit=-1": "limit",
    "limit=abc": "limit",
    "limit=1001": "limit",
    f"limit={10**21}": "limit",
    "limit=" + "9" * 5000: "limit",
    "limit=%D9%A3": "limit",
    "offset=-1": "offset",
    f"offset={10**21}": "offset",
    "offset=0&before=3": "offset",
    "before=x": "before",
    f"before={2**63}": "before",
    "until=1.5": "until",
    f"sessionId={2**70}": "sessionId",
    "sessionId=true": "sessionId",
    "eventType=party": "eventType",
    "level=fatal": "level",
    "startDate=yesterday": "startDate",
    "startDate=0001-01-01T00:00:00%2B14:00": "startDate",
    "endDate=9999-12-31": "endDate",
    "startDate=2026-11-03&endDate=2026-11-01": "endDate",
    "modelName=" + "a" * 81: "modelName",
    "modelName=a%00b": "modelName",
    "actor=" + "a" * 100_000: "actor",
    "q=" + "a" * 100_000: "q",
    "q=" + "+".join("abcdefghijklmnopq"): "q",
    "q=%25": "q",
    "q=%00": "q",
}


@pytest.mark.parametrize(("query", "field"), BAD.items(), ids=[query[:40] for query in BAD])
def test_a_bad_value_is_named(api: APIClient, story: None, query: str, field: str) -> None:
    answer = api.get(f"/api/journal?{query}")
    assert answer.status_code == 400
    assert answer.json()["status"] == "error"
    assert list(answer.json()["fields"]) == [field]


@pytest.mark.parametrize(
    "name", ["a" * 300, "x%00y", "%2e%2e%2fetc", "'; DROP TABLE x", "a%;_"]
)
def test_odd_model_names_are_harmless(api: APIClient, story: None, name: str) -> None:
    assert api.get(f"/api/journal/{name}").status_code in {200, 400, 404}


def test_the_number_of_queries_does_not_grow(
    api: APIClient, story: None, django_assert_max_num_queries
) -> None:
    for number in range(50):
        services.append(event_type="note_added", actor="bob", metadata={"text": str(number)})
    with django_assert_max_num_queries(10):
        assert len(ids(api, "?limit=55")) == 55


def test_strangers_read_nothing(db: None) -> None:
    for path in ("", "/sun", "/summary", "/integrity", ".csv", ".jsonl"):
        assert APIClient().get(f"/api/journal{path}").status_code == 401


def test_the_journal_is_not_written_through_reading_doors(api: APIClient, story: None) -> None:
    for method in (api.post, api.put, api.patch, api.delete):
        for path in ("/api/journal", "/api/journal/sun", "/api/journal.csv"):
            assert method(path, {}, format="json").status_code == 405


def test_downloads_hold_every_matching_entry(api: APIClient, story: None) -> None:
    answer = api.get("/api/journal.jsonl?modelName=sun", HTTP_ACCEPT="application/jsonl")
    rows = [json.loads(line) for line in answer.getvalue().decode().splitlines()]
    assert rows == api.get("/api/journal?modelName=sun").json()["entries"]
    assert answer["Content-Disposition"] == 'attachment; filename="journal.jsonl"'
    answer = api.get("/api/journal.csv?limit=1")
    assert len(answer.getvalue().decode().splitlines()) == 6
    assert api.get("/api/journal.csv?level=fatal", HTTP_ACCEPT="text/csv").status_code == 400
