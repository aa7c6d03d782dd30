"""How often draws are read: once for a piece of work, not at all for a form that is asked again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from training.models import Draw
from training.services.draws import (
    DatasetChanged,
    history_as_of,
    known_history,
    load_history,
    simulate_dataset,
)
from training.services.draws.histories import refresh_facts


@pytest.fixture
def drum(db):
    return simulate_dataset(name="drum", actor="alice", draws=60, seed=11)


def readings(work) -> int:
    """How often `work` reads draws."""
    with CaptureQueriesContext(connection) as asked:
        work()
    return sum('FROM "training_draw"' in one["sql"] for one in asked)


def as_of(drum, fingerprint=""):
    return history_as_of(
        drum,
        last_date=str(drum.last_date),
        fingerprint=fingerprint or drum.fingerprint,
        start="a new session",
    )


def test_work_reads_its_draws_once_and_what_it_fingerprints_is_what_it_gets(drum):
    assert readings(lambda: as_of(drum)) == 1
    assert as_of(drum).fingerprint() == load_history(drum).fingerprint()
    with pytest.raises(DatasetChanged, match="start a new session"):
        as_of(drum, fingerprint="f" * 64)


def test_what_is_asked_again_is_not_read_again_until_a_draw_changes(drum):
    known_history(drum)
    assert readings(lambda: known_history(drum)) == 0
    Draw.objects.filter(dataset=drum, date=drum.last_date).delete()
    refresh_facts(drum)
    assert len(known_history(drum)) == 59


def test_draws_that_changed_behind_a_row_are_not_kept_under_its_old_name(drum):
    changed = simulate_dataset(name="other", actor="alice", draws=60, seed=12)
    stale = changed.fingerprint
    Draw.objects.filter(dataset=changed, date=changed.last_date).delete()
    assert len(known_history(changed)) == 59  # the row does not know yet
    refresh_facts(changed)
    changed.fingerprint = stale
    assert readings(lambda: known_history(changed)) > 0


def test_the_train_form_reads_no_draws_when_it_is_changed(signed_in, drum):
    page = "/train/?dataset=drum&window=12"
    signed_in.get(page)
    assert readings(lambda: signed_in.get(page.replace("12", "15"))) == 0
