"""The other doors to a session: log, estimate, workers, the command and the admin."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from memory.refusals import NotFound
from tests.training.conftest import FEW
from training.models import TrainingSession
from training.services import recovery
from training.tasks import run_slice

BODY = {"dataSource": "drum", "epochs": 4, "hiddenSize": 8, "window": 5}


def told(*args, **options) -> str:
    out = StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def test_the_log_can_be_read_from_the_end_and_followed(api, start):
    session = start()
    run_slice(session.pk)
    url = f"/api/train/sessions/{session.pk}/log"
    lines = api.get(url).json()["lines"]
    assert lines[0]["text"].startswith("Queued by alice")
    assert lines[-1]["text"].startswith("Completed")
    assert api.get(url, {"after": lines[-1]["id"]}).json()["lines"] == []
    assert api.get(url, {"level": "error"}).json()["lines"] == []
    assert api.get(url, {"level": "loud"}).status_code == 400


def test_an_estimate_counts_parameters_and_queues_nothing(api, drum):
    answer = api.post("/api/train/estimate", BODY, format="json").json()
    assert answer["parameterCount"] == 197 * 8 + 8 + 8 * 95 + 95
    assert answer["split"]["test"]["draws"] == 36
    assert answer["secondsPerEpoch"] is None
    assert not TrainingSession.objects.exists()


def test_an_estimate_is_measured_once_such_a_network_has_trained(api, start):
    run_slice(start(batch_size=64).pk)
    answer = api.post("/api/train/estimate", BODY, format="json").json()
    assert 0 < answer["secondsTotal"] == pytest.approx(4 * answer["secondsPerEpoch"])


def test_an_estimate_is_of_as_many_draws_as_would_be_trained_on(api, start):
    run_slice(start(batch_size=64).pk)
    whole = api.post("/api/train/estimate", BODY, format="json").json()
    half = api.post(
        "/api/train/estimate", {**BODY, "dateTo": "2018-01-01"}, format="json"
    ).json()
    share = half["split"]["train"]["draws"] / whole["split"]["train"]["draws"]
    assert share < 0.6
    assert half["secondsTotal"] == pytest.approx(share * whole["secondsTotal"])


def test_a_step_that_would_fill_the_memory_is_refused_with_its_size(api, drum):
    body = {**BODY, "encoder": "gru", "features": ["window"], "window": 20, "hiddenSize": 256}
    large = {**body, "batchSize": 8192, "replicas": 64}
    answer = api.post("/api/train/estimate", large, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "too_large")
    assert list(answer.json()["fields"]) == ["batchSize"]
    assert "MiB" in answer.json()["message"]
    assert api.post("/api/train/estimate", body, format="json").json()["workingBytes"] > 10**7


def test_the_position_in_the_queue_is_told(api, start):
    first, second = start("one"), start("two")
    for session, position in ((first, 1), (second, 2)):
        status = api.get("/api/train/status", {"sessionId": session.pk}).json()
        assert status["queuePosition"] == position
    run_slice(first.pk)
    status = api.get("/api/train/status", {"sessionId": second.pk}).json()
    assert status["queuePosition"] == 1


def test_workers_online_are_listed(api, start):
    recovery.beat_worker(name="host:1", processes=2)
    start()
    answer = api.get("/api/train/workers").json()
    assert [worker["name"] for worker in answer["workers"]] == ["host:1"]
    assert (answer["idle"], answer["waiting"]) == (2, 1)


def test_the_command_pauses_resumes_and_stops(start):
    session = start()
    assert "paused" in told("session", "pause", session.pk)
    assert "queued" in told("session", "resume", session.pk)
    assert json.loads(told("session", "stop", session.pk, json=True))["state"] == "stopped"
    assert "stopped" in told("session", "list")


def test_the_command_names_a_session_that_is_not_there(db):
    with pytest.raises(NotFound, match="no session 9"):
        call_command("session", "show", 9)


def test_training_in_the_foreground_makes_a_session_like_any_other(drum):
    texts = {name: str(value) for name, value in FEW.items()}
    answer = json.loads(told("train", "front", dataset="drum", json=True, **texts))
    assert (answer["state"], answer["epochs"], answer["version"]) == ("completed", 3, 1)
    assert TrainingSession.objects.get().actor == "command line"


def test_the_admin_carries_out_the_same_verbs(signed_in: Client, start):
    session = start()

    def done(action: str) -> bool:
        chosen = {"action": action, "_selected_action": [session.pk]}
        answer = signed_in.post("/admin/training/trainingsession/", chosen, follow=True)
        return ": 1." in answer.content.decode()

    asked = ("pause", "pause", "resume", "discard", "stop", "verify", "retry")
    assert [done(action) for action in asked] == [True, False, True, True, False, False, True]
    assert list(TrainingSession.objects.values_list("state", flat=True)) == [
        "queued",
        "stopped",
    ]


@pytest.mark.parametrize("page", ["trainingsession", "dataset"])
def test_the_admin_lists_without_a_query_per_row(
    signed_in: Client, start, django_assert_max_num_queries, page
):
    for number in range(6):
        start(f"m{number}")
    with django_assert_max_num_queries(10):
        assert signed_in.get(f"/admin/training/{page}/").status_code == 200


def test_a_control_trains_the_same_on_fair_draws(api, drum):
    drum.kind = "real"
    drum.save()
    body = {**BODY, "modelName": "control", "preset": "control"}
    assert api.post("/api/train/start", body, format="json").status_code == 201
    session = TrainingSession.objects.get()
    assert (session.dataset.name, session.dataset.kind) == ("drum-fair", "simulated")
    assert session.dataset.draw_count == drum.draw_count
    assert session.config["hidden_size"] == 8
    assert session.config["layers"] == 2


def test_an_unknown_preset_is_named(api, drum):
    body = {**BODY, "modelName": "m", "preset": "best"}
    answer = api.post("/api/train/start", body, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["preset"])
