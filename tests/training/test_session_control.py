"""Pause, resume, stop and retry: one verb each, and one table of legal moves."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from memory.models import JournalEntry
from memory.refusals import Conflict
from registry.lineage import lineage
from registry.models import ModelArtifact
from training import tasks
from training.engine import checkpoint
from training.models import TrainingSession
from training.services import sessions, slices
from training.tasks import run_slice, slice_of

State = TrainingSession.State

FILLED = import_module("training.migrations.0008_trained_until_of_versions")


@pytest.fixture
def eager(monkeypatch):
    """Store after every epoch, so that a test can act between two."""
    monkeypatch.setattr("training.recorder.FLUSH_SECONDS", 0.0)


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


@pytest.mark.parametrize("verb", ["ask_pause", "ask_stop"])
def test_what_is_asked_is_done_at_this_epoch_however_short_epochs_are(start, monkeypatch, verb):
    monkeypatch.setattr("training.recorder.ASK_SECONDS", 0.0)
    session = start(epochs=500)

    def ask(report):
        if report.number == 7:
            getattr(sessions, verb)(session=session, actor="alice")

    slice_of(session.pk, watch=ask)
    session = fresh(session)
    assert (session.state in (State.PAUSED, State.STOPPED), session.current_epoch) == (True, 7)


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


def test_a_version_says_until_which_draw_it_was_trained_also_an_older_one(start, after_epoch):
    session = start(epochs=50)
    after_epoch(1, lambda: sessions.ask_stop(session=session, actor="alice"))
    run_slice(session.pk)
    version = fresh(session).artifact
    assert str(version.trained_until) == session.split["train"]["last"]
    ModelArtifact.objects.update(trained_until=None)  # as before it was recorded
    FILLED.fill(apps, SimpleNamespace(connection=connection))
    assert ModelArtifact.objects.get().trained_until == version.trained_until


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


def test_asking_twice_is_asking_once(start, after_epoch):
    session = start(epochs=50)
    seen = []

    def ask_twice():
        for verb in (
            sessions.ask_pause,
            sessions.ask_pause,
            sessions.ask_stop,
            sessions.ask_stop,
        ):
            seen.append(verb(session=session, actor="alice").state)
        with pytest.raises(Conflict):
            sessions.ask_stop(session=session, actor="alice", keep="nothing")

    after_epoch(2, ask_twice)
    run_slice(session.pk)
    assert seen == [State.PAUSING, State.PAUSING, State.STOPPING, State.STOPPING]
    assert (fresh(session).state, fresh(session).artifact.version) == (State.STOPPED, 1)
    assert session.log.filter(text__contains="asked to stop").count() == 1


def test_a_stop_in_the_first_epoch_ends_with_it(start, monkeypatch):
    session = start(epochs=50)
    prepare = tasks.prepare_many

    def asked_meanwhile(*args):
        sessions.ask_stop(session=session, actor="alice")
        return prepare(*args)

    monkeypatch.setattr(tasks, "prepare_many", asked_meanwhile)
    run_slice(session.pk)
    session = fresh(session)
    assert (session.state, session.current_epoch) == (State.STOPPED, 1)


def test_a_stop_while_a_checkpoint_is_written_ends_at_this_epoch(start, monkeypatch):
    session = start(epochs=50)
    write = checkpoint.write

    def asked_meanwhile(*args):
        if fresh(session).state == State.TRAINING:
            sessions.ask_stop(session=session, actor="alice")
        write(*args)

    monkeypatch.setattr(checkpoint, "write", asked_meanwhile)
    monkeypatch.setattr("training.recorder.LONG_EPOCH_SECONDS", 0.0)  # it waits for the disk
    monkeypatch.setattr("training.recorder.FLUSH_SECONDS", 0.0)
    run_slice(session.pk)
    assert (fresh(session).state, fresh(session).current_epoch) == (State.STOPPED, 1)


def test_a_stop_without_any_checkpoint_left_keeps_no_untrained_weights(start, after_epoch):
    session = start(epochs=50)
    after_epoch(2, lambda: sessions.ask_pause(session=session, actor="alice"))
    run_slice(session.pk)
    slices.forget_checkpoints(session)
    sessions.ask_stop(session=fresh(session), actor="alice")
    run_slice(session.pk)
    assert fresh(session).state == State.STOPPED
    assert not ModelArtifact.objects.exists()


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


def test_training_a_model_again_makes_the_first_its_parent(start):
    """The lineage of the registry goes through sessions."""
    versions = []
    for name in ("owl", "owl", "lark"):
        session = start(name)
        run_slice(session.pk)
        versions.append(fresh(session).artifact)
    assert [version.parent_id for version in versions] == [None, versions[0].pk, None]
    assert [one.distance for one in lineage(versions[0])] == [0, 1]
