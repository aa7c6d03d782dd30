"""Dead workers, double deliveries, torn checkpoints: every epoch once, nothing runs for ever."""

import datetime as dt
from itertools import islice

import pytest
import time_machine
from django.db import OperationalError
from redis import RedisError

from memory.models import JournalEntry
from training.engine.fit import fit
from training.engine.reports import Diverged
from training.models import Epoch, SessionLog, TrainingSession, Worker
from training.services import leases, recovery, sessions, slices
from training.services.leases import LeaseLost
from training.tasks import run_slice, slice_of

State = TrainingSession.State


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def observer():
    return recovery.Observer(clock=Clock())


def die_after(monkeypatch, number, how=SystemExit):
    """Make the worker vanish, without a word, once this epoch is stored."""
    monkeypatch.setattr("training.recorder.FLUSH_SECONDS", 0.0)
    monkeypatch.setattr("training.recorder.CHECKPOINT_SECONDS", 0.0)
    record = slices.record

    def record_and_die(**kwargs):
        state = record(**kwargs)
        if kwargs["reports"] and kwargs["reports"][-1].number == number:
            raise how
        return state

    monkeypatch.setattr("training.services.slices.record", record_and_die)
    return lambda: monkeypatch.setattr("training.services.slices.record", record)


def look(observer, seconds=0.0):
    observer.clock.now += seconds
    return recovery.recover(observer=observer)


def test_a_session_of_a_dead_worker_is_queued_again_and_ends(
    start, observer, enqueued, monkeypatch
):
    session = start(epochs=5)
    revive = die_after(monkeypatch, 2)
    with pytest.raises(SystemExit):
        run_slice(session.pk)
    revive()
    look(observer)
    assert look(observer, recovery.LEASE_SECONDS + 1) == 1
    session.refresh_from_db()
    assert (session.state, session.lease_owner) == (State.QUEUED, "")
    run_slice(session.pk)
    session.refresh_from_db()
    assert session.state == State.COMPLETED
    assert list(session.epochs.values_list("number", flat=True)) == [1, 2, 3, 4, 5]


def test_what_a_restored_backup_calls_running_waits_for_a_person(
    start, enqueued, api, monkeypatch
):
    session, waiting = start(epochs=5), start("second")
    revive = die_after(monkeypatch, 2)
    with pytest.raises(SystemExit):
        run_slice(session.pk)
    revive()
    assert recovery.interrupt_all() == 1
    session.refresh_from_db(), waiting.refresh_from_db()
    assert (session.state, session.lease_owner) == (State.INTERRUPTED, "")
    assert waiting.state == State.QUEUED
    told = JournalEntry.objects.get(event_type="training_interrupted")
    assert told.metadata["epoch"] == 2
    api.post("/api/train/resume", {"sessionId": session.pk}, format="json")
    run_slice(session.pk)
    session.refresh_from_db()
    assert (session.state, session.current_epoch) == (State.COMPLETED, 5)


def test_a_worker_that_beats_keeps_its_lease_whatever_the_wall_clock_says(start, observer):
    session = start()
    lease = slices.claim(session_id=session.pk, owner="w1")
    for _ in range(5):
        lease.rows.update(beat=session.beat + 1)
        session.beat += 1
        assert look(observer, recovery.LEASE_SECONDS - 1) == 0
    assert lease.rows.exists()


@pytest.mark.parametrize("jump", [86_400, -3_600, -1_700_000_000], ids=["day", "hour", "1970"])
def test_a_clock_that_jumps_disturbs_nothing(api, start, observer, monkeypatch, jump):
    monkeypatch.setattr("training.recorder.FLUSH_SECONDS", 0.0)
    session = start(epochs=6)
    recovery.beat_worker(name="w1", processes=1)
    with time_machine.travel(dt.datetime(2026, 10, 25, 0, 59, 58, tzinfo=dt.UTC)) as clock:
        seen = []

        def watch(report):
            clock.shift(jump)
            status = api.get("/api/train/status", {"sessionId": session.pk}).json()
            seen.append(
                (status["estimatedTimeRemaining"] or 0.0, status["secondsPerEpoch"] or 0.0)
            )
            assert look(observer) == 0

        slice_of(session.pk, watch=watch)
    session.refresh_from_db()
    assert (session.state, session.current_epoch) == (State.COMPLETED, 6)
    assert list(session.epochs.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert all(0.0 <= figure < 60.0 for pair in seen for figure in pair)
    assert 0.0 < session.process_seconds < 60.0


def test_a_frozen_worker_that_wakes_up_writes_nothing(start, observer, enqueued):
    session = start()
    frozen = slices.claim(session_id=session.pk, owner="w1")
    look(observer)
    look(observer, recovery.LEASE_SECONDS + 1)
    run_slice(session.pk)
    before = list(Epoch.objects.values())
    for write in (slices.pause, slices.hand_over, slices.discard):
        with pytest.raises(LeaseLost):
            write(lease=frozen)
    with pytest.raises(LeaseLost):
        slices.record(lease=frozen, reports=[], checkpoint="", seconds=0.0)
    assert list(Epoch.objects.values()) == before


def test_a_second_delivery_finds_nothing_to_do(start):
    session = start()
    run_slice(session.pk)
    run_slice(session.pk)
    assert session.epochs.count() == 3
    starts = JournalEntry.objects.filter(event_type="training_start")
    assert starts.count() == 1


def test_two_workers_cannot_both_have_a_session(start):
    session = start()
    assert slices.claim(session_id=session.pk, owner="w1")
    assert slices.claim(session_id=session.pk, owner="w2") is None


def test_a_task_that_was_lost_with_its_queue_is_handed_over_again(start, observer, enqueued):
    session = start()
    enqueued.clear()
    recovery.beat_worker(name="w1", processes=1)
    look(observer)
    assert look(observer, recovery.WAIT_SECONDS + 1) == 1
    assert enqueued == [session.pk]


def test_waiting_for_busy_workers_is_not_being_lost(start, observer, enqueued):
    start("one")
    busy = start("two")
    slices.claim(session_id=busy.pk, owner="w1")
    recovery.beat_worker(name="w1", processes=1)
    enqueued.clear()
    look(observer)
    busy.refresh_from_db()
    TrainingSession.objects.filter(pk=busy.pk).update(beat=busy.beat + 1)
    assert look(observer, recovery.WAIT_SECONDS + 1) == 0
    assert not recovery.queue_is_deaf(observer=observer)


def test_a_queue_that_takes_nothing_is_deaf(start, observer, enqueued):
    start()
    recovery.beat_worker(name="w1", processes=1)
    look(observer)
    assert not recovery.queue_is_deaf(observer=observer)
    observer.clock.now += recovery.DEAF_SECONDS + 1
    assert recovery.queue_is_deaf(observer=observer)


def test_a_session_that_keeps_losing_its_worker_waits_for_a_person(start, observer, enqueued):
    session = start()
    for _ in range(recovery.MAX_RECOVERIES + 1):
        assert slices.claim(session_id=session.pk, owner="w1")
        look(observer)
        look(observer, recovery.LEASE_SECONDS + 1)
    session.refresh_from_db()
    assert session.state == State.INTERRUPTED
    sessions.resume(session=session, actor="alice")
    run_slice(session.pk)
    session.refresh_from_db()
    assert session.state == State.COMPLETED


def test_an_asked_for_pause_outlives_its_worker(start, observer, enqueued, monkeypatch):
    session = start(epochs=9)
    revive = die_after(monkeypatch, 2)
    with pytest.raises(SystemExit):
        run_slice(session.pk)
    revive()
    sessions.ask_pause(session=session, actor="alice")
    look(observer)
    look(observer, recovery.LEASE_SECONDS + 1)
    run_slice(session.pk)
    session.refresh_from_db()
    assert (session.state, session.current_epoch) == (State.PAUSED, 2)


@pytest.mark.parametrize("damage", ["torn", "deleted", "flipped"])
def test_a_damaged_checkpoint_falls_back_to_the_one_before_and_says_so(
    start, observer, enqueued, monkeypatch, damage
):
    session = start(epochs=6)
    monkeypatch.setattr("training.recorder.LONG_EPOCH_SECONDS", 0.0)  # it waits for the disk
    revive = die_after(monkeypatch, 4)
    with pytest.raises(SystemExit):
        run_slice(session.pk)
    revive()
    session.refresh_from_db()
    path = slices.checkpoint_path(session.checkpoint)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    {
        "torn": lambda: path.write_bytes(path.read_bytes()[:100]),
        "deleted": path.unlink,
        "flipped": lambda: path.write_bytes(content),
    }[damage]()
    look(observer)
    look(observer, recovery.LEASE_SECONDS + 1)
    run_slice(session.pk)
    session.refresh_from_db()
    assert session.state == State.COMPLETED
    assert list(session.epochs.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert session.log.filter(level=SessionLog.Level.WARNING, text__contains="cannot be used")


@pytest.mark.parametrize(
    "place", ["training.engine.checkpoint.write", "registry.storage.stage_version"]
)
def test_a_full_disk_leaves_the_session_interrupted_and_resumable(start, monkeypatch, place):
    session = start(epochs=40)

    def full(*args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(place, full)
        patch.setattr("training.recorder.FLUSH_SECONDS", 0.0)
        run_slice(session.pk)
    session.refresh_from_db()
    assert (session.state, session.lease_owner) == (State.INTERRUPTED, "")
    assert "resume" in session.error
    sessions.resume(session=session, actor="alice")
    run_slice(session.pk)
    session.refresh_from_db()
    assert session.state == State.COMPLETED


def test_a_session_that_diverges_fails_and_keeps_its_best_weights(start, monkeypatch):
    session = start(epochs=20)

    def diverge(config, data, state):
        yield from islice(fit(config, data, state), 2)
        raise Diverged(epoch=2, first_bad=2, best_epoch=1, reason="the loss is not finite")

    monkeypatch.setattr("training.tasks.fit", diverge)
    run_slice(session.pk)
    session.refresh_from_db()
    assert (session.state, session.error_code) == (State.FAILED, "diverged")
    assert session.artifact is not None


def test_an_error_is_kept_on_the_row_and_not_tried_for_ever(start, monkeypatch):
    session = start()

    def broken(*args):
        raise RuntimeError("a strange thing")

    monkeypatch.setattr("training.tasks.prepare_many", broken)
    run_slice(session.pk)
    session.refresh_from_db()
    assert (session.state, session.error_code) == (State.FAILED, "runtimeerror")
    assert "a strange thing" in session.error
    assert JournalEntry.objects.filter(event_type="training_failed").count() == 1


def test_a_database_that_goes_away_for_a_while_fails_nothing(start, observer, monkeypatch):
    session = start(epochs=6)
    come_back = die_after(monkeypatch, 3, OperationalError("server closed the connection"))
    run_slice(session.pk)
    come_back()
    session.refresh_from_db()
    assert (session.state, session.current_epoch) == (State.TRAINING, 3)
    look(observer)
    assert look(observer, recovery.LEASE_SECONDS + 1) == 1
    run_slice(session.pk)
    session.refresh_from_db()
    assert (session.state, session.current_epoch) == (State.COMPLETED, 6)


def test_a_broker_that_is_away_refuses_no_session(
    start, monkeypatch, django_capture_on_commit_callbacks
):
    def away(*args, **options):
        raise RedisError("connection refused")

    monkeypatch.setattr(leases, "async_task", away)
    with django_capture_on_commit_callbacks(execute=True):
        session = start()  # the reaper will hand it over
    assert session.state == State.QUEUED


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("Unable to allocate 9 GiB"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9"),
        type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory"),
    ],
    ids=["python", "torch", "gpu"],
)
def test_a_session_without_memory_fails_by_that_name(start, monkeypatch, error):
    session = start()

    def starved(*args):
        raise error

    monkeypatch.setattr("training.tasks.prepare_many", starved)
    run_slice(session.pk)
    session.refresh_from_db()
    assert (session.state, session.error_code) == (State.FAILED, "out_of_memory")


def test_a_worker_makes_no_move_that_the_table_lacks(start):
    session = start()
    lease = slices.claim(session_id=session.pk, owner="w1")
    with pytest.raises(RuntimeError, match="cannot become paused"):
        slices.pause(lease=lease)
    session.refresh_from_db()
    assert session.state == State.TRAINING


def test_draws_that_changed_under_a_session_end_it_clearly(start, drum):
    session = start()
    drum.draws.first().delete()
    run_slice(session.pk)
    session.refresh_from_db()
    assert (session.state, session.error_code) == (State.FAILED, "datasetchanged")


def test_a_worker_that_stops_beating_is_offline(db):
    recovery.beat_worker(name="w1", processes=2)
    assert recovery.idle_processes() == 2
    for jumped in ("2000-01-01T00:00Z", "2100-01-01T00:00Z"):
        Worker.objects.update(beat_at=jumped)
        assert recovery.online_workers() == []
