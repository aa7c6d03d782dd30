"""The parts of the queue that must hold when a process is killed in the middle of them."""

import multiprocessing
import os
import signal
import time
from types import SimpleNamespace

import pytest
from django_q.cluster import Sentinel

from helios_site import cluster
from helios_site.cluster import Flag, Guard
from training import draining

FORK = multiprocessing.get_context("fork")


def run(target, *args):
    process = FORK.Process(target=target, args=args)
    process.start()
    return process


def test_a_flag_set_after_the_fork_is_seen_in_every_process():
    flag = Flag()
    waiter = run(flag.wait, 10)
    assert not flag.is_set()
    run(flag.set).join()
    assert flag.is_set()
    waiter.join(2)
    assert waiter.exitcode == 0


def test_a_flag_can_be_set_though_somebody_who_waited_was_killed():
    flag = Flag()
    waiter = run(flag.wait, 60)
    time.sleep(0.1)
    waiter.kill()
    waiter.join()
    flag.set()
    assert flag.wait(0)


def test_a_flag_that_nobody_sets_is_waited_for_no_longer_than_asked():
    before = time.monotonic()
    assert not Flag().wait(0.2)
    assert 0.2 <= time.monotonic() - before < 1


def test_slices_hear_that_they_should_end(monkeypatch):
    monkeypatch.setattr(draining, "_FLAG", bytearray(1))
    assert not draining.asked_to_stop()
    draining.ask_to_stop()
    assert draining.asked_to_stop()


@pytest.fixture
def guard(monkeypatch):
    """A guard that was not started, and what it did."""
    made = Guard.__new__(Guard)
    made.pool = []
    made.did = []
    monkeypatch.setattr(
        Sentinel, "reincarnate", lambda self, process: made.did.append("replaced")
    )
    monkeypatch.setattr(Guard, "drain", lambda self: made.did.append("drained"))
    monkeypatch.setattr(cluster.os, "_exit", lambda status: made.did.append(status))
    return made


def ended(exitcode):
    return SimpleNamespace(exitcode=exitcode)


@pytest.mark.parametrize("exitcode", [0, None, 1])
def test_a_worker_that_ended_by_itself_is_replaced(guard, exitcode):
    guard.reincarnate(ended(exitcode))
    assert guard.did == ["replaced"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_worker_that_was_killed_ends_the_queue(guard, number):
    guard.reincarnate(ended(-number))
    assert guard.did[:2] == ["drained", 1]


def test_draining_waits_for_busy_workers_only(monkeypatch):
    asked = []
    monkeypatch.setattr(cluster, "ask_to_stop", lambda: asked.append(True))
    monkeypatch.setattr(cluster, "DRAIN_SECONDS", 0.3)
    busy = SimpleNamespace(is_alive=lambda: True, timer=SimpleNamespace(value=100))
    idle = SimpleNamespace(is_alive=lambda: True, timer=SimpleNamespace(value=-1))
    guard = Guard.__new__(Guard)
    for pool, seconds in (([idle], 0.0), ([busy, idle], 0.3)):
        guard.pool = pool
        before = time.monotonic()
        guard.drain()
        assert seconds <= time.monotonic() - before < seconds + 0.5
    assert asked == [True, True]


def test_a_queue_in_somebody_else_s_group_touches_no_stranger(monkeypatch):
    queue = cluster.Queue()
    monkeypatch.setattr(cluster.os, "getpgrp", lambda: os.getpid() + 1)
    child = run(time.sleep, 30)
    assert [process.pid for process in queue._left()] == [child.pid]
    child.kill()
    child.join()
