"""`verify_session`: the same bits from the record, or the first difference."""

from io import StringIO

import pytest
from django.core.management import call_command

from memory.models import JournalEntry
from memory.refusals import Conflict, NotFound
from training import reproduction
from training.models import TrainingSession
from training.tasks import run_slice


def verify(session) -> str:
    out = StringIO()
    call_command("verify_session", session.pk, stdout=out)
    return out.getvalue()


def test_a_session_is_reproduced_from_its_record(start):
    session = start(dropout=0.3, replicas=2)
    run_slice(session.pk)
    assert "reproduced (3 epochs)" in verify(session)
    session.refresh_from_db()
    assert session.verification["reproduced"] is True
    told = JournalEntry.objects.get(event_type="session_verified")
    assert told.metadata["outcome"] == "reproduced"


def test_a_changed_row_is_found_by_its_epoch(start):
    session = start()
    run_slice(session.pk)
    session.epochs.filter(number=2).update(val_bits=1.0)
    with pytest.raises(SystemExit) as stop:
        verify(session)
    assert stop.value.code == 1
    session.refresh_from_db()
    assert session.verification["outcome"] == "differs from epoch 2 on"


def test_the_badge_stands_on_the_page_of_the_model(start, api, signed_in):
    session = start()
    run_slice(session.pk)
    verify(session)
    assert "Reproduced bit by bit" in signed_in.get("/models/first/").text
    shown = api.get("/api/models/first/info").json()["versions"][0]
    assert (shown["reproduction"]["reproduced"], shown["reproduction"]["cause"]) == (True, "")


def test_a_session_stores_what_its_bits_depend_on(start, api):
    session = start()
    run_slice(session.pk)
    session.refresh_from_db()
    kept = session.environment
    assert {"code", "commit", "torch", "numpy", "python", "threads", "cpu"} <= set(kept)
    assert kept["split"] == "train 5:168 val 168:204 test 204:240"
    assert session.artifact.environment == kept


def test_a_model_of_other_code_is_said_not_to_be_bit_exact(start, signed_in):
    session = start()
    run_slice(session.pk)
    session.refresh_from_db()
    session.environment["code"] = "0" * 64
    session.save()
    session.epochs.filter(number=3).update(gain=1.0)
    with pytest.raises(SystemExit):
        verify(session)
    told = JournalEntry.objects.get(event_type="session_verified")
    assert told.metadata["cause"].startswith("not bit-exact: trained by other code (0000")
    page = signed_in.get("/models/first/").text
    assert "Not reproduced: it differs from epoch 3 on" in page
    assert "trained by other code" in page


def test_a_session_that_goes_on_under_other_code_says_so_once(start, monkeypatch):
    session = start(epochs=4)
    monkeypatch.setattr("training.recorder.FLUSH_SECONDS", 0.0)
    monkeypatch.setattr("django.conf.settings.SLICE_SECONDS", -1e9)  # each epoch a slice
    run_slice(session.pk)
    monkeypatch.setattr("training.engine.environment.code_version", lambda: "1" * 64)
    run_slice(session.pk)
    run_slice(session.pk)
    warned = session.log.filter(level="warning").values_list("text", flat=True)
    assert [text[:34] for text in warned] == ["Not bit-exact from epoch 2 on: tra"]
    session.refresh_from_db()
    assert "trained by other code" in session.environment["changed"]


def test_a_session_without_a_model_has_nothing_to_compare(start):
    with pytest.raises(Conflict, match="kept no model"):
        verify(start())


def test_an_unknown_session_is_named(db):
    with pytest.raises(NotFound, match="no session 77"):
        call_command("verify_session", 77)


def test_a_long_session_is_left_to_the_command(start, api):
    session = start()
    run_slice(session.pk)
    body = {"sessionId": session.pk}
    assert api.post("/api/train/verify", body, format="json").status_code == 200
    TrainingSession.objects.update(process_seconds=3600)
    answer = api.post("/api/train/verify", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_long")
    assert f"manage.py verify_session {session.pk}" in answer.json()["message"]


def test_a_repetition_in_the_queue_writes_the_badge_and_gives_up_at_a_stop(start, monkeypatch):
    session = start()
    run_slice(session.pk)
    monkeypatch.setattr("training.reproduction.asked_to_stop", lambda: True)
    reproduction.run(session.pk, "alice")
    assert TrainingSession.objects.get().verification == {}
    assert session.log.filter(text__contains="given up").exists()
    monkeypatch.undo()
    reproduction.run(session.pk, "alice")
    assert TrainingSession.objects.get().verification["reproduced"] is True
