"""Queued jobs: every unit once, whatever happens to the worker."""

import pytest

from memory.models import JournalEntry
from memory.refusals import Conflict, Invalid
from reflection.models import Job, JobUnit
from reflection.services import jobs, running
from reflection.tasks import run_job_slice
from training.services import leases, recovery
from training.services.leases import LeaseLost

State = Job.State


def die_after(monkeypatch, units, how=SystemExit):
    """Make the worker vanish, without a word, once so many units are stored."""
    record = running.record

    def record_and_die(**kwargs):
        state = record(**kwargs)
        if kwargs["first"] + len(kwargs["units"]) >= units:
            raise how
        return state

    monkeypatch.setattr(running, "record", record_and_die)
    return lambda: monkeypatch.setattr(running, "record", record)


def reap(seconds=recovery.LEASE_SECONDS + 1):
    """Look, wait until a silent worker counts as dead, look again."""
    now = [100.0]
    observer = recovery.Observer(clock=lambda: now[0])
    recovery.recover(observer=observer)
    now[0] += seconds
    return recovery.recover(observer=observer)


def test_a_job_runs_to_its_end_and_keeps_its_outcome(count):
    job = count(4)
    run_job_slice(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.result) == (State.COMPLETED, 4, {"counted": [0, 1, 2, 3]})
    assert not JobUnit.objects.exists()
    told = JournalEntry.objects.order_by("seq").values_list("event_type", flat=True)
    assert list(told) == ["job_start", "job_end"]


def test_a_killed_job_goes_on_without_losing_or_doubling_a_unit(count, enqueued, monkeypatch):
    job = count(6)
    revive = die_after(monkeypatch, 3)
    with pytest.raises(SystemExit):
        run_job_slice(job.pk)
    revive()
    assert job.units.count() == 3
    enqueued.clear()
    assert reap() == 1
    assert enqueued == [(Job, job.pk)]
    run_job_slice(job.pk)
    job.refresh_from_db()
    assert job.result == {"counted": [0, 1, 2, 3, 4, 5]}
    assert JournalEntry.objects.filter(event_type="job_recovered").count() == 1


def test_a_slice_that_is_over_hands_over_in_the_middle_of_a_unit(
    count, settings, monkeypatch, home
):
    settings.SLICE_SECONDS = 0.0
    monkeypatch.setattr("reflection.tasks.others_wait", lambda deadline: True)
    job = count(2)
    run_job_slice(job.pk)
    job.refresh_from_db()
    assert (job.state, job.sentence) == (State.QUEUED, "1 of 0")
    assert (home / "checkpoints" / job.checkpoint).read_text() == "1"
    for _ in range(6):
        run_job_slice(job.pk)
    job.refresh_from_db()
    assert job.result == {"counted": [0, 1]}
    assert not list((home / "checkpoints").iterdir())


def test_a_frozen_worker_that_wakes_up_writes_nothing(count):
    job = count()
    frozen = running.claim(job_id=job.pk, owner="w1")
    reap()
    run_job_slice(job.pk)
    for write in (running.pause, running.hand_over, running.stop, running.finish):
        with pytest.raises(LeaseLost):
            write(lease=frozen)
    job.refresh_from_db()
    assert job.state == State.COMPLETED


def test_a_job_is_paused_and_goes_on(count, monkeypatch):
    job = count(6)
    paused = die_after(monkeypatch, 2, how=SystemExit)
    with pytest.raises(SystemExit):
        run_job_slice(job.pk)
    paused()
    jobs.ask_pause(job=job, actor="alice")
    reap()
    run_job_slice(job.pk)
    job.refresh_from_db()
    assert (job.state, job.units.count()) == (State.PAUSED, 2)
    jobs.resume(job=job, actor="alice")
    run_job_slice(job.pk)
    job.refresh_from_db()
    assert job.result == {"counted": [0, 1, 2, 3, 4, 5]}


def test_a_stopped_job_keeps_nothing_and_can_be_run_again(count):
    job = jobs.ask_stop(job=count(), actor="alice")
    assert job.state == State.STOPPED
    again = jobs.run_again(job=job, actor="bob")
    assert (again.settings, again.actor) == (job.settings, "bob")
    with pytest.raises(Conflict, match="cannot become run again"):
        jobs.run_again(job=again, actor="bob")


def test_the_same_job_is_not_queued_twice(count):
    first = count(5, request_key="k")
    assert count(5, request_key="k") == first
    with pytest.raises(Conflict, match=f"Job {first.pk} does exactly this already"):
        count(5)
    run_job_slice(first.pk)
    assert count(5).pk != first.pk


def test_what_a_kind_refuses_is_not_queued(count):
    with pytest.raises(Invalid, match="upto"):
        count("many")
    with pytest.raises(Invalid, match="Must be one of .*count"):
        jobs.start_job(kind="unheard", settings={}, actor="alice")
    assert not Job.objects.exists()


def test_an_error_is_kept_on_the_row(count, monkeypatch):
    job = count()
    monkeypatch.setattr("tests.reflection.counting.THIRDS", None)
    run_job_slice(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code) == (State.FAILED, "typeerror")
    assert JournalEntry.objects.filter(event_type="job_failed").count() == 1


def test_a_job_that_waits_makes_a_lonely_session_give_way(count):
    assert not leases.others_wait(float("inf"))
    count()
    assert leases.others_wait(float("inf"))


def test_every_leased_model_names_a_task_and_a_verb_that_exist(db):
    for model in leases.leased_models():
        for name in (model.TASK, model.LOST):
            module, _, verb = name.rpartition(".")
            assert callable(getattr(__import__(module, fromlist=[verb]), verb))
