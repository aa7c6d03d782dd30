"""Start, watch and end a session over REST."""

import pytest

from memory.models import JournalEntry
from registry.models import ModelArtifact
from tests.training.conftest import FEW
from training.models import TrainingSession
from training.tasks import run_slice

START = {"modelName": "first", "dataSource": "drum", "epochs": 3, "hiddenSize": 8, "window": 5}


def test_a_session_goes_from_start_to_a_model(api, drum):
    answer = api.post("/api/train/start", START, format="json")
    assert answer.status_code == 201
    assert answer.json()["status"] == "started"
    run_slice(answer.json()["sessionId"])
    status = api.get("/api/train/status").json()
    assert (status["state"], status["status"]) == ("completed", "completed")
    assert status["currentEpoch"] == status["totalEpochs"] == 3
    assert status["estimatedTimeRemaining"] is None
    artifact = ModelArtifact.objects.get()
    assert (artifact.version, artifact.model.name) == (1, "first")


def test_the_journal_tells_the_start_and_the_end(api, drum):
    session = api.post("/api/train/start", START, format="json").json()["sessionId"]
    run_slice(session)
    events = JournalEntry.objects.order_by("seq").values_list("event_type", flat=True)
    assert list(events) == ["training_start", "model_saved", "training_end"]


def test_every_epoch_is_there_once_and_can_be_read_after_a_number(api, start):
    session = start(epochs=4)
    run_slice(session.pk)
    rows = api.get(f"/api/train/sessions/{session.pk}/epochs?after=1").json()["epochs"]
    assert [row["number"] for row in rows] == [2, 3, 4]
    assert rows[0]["gain"] == pytest.approx(28.122388 - rows[0]["valBits"], abs=1e-6)


def test_the_remaining_time_is_measured_not_guessed(api, start):
    session = start()
    before = api.get("/api/train/status", {"sessionId": session.pk}).json()
    assert before["estimatedTimeRemaining"] is None
    assert before["currentLoss"] is None


def test_history_lists_sessions_newest_first(api, start):
    start("one")
    start("two")
    answer = api.get("/api/train/history?limit=1").json()
    assert answer["total"] == 2
    assert [row["modelName"] for row in answer["sessions"]] == ["two"]


BAD = {
    "epochs": [0, -1, 10**9, 2**63, 2**70, True, "3", 3.7, None, [], "\u0663"],
    "learningRate": [0, -1, "nan", "inf", 1e308, 5e-324, None, True],
    "batchSize": [0, 10**9, "64"],
    "encoder": ["lstm", 1, None],
    "eras": ["2015-10-07", ["1999-01-01"], [1]],
    "dataSource": [
        "",
        None,
        "none",
        "file:///etc/passwd",
        "http://127.0.0.1:1/",
        "//host/share",
        "../../x.csv",
        7,
    ],
    "modelName": ["", None, "../x", "a/b", "x" * 300, "/abs", "a;b", "a#b", "a?b", "..", 5],
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in BAD.items() for value in values]
)
def test_bad_input_names_the_field_and_queues_nothing(api, drum, field, value):
    answer = api.post("/api/train/start", {**START, field: value}, format="json")
    assert answer.status_code == 400, answer.content
    assert field in answer.json()["fields"]
    assert not TrainingSession.objects.exists()
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e400", "9" * 5000])
@pytest.mark.parametrize("field", ["epochs", "learningRate", "seed"])
def test_a_number_that_is_none_is_refused_as_it_stands_in_the_body(api, drum, field, literal):
    body = f'{{"modelName": "first", "dataSource": "drum", "{field}": {literal}}}'
    answer = api.generic("POST", "/api/train/start", body.encode(), "application/json")
    assert answer.status_code == 400
    assert not TrainingSession.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1]",
        b"\xff\xfe{\x00}\x00",
        b'{"epochs": NaN}',
        b"[" * 100_000,
        b'{"a":1e400}',
    ],
)
def test_a_body_that_is_not_a_json_object_is_refused(api, drum, body):
    answer = api.post("/api/train/start", body, content_type="application/json")
    assert answer.status_code in (400, 413)
    assert answer.json()["status"] == "error"
    assert not TrainingSession.objects.exists()


def test_a_learning_rate_too_large_for_a_float_is_refused(api, drum):
    body = b'{"modelName": "first", "dataSource": "drum", "learningRate": 1e400}'
    answer = api.post("/api/train/start", body, content_type="application/json")
    assert answer.status_code == 400
    assert "learningRate" in answer.json()["fields"]


def test_a_second_start_of_a_name_in_training_is_a_conflict(api, drum):
    assert api.post("/api/train/start", START, format="json").status_code == 201
    twin = api.post("/api/train/start", {**START, "modelName": "FIRST"}, format="json")
    assert twin.status_code == 409
    assert TrainingSession.objects.count() == 1


def test_the_same_request_key_starts_one_session(api, drum):
    body = {**START, "requestKey": "k1"}
    first = api.post("/api/train/start", body, format="json").json()
    assert api.post("/api/train/start", body, format="json").json() == first
    assert TrainingSession.objects.count() == 1


def test_a_network_over_the_limit_says_the_numbers(api, drum):
    body = {**START, "hiddenSize": 2048, "layers": 8, "replicas": 256}
    answer = api.post("/api/train/start", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "too_large"
    assert "parameters" in answer.json()["message"]


@pytest.mark.parametrize("field", ["id", "state", "token", "actor", "createdAt", "sessionId"])
def test_nobody_assigns_what_the_machine_writes(api, drum, field):
    answer = api.post("/api/train/start", {**START, field: 1}, format="json")
    assert answer.status_code == 400
    assert not TrainingSession.objects.exists()


@pytest.mark.parametrize("limit", ["-1", "0", "abc", "10000000", "9" * 21, "9" * 5000, "1.5"])
def test_a_page_size_out_of_range_is_refused(api, start, limit):
    assert api.get("/api/train/history", {"limit": limit}).status_code == 400


@pytest.mark.parametrize("pk", [0, -1, 2**70, "1", None, True, 999])
def test_a_session_that_is_not_there_is_a_404(api, drum, pk):
    answer = api.post("/api/train/stop", {"sessionId": pk}, format="json")
    assert answer.status_code == 404


def test_strangers_start_nothing(client, drum):
    answer = client.post("/api/train/start", START, content_type="application/json")
    assert answer.status_code in (401, 403)
    assert not TrainingSession.objects.exists()


def test_the_small_settings_of_these_tests_are_valid(start):
    assert start().config["epochs"] == FEW["epochs"]
