"""A long epoch tells how far it is; a short one writes nothing."""

import threading
import time
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from training import within
from training.models import TrainingSession
from training.services import slices
from training.tasks import run_slice


def at_work(session, **told) -> TrainingSession:
    """The session as a worker has it, in the middle of its epoch 3."""
    TrainingSession.objects.filter(pk=session.pk).update(
        state="training", lease_owner="here:1", token=4, current_epoch=2,
        within={"epoch": 3, "batch": 1200, "batches": 4000, "token": 4, **told},
    )  # fmt: skip
    return TrainingSession.objects.get(pk=session.pk)


def test_the_doors_say_the_batch_of_a_long_epoch(signed_in, api, start, capsys):
    session = at_work(start(epochs=9))
    page = signed_in.get(f"/sessions/{session.pk}/").content.decode()
    assert "Batch 1,200 of 4,000 of epoch 3" in page
    assert '<progress aria-label="Batches of epoch 3" max="4000" value="1200">' in page
    status = api.get(f"/api/train/status?sessionId={session.pk}").json()
    assert (status["currentBatch"], status["totalBatches"]) == (1200, 4000)
    call_command("session", "show", str(session.pk))
    assert "(batch 1,200 of 4,000 of epoch 3)" in capsys.readouterr().out


@pytest.mark.parametrize("told", [{"token": 3}, {"epoch": 5}, {"epoch": 1}])
def test_what_a_worker_told_that_is_gone_is_not_said(signed_in, api, start, told):
    session = at_work(start(epochs=9), **told)
    assert "Batches of epoch" not in signed_in.get(f"/sessions/{session.pk}/").content.decode()
    assert api.get(f"/api/train/status?sessionId={session.pk}").json()["currentBatch"] is None


def test_between_two_long_epochs_the_bar_stays_and_begins_anew(api, start):
    session = at_work(start(epochs=9), epoch=2, batch=4000)
    status = api.get(f"/api/train/status?sessionId={session.pk}").json()
    assert (status["currentBatch"], status["totalBatches"]) == (0, 4000)


def test_only_the_holder_of_the_lease_can_tell(start):
    session = at_work(start())
    lease = slices.Lease(TrainingSession, session.pk, 3, "here:0")
    assert not slices.tell_batch(lease=lease, epoch=3, batch=9, batches=10)
    session.refresh_from_db()
    assert session.within["batch"] == 1200


@pytest.mark.parametrize(("long", "told"), [(0.0, True), (60.0, False)])
def test_only_a_long_epoch_is_told_and_once_a_second_at_most(monkeypatch, long, told):
    heard, state = [], SimpleNamespace(epoch=6, step=6 * 400)
    monkeypatch.setattr(within, "TELL_SECONDS", 0.01)
    monkeypatch.setattr(within, "LONG_SECONDS", long)
    monkeypatch.setattr(slices, "tell_batch", lambda **said: heard.append(said) or True)
    monkeypatch.setattr(within, "connection", SimpleNamespace(close=lambda: None))
    teller = within.Teller(SimpleNamespace(pk=1), state, batches=400)
    teller.start()
    for state.step in range(6 * 400, 6 * 400 + 200):
        time.sleep(0.001)
    teller.close()
    batches = [said["batch"] for said in heard]
    assert batches == sorted(set(batches))
    assert bool(batches) == told
    assert len(batches) <= 40
    assert not [one for one in threading.enumerate() if one.name == "within-1"]


@pytest.mark.django_db(transaction=True)
def test_telling_changes_no_bit_and_leaves_the_session_its_states(start, monkeypatch):
    quiet = start("quiet", epochs=3)
    run_slice(quiet.pk)
    monkeypatch.setattr(within, "TELL_SECONDS", 0.001)
    monkeypatch.setattr(within, "LONG_SECONDS", 0.0)
    told = start("told", epochs=3, seed=quiet.config["seed"])
    run_slice(told.pk)
    kept = [TrainingSession.objects.get(pk=one.pk) for one in (quiet, told)]
    assert [one.state for one in kept] == ["completed", "completed"]
    assert [one.within.get("token") for one in kept] == [None, 1]
    assert len({one.artifact.weights_sha256 for one in kept}) == 1
