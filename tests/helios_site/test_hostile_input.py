"""Hostile input at every address of the API: never a server error, nothing changed (IN-*).

The addresses come from the description that the API publishes: a new one is asked as well.
"""

import itertools
import json
import logging.config
import socket
import time
from typing import Any

import pytest
from django.conf import settings as site
from drf_spectacular.generators import SchemaGenerator

from memory.models import JournalEntry
from registry.models import ModelArtifact, RegisteredModel
from tests.helios_site.test_api_description import PATHS
from tests.training.conftest import drum, start  # noqa: F401 - the small drum and its sessions
from training.models import Dataset, TrainingSession
from training.tasks import run_slice

MOST_ROWS = 1000
LARGE = "9" * 5000  # digits: too many for Python's own int()


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """(method, address with names that exist, description) of everything there is."""
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    known = {name: values[0] for name, values in PATHS.items()}
    return [
        (method, path.format(**known), about)
        for path, methods in paths.items()
        for method, about in methods.items()
    ]


def queried(kind: str) -> list[tuple[str, str]]:
    """(address, parameter) of every query parameter of a type."""
    return [
        (address, parameter["name"])
        for method, address, about in operations()
        for parameter in about.get("parameters", ())
        if method == "get"
        and parameter["in"] == "query"
        and parameter["schema"]["type"] == kind
    ]


def writing() -> list[tuple[str, str]]:
    """(method, address) of everything that takes a body."""
    return [(m, address) for m, address, _ in operations() if m in ("post", "put", "patch")]


@pytest.fixture
def sun(start, settings) -> TrainingSession:  # noqa: F811
    """A session with a model."""
    settings.HELIOS_DRAWS_URL = "http://127.0.0.1:1"
    session = start("sun")
    run_slice(session.pk)
    return session


def rows_in(answer: Any) -> int:
    """The longest list of an answer."""
    if answer.streaming or "json" not in answer.get("Content-Type", ""):
        return 0
    found = answer.json()
    lists = found.values() if isinstance(found, dict) else [found]
    return max((len(value) for value in lists if isinstance(value, list)), default=0)


NUMBERS = ("-1", "0", "abc", "1000000", "9" * 21, LARGE, "1.5", "\u0663")


def test_a_number_out_of_range_is_clamped_or_refused(api, sun):
    asked = queried("integer")
    assert len(asked) > 20
    for (address, name), value in itertools.product(asked, NUMBERS):
        answer = api.get(address, {name: value})
        assert answer.status_code in (200, 400, 404), (address, name, answer.status_code)
        assert rows_in(answer) <= MOST_ROWS


@pytest.mark.parametrize(
    "text", ["(a+)+" * 20_000, "\u0301" * 50_000, '"%' * 50_000], ids=["a", "accents", "quotes"]
)
def test_a_filter_is_quick_whatever_it_is_asked_for(api, sun, text):
    asked = queried("string")
    assert len(asked) > 25
    for address, name in asked:
        began = time.perf_counter()
        answer = api.get(address, {name: text})
        assert answer.status_code < 500, (address, name)
        assert time.perf_counter() - began < SECONDS, (address, name)


SECONDS = 2.0  # of a request; 1 s on a machine that does nothing else
BODIES = {
    "empty": b"",
    "torn": b'{"a": ',
    "list": b"[1]",
    "text": b'"x"',
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "bad utf-8": b'{"a": "\xff\xfe"}',
    "deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 50_000,
    "nan": b'{"epochs": NaN}',
    "infinite": b'{"learningRate": Infinity}',
    "many digits": b'{"epochs": ' + LARGE.encode() + b"}",
    "surrogate": b'{"text": "\\ud800", "modelName": "\\udfff"}',
    "nul": b'{"text": "\\u0000", "modelName": "a\\u0000b"}',
    "large": b'{"a": "' + b"x" * 1_100_000 + b'"}',
}
# Addresses that need no body do their work whatever is sent along.
BODILESS = (200, 201, 202, 204, 400, 404, 409, 413, 415, 502, 503)


def test_a_body_that_cannot_be_read_is_refused_everywhere(api, sun):
    for (method, address), body in itertools.product(writing(), BODIES):
        answer = api.generic(method.upper(), address, BODIES[body], "application/json")
        assert answer.status_code in BODILESS, (address, body, answer.status_code)
        if answer.status_code >= 400:
            assert answer.json()["status"] == "error"
            assert answer.json()["requestId"]
    for address in ("/api/models", "/api/train/history", "/api/journal", "/api/draws"):
        assert api.get(address).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "image/png"])
def test_a_body_of_another_type_is_refused(api, sun, kind):
    for method, address in writing():
        answer = api.generic(method.upper(), address, b"x=1", kind)
        assert answer.status_code in BODILESS, (address, answer.status_code)
    body = {"modelName": "moon", "dataSource": "drum"}
    answer = api.generic("POST", "/api/train/start", json.dumps(body).encode(), kind)
    assert answer.status_code == 415


def test_a_byte_order_mark_is_no_reason_to_refuse(api, sun):
    body = b"\xef\xbb\xbf" + json.dumps({"sessionId": sun.pk}).encode()
    answer = api.generic("POST", "/api/train/pause", body, "application/json")
    assert answer.json()["code"] == "illegal_transition"


OWNED = {
    "id": 77,
    "pk": 77,
    "status": "loaded",
    "state": "completed",
    "owner": "bob",
    "actor": "bob",
    "createdBy": "bob",
    "createdAt": "2000-01-01T00:00:00Z",
    "isStaff": True,
    "is_superuser": True,
    "path": "/etc/passwd",
    "folder": "../../etc",
    "sha256": "0" * 64,
    "weightsSha256": "0" * 64,
    "token": 9,
    "leaseOwner": "bob:1",
    "currentEpoch": 99,
    "testGain": 9.9,
}
# What each of these addresses is meant to be told.
MEANT = {
    ("post", "/api/train/start"): {"modelName": "moon", "dataSource": "drum", "epochs": 1},
    ("post", "/api/train/estimate"): {"dataSource": "drum"},
    ("post", "/api/draws/simulate"): {"name": "fair", "draws": 30},
    ("post", "/api/journal/notes"): {"text": "a note"},
    ("post", "/api/models/load"): {"modelName": "sun"},
    ("patch", "/api/models/sun"): {"description": "words"},
    ("patch", "/api/models/sun/versions/1"): {"notes": "words"},
    ("put", "/api/models/sun/aliases/champion"): {"version": 1},
}


def written_by_the_machine() -> list[Any]:
    """The columns that no body may set."""
    return [
        list(RegisteredModel.objects.values("pk", "number", "created_by", "created_at")),
        list(
            ModelArtifact.objects.values(
                "pk", "status", "folder", "weights_sha256", "test_gain"
            )
        ),
        list(TrainingSession.objects.values("pk", "state", "actor", "token", "current_epoch")),
        list(Dataset.objects.values("pk", "kind", "created_by", "fingerprint")),
        list(JournalEntry.objects.exclude(actor__in=("alice", "system", "command")).values()),
    ]


def test_nobody_assigns_what_the_machine_writes_anywhere(api, alice, sun):
    before = written_by_the_machine()
    for (method, address), name in itertools.product(writing(), OWNED):
        body = {**MEANT.get((method, address), {}), name: OWNED[name]}
        answer = getattr(api, method)(address, body, format="json")
        assert answer.status_code in BODILESS, (address, answer.status_code)
    found = written_by_the_machine()
    for old, new in zip(before, found, strict=True):
        kept = {row["pk"] for row in old if "pk" in row}
        assert [row for row in new if row.get("pk") in kept] == old
        fresh = [row for row in new if row.get("pk") not in kept]
        assert not [row for row in fresh if "bob" in row.values() or "0" * 64 in row.values()]
    alice.refresh_from_db()
    assert (alice.username, alice.is_staff) == ("alice", True)


def test_no_name_of_a_data_source_is_ever_connected_to(api, sun):
    with socket.create_server(("127.0.0.1", 0)) as canary:
        port = canary.getsockname()[1]
        canary.settimeout(0.2)
        for source in (
            f"http://127.0.0.1:{port}/x",
            f"//127.0.0.1:{port}/x",
            "file:///etc/passwd",
        ):
            for address in (
                "train/start",
                "train/estimate",
                "models/sun/predict",
                "jobs",
                "forecasts",
            ):
                body = {"modelName": "sun", "dataSource": source, "kind": "backtest"}
                answer = api.post(f"/api/{address}", body, format="json")
                assert answer.status_code in (400, 404), address
            fetched = api.post("/api/draws/fetch", {"url": source}, format="json")
            assert fetched.status_code == 400
        with pytest.raises(TimeoutError):
            canary.accept()


def test_ten_thousand_parameters_are_refused(api, sun):
    query = "&".join(f"a{number}=1" for number in range(10_000))
    assert api.get(f"/api/models?{query}").status_code == 400


def test_a_message_of_the_log_stays_on_its_line(capsys):
    logging.config.dictConfig(site.LOGGING)
    logging.getLogger("helios.test").warning(
        "asked for %s", "/x\r\n2026-01-01 ERROR forged\x1b[31m"
    )
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "\x1b" not in said
    assert "forged" in said
