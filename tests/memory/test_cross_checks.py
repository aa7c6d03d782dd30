"""What the entries tell is held against each other, against model files and sessions."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from memory import services
from memory.integrity import verify_journal
from memory.models import JournalCheck
from registry.models import ModelArtifact
from registry.services.opening import folder_of
from registry.storage import WEIGHTS
from tests.registry.conftest import make_version  # noqa: F401
from tests.training.conftest import drum, start  # noqa: F401
from training.models import TrainingSession

START = {"epochs": 3, "dataset": "drum"}
END = {"epochs": 3, "best_epoch": 1}


def tell(kind: str, session: int, **metadata: object) -> None:
    services.append(
        event_type=kind, model_name="owl", session_id=session, metadata=metadata or START
    )


def fault() -> str:
    """What verify_journal says is wrong; "" for nothing."""
    try:
        call_command("verify_journal")
    except CommandError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("story", "found"),
    [
        ([("training_start", 7), ("training_end", 7)], ""),
        ([("training_start", 7), ("training_start", 7)], "entry 2: second start of a session"),
        (
            [("training_start", 7), ("training_end", 7), ("training_stopped", 7)],
            "entry 3: second end of a session",
        ),
        ([("training_end", 7)], "entry 1: end without a start"),
    ],
)
def test_a_session_starts_once_and_ends_at_most_once(db, story, found) -> None:
    for kind, session in story:
        about = {"training_start": START, "training_stopped": {"epoch": 1}}.get(kind, END)
        tell(kind, session, **about)
    assert fault().startswith(f"tampered with: {found}" if found else "")
    assert bool(fault()) is bool(found)
    assert verify_journal(compare=False).good


def test_a_model_file_is_what_its_entry_tells(make_version) -> None:  # noqa: F811
    artifact = make_version()
    assert fault() == ""
    assert JournalCheck.objects.latest().compared
    file = folder_of(artifact) / WEIGHTS
    raw = bytearray(file.read_bytes())
    raw[-1] ^= 1
    file.write_bytes(raw)
    # whoever changes the row as well is still found: the entry is chained
    ModelArtifact.objects.update(weights_sha256="0" * 64)
    assert "model file differs from its entry" in fault()
    file.unlink()
    assert "owl version 1" in fault()


def test_a_model_that_no_entry_tells_of_is_found(make_version) -> None:  # noqa: F811
    old = timezone.now() - timedelta(hours=1)
    artifact = make_version()
    ModelArtifact.objects.filter(pk=artifact.pk).update(version=9, created_at=old)
    assert "model without an entry" in fault()


def test_rows_of_sessions_agree_with_the_journal(start) -> None:  # noqa: F811
    session = start()
    old = timezone.now() - timedelta(hours=1)
    rows = TrainingSession.objects.filter(pk=session.pk)
    rows.update(created_at=old)
    assert fault() == ""
    rows.update(state="completed", finished_at=old)
    assert "session without an end" in fault()
    rows.update(state="queued")
    tell("training_end", session.pk, **END)
    assert "end of a session that is not over" in fault()
    rows.update(state="completed")
    assert fault() == ""
    session = rows.get()
    session.pk = None
    session.save()  # a row that nobody started
    TrainingSession.objects.update(created_at=old)
    assert "session without a start" in fault()


def test_what_a_deleted_archive_told_is_not_missed(db) -> None:
    tell("training_start", 7)
    services.append(event_type="signed_in", actor="alice")
    call_command("compact_memory", "--older-than", "0d", "--at-least", "1")
    tell("training_end", 7, **END)
    assert fault() == ""
    call_command("memory_archives", "--delete", "segment-000000000001-000000000002.parquet")
    assert fault() == ""
