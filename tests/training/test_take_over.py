"""A queue that starts goes on at once with what the one before it on this host left behind."""

import os
import subprocess
import sys

import pytest

from training.models import TrainingSession
from training.services import recovery, sessions, slices


def a_process_that_is_gone() -> int:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_the_session_of_a_worker_that_is_gone_waits_again(start, enqueued):
    session = start()
    slices.claim(session_id=session.pk, owner=f"here:{a_process_that_is_gone()}")
    enqueued.clear()
    recovery.take_over(host="here")
    session.refresh_from_db()
    assert session.lease_owner == ""
    assert session.pk in enqueued


@pytest.mark.parametrize(
    "owner", [f"here:{os.getpid()}", "elsewhere:999999999"], ids=["alive", "elsewhere"]
)
def test_a_worker_that_may_live_keeps_its_session(start, enqueued, owner):
    session = start()
    slices.claim(session_id=session.pk, owner=owner)
    enqueued.clear()
    assert recovery.take_over(host="here") == 0
    assert TrainingSession.objects.get().lease_owner == owner
    assert enqueued == []


def test_what_waits_is_handed_over_at_once(start, enqueued):
    session = start()
    enqueued.clear()
    assert recovery.take_over(host="here") == 1
    assert enqueued == [session.pk]


def test_what_killed_writers_and_ended_sessions_left_is_swept(start):
    session, over = start("going"), start("over")
    sessions.ask_stop(session=over, actor="alice")
    folder = slices.checkpoint_path("")
    folder.mkdir()
    kept = [f"{session.pk}-1-4.safetensors", f"{session.pk}-1-5.safetensors.tmp"]
    old = f"{session.pk}-1-3.safetensors.tmp"
    for name in [*kept, old, f"{over.pk}-1-9.safetensors", "999-1-1.safetensors"]:
        (folder / name).write_bytes(b"")
    os.utime(folder / old, (0, 0))
    assert slices.sweep_checkpoints() == 3
    assert sorted(path.name for path in folder.iterdir()) == kept
