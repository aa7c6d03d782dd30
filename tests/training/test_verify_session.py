"""`verify_session`: the same bits from the record, or the first difference."""

from io import StringIO

import pytest
from django.core.management import call_command

from memory.models import JournalEntry
from memory.refusals import Conflict, NotFound
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


def test_a_session_without_a_model_has_nothing_to_compare(start):
    with pytest.raises(Conflict, match="kept no model"):
        verify(start())


def test_an_unknown_session_is_named(db):
    with pytest.raises(NotFound, match="no session 77"):
        call_command("verify_session", 77)
