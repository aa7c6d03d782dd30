"""A queue that starts goes on at once with what the one before it on this host left behind."""

import os
import subprocess
import sys

import pytest

from training.models import TrainingSession
from training.services import recovery, sessions, slices


@pytest.fixture
def enqueued(monkeypatch):
    handed = []
    for module in (sessions, recovery):
        monkeypatch.setattr(module, "enqueue", handed.append)
    return handed


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
