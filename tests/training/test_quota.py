"""The quota is reached while a session trains: it pauses, and nothing that counts is lost."""

from pathlib import Path

import pytest

from memory import quota, services, space
from memory.models import JournalEntry
from memory.refusals import Full
from registry.services.bundles import Upload
from registry.services.importing import import_version
from training.models import TrainingSession
from training.services import sessions, slices
from training.tasks import run_slice


@pytest.fixture
def fill(home: Path, settings, monkeypatch: pytest.MonkeyPatch):
    """`fill()` uses the quota up, `fill.unlink()` is room again."""
    monkeypatch.setattr("training.recorder.FLUSH_SECONDS", 0.0)
    monkeypatch.setattr(quota, "_LOOK", 0.0)
    settings.QUOTA_MB = space.used() // 1_000_000 + 20
    file = home / "large"

    def full() -> Path:
        file.write_bytes(b"x" * settings.QUOTA_MB * 1_000_000)
        return file

    return full


def test_a_running_session_pauses_and_says_why(
    start, fill, api, signed_in, monkeypatch
) -> None:
    session = start(epochs=9)
    record = slices.record

    def record_then_fill(**about):
        if about["reports"] and about["reports"][-1].number == 4:
            fill()
        return record(**about)

    monkeypatch.setattr(slices, "record", record_then_fill)
    run_slice(session.pk)
    paused = TrainingSession.objects.get(pk=session.pk)
    assert (paused.state, paused.current_epoch) == ("paused", 4)
    assert slices.checkpoint_path(paused.checkpoint).is_file()
    told = JournalEntry.objects.get(event_type="training_paused")
    assert "No room is left" in told.sentence
    assert "No room is left" in signed_in.get(f"/sessions/{session.pk}/").content.decode()
    services.append(event_type="signed_in", actor="alice")  # the journal goes on
    for path, body in (
        ("/api/train/resume", {"sessionId": session.pk}),
        ("/api/train/start", {"modelName": "next", "dataSource": "drum", "epochs": 3}),
    ):
        answer = api.post(path, body, format="json")
        assert (answer.status_code, "Largest files: large" in answer.json()["message"]) == (
            507,
            True,
        )
    fill().unlink()
    monkeypatch.setattr(slices, "record", record)
    assert (
        api.post("/api/train/resume", {"sessionId": session.pk}, format="json").status_code
        < 300
    )
    run_slice(session.pk)
    done = TrainingSession.objects.get(pk=session.pk)
    assert (done.state, done.current_epoch, done.error) == ("completed", 9, "")


def test_an_upload_is_refused_before_it_is_read(db, fill) -> None:
    fill()
    with pytest.raises(Full, match="HELIOS_QUOTA_MB"):
        import_version(name="owl", upload=Upload("x.safetensors", b"x", b""), actor="alice")


def test_a_pause_that_a_person_asked_for_has_no_cause(start) -> None:
    session = start()
    sessions.ask_pause(session=session, actor="alice")
    assert "cause" not in JournalEntry.objects.get(event_type="training_paused").metadata
