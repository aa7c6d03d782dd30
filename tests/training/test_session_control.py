"""Pause, resume, stop and retry: one verb each, and one table of legal moves."""

import pytest

from memory.models import JournalEntry
from memory.refusals import Conflict
from registry.models import ModelArtifact
from training.models import TrainingSession
from training.services import sessions, slices
from training.tasks import run_slice

State = TrainingSession.State


@pytest.fixture
def eager(monkeypatch):
    """Store after every epoch, so that a test can act between two."""
    monkeypatch.setattr("training.tasks.FLUSH_SECONDS", 0.0)


@pytest.fixture
def after_epoch(monkeypatch, eager):
    """`after_epoch(2, act)`: call `act()` once when epoch 2 is stored."""

    def arrange(number, act):
        record = slices.record

        def record_then_act(**kwargs):
            state = record(**kwargs)
            reports = kwargs["reports"]
            if reports and reports[-1].number == number:
                act()
                return TrainingSession.objects.get(pk=kwargs["lease"].session_id).state
            return state

        monkeypatch.setattr("training.services.slices.record", record_then_act)

    return arrange


def fresh(session):
    return TrainingSession.objects.select_related("model", "dataset").get(pk=session.pk)


def test_a_pause_is_done_within_an_epoch_and_leaves_a_checkpoint(start, after_epoch):
    session = start(epochs=6)
    after_epoch(2, lambda: sessions.ask_pause(session=session, actor="alice"))
    run_slice(session.pk)
    session = fresh(session)
    assert (session.state, session.current_epoch) == (State.PAUSED, 2)
    assert slices.checkpoint_path(session.checkpoint).is_file()


def test_a_paused_session_goes_on_where_it_was(start, after_epoch):
    session = start(epochs=5)
    after_epoch(2, lambda: sessions.ask_pause(session=session, actor="alice"))
    run_slice(session.pk)
    sessions.resume(session=fresh(session), actor="alice")
    run_slice(session.pk)
    assert fresh(session).state == State.COMPLETED
    numbers = session.epochs.values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5]


def test_a_waiting_session_is_paused_at_once(start):
    session = sessions.ask_pause(session=start(), actor="alice")
    assert session.state == State.PAUSED
    run_slice(session.pk)
    assert not session.epochs.exists()


def test_a_stop_keeps_the_best_weights_as_a_version(start, after_epoch):
    session = start(epochs=50)
    after_epoch(3, lambda: sessions.ask_stop(session=session, actor="alice"))
    run_slice(session.pk)
    session = fresh(session)
    assert (session.state, session.current_epoch) == (State.STOPPED, 3)
    assert session.artifact.metrics["best_epoch"] <= 3


def test_a_stop_may_keep_nothing(start, after_epoch):
    session = start(epochs=50)
    stop = {"session": session, "actor": "alice", "keep": "nothing"}
    after_epoch(3, lambda: sessions.ask_stop(**stop))
    run_slice(session.pk)
    assert fresh(session).state == State.STOPPED
    assert not ModelArtifact.objects.exists()
    assert not list(slices.checkpoint_path("").glob("*.safetensors"))


def test_a_session_that_never_began_stops_without_a_worker(start):
    session = sessions.ask_stop(session=start(), actor="alice")
    assert session.state == State.STOPPED
    assert session.finished_at


def test_stopping_a_paused_session_trains_no_epoch_more(start, after_epoch):
    session = start(epochs=50)
    after_epoch(2, lambda: sessions.ask_pause(session=session, actor="alice"))
    run_slice(session.pk)
    sessions.ask_stop(session=fresh(session), actor="alice")
    run_slice(session.pk)
    session = fresh(session)
    assert (session.state, session.current_epoch) == (State.STOPPED, 2)
    assert session.artifact.version == 1


@pytest.mark.parametrize("verb", ["ask_pause", "ask_stop", "resume"])
def test_a_session_that_is_over_refuses_and_says_what_is_possible(start, verb):
    session = start()
    run_slice(session.pk)
    with pytest.raises(Conflict, match="Possible from here: none"):
        getattr(sessions, verb)(session=fresh(session), actor="alice")


def test_only_what_waits_or_is_paused_can_be_resumed(api, start):
    session = start()
    answer = api.post("/api/train/resume", {"sessionId": session.pk}, format="json")
    assert answer.status_code == 409
    assert answer.json()["code"] == "illegal_transition"


def test_a_second_stop_is_refused_and_changes_nothing(start, after_epoch):
    session = start(epochs=50)
    seen = []

    def stop_twice():
        sessions.ask_stop(session=session, actor="alice")
        with pytest.raises(Conflict):
            sessions.ask_stop(session=session, actor="alice")
        seen.append(True)

    after_epoch(2, stop_twice)
    run_slice(session.pk)
    assert seen
    assert fresh(session).state == State.STOPPED


def test_a_retry_is_a_new_session_with_the_same_settings(start):
    session = start(seed=5)
    with pytest.raises(Conflict):
        sessions.retry(session=session, actor="bob")
    run_slice(session.pk)
    again = sessions.retry(session=fresh(session), actor="bob")
    assert (again.config, again.actor) == (session.config, "bob")
    assert again.pk != session.pk


def test_every_ask_is_in_the_journal(start, after_epoch):
    session = start(epochs=9)
    after_epoch(2, lambda: sessions.ask_pause(session=session, actor="alice"))
    run_slice(session.pk)
    sessions.resume(session=fresh(session), actor="bob")
    after_epoch(4, lambda: sessions.ask_stop(session=session, actor="alice"))
    run_slice(session.pk)
    told = JournalEntry.objects.filter(session_id=session.pk).order_by("seq")
    types = list(told.values_list("event_type", flat=True))
    assert types == [
        "training_start",
        "training_paused",
        "training_resumed",
        "model_saved",
        "training_stopped",
    ]
