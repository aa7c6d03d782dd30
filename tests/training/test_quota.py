"""The quota is reached while a session trains: it pauses, and nothing that counts is lost."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from memory import quota, services, space
from memory.models import JournalEntry
from tests.training.draw_files import csv_of
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


@pytest.mark.parametrize(
    ("address", "files"),
    [
        ("/api/models/import", {"weights": b"x", "sidecar": b"{}"}),
        ("/api/memory/backups", {}),
        ("/api/draws/import", {"file": csv_of()}),
    ],
)
def test_what_takes_room_is_refused_with_what_to_free_and_nothing_is_kept(
    api, fill, home: Path, address, files
) -> None:
    fill()
    before = sorted(home.rglob("*"))
    body = {name: SimpleUploadedFile(f"{name}.bin", raw) for name, raw in files.items()}
    answer = api.post(address, {"name": "owl", **body}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert "Largest files: large" in answer.json()["message"]
    assert sorted(home.rglob("*")) == before


def test_the_journal_keeps_a_reserve_that_nobody_else_may_use(
    db, api, home: Path, settings
) -> None:
    settings.QUOTA_MB = space.used() // 1_000_000 + 20
    room = settings.QUOTA_MB * 1_000_000 - space.used()
    (home / "large").write_bytes(b"x" * (room - quota.read_quota().reserve + 1))
    assert space.used() < settings.QUOTA_MB * 1_000_000
    assert api.post("/api/memory/backups").status_code == 507
    assert api.post("/api/journal/notes", {"text": "full"}, format="json").status_code == 201


def test_a_pause_that_a_person_asked_for_has_no_cause(start) -> None:
    session = start()
    sessions.ask_pause(session=session, actor="alice")
    assert "cause" not in JournalEntry.objects.get(event_type="training_paused").metadata
