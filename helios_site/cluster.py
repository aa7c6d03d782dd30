"""The queue: django-q2's processes, made safe against the ways in which they are killed.

    work (this process)  beats, frees the sessions of dead workers, ends the queue
      Guard              django-q2's sentinel: watches the three kinds of processes below
        worker * N       run slices; torch lives here and nowhere else
        pusher, monitor  broker -> workers, results -> broker

A worker waits for its next task with a lock in hand. Killed there, it takes the lock along
and no other worker hears anything again, so the loss of any process ends the whole queue:
running slices leave their checkpoints, and the supervisor starts it afresh.
"""

import mmap
import os
import time
import uuid
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

import psutil
from django.db import connections
from django_q.cluster import Sentinel

from training.draining import ask_to_stop

DRAIN_SECONDS = 7.0  # below the supervisor's STOP_SECONDS
FORK = get_context("fork")


class Guard(Sentinel):
    """A sentinel that ends when one of its processes was killed, instead of going on deaf."""

    def reincarnate(self, process: BaseProcess) -> None:
        """Replace a process that ended by itself (recycled, timed out); else give up."""
        if process.exitcode is not None and process.exitcode < 0:
            self.drain()
            os._exit(1)  # no exit handlers: they would wait for what is locked
        super().reincarnate(process)

    def drain(self) -> None:
        """Give the slices that still run the time to leave a checkpoint."""
        ask_to_stop()
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline and any(
            worker.is_alive() and worker.timer.value > 0 for worker in self.pool
        ):
            time.sleep(0.1)


class Flag:
    """What django-q2 uses of an `Event`, without its locks.

    `Event.set` waits for everybody who waits, and a process that was killed never answers.
    """

    def __init__(self) -> None:
        self._byte = mmap.mmap(-1, 1)

    def set(self) -> None:
        self._byte[0] = 1

    def is_set(self) -> bool:
        return self._byte[0] == 1

    def wait(self, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while not self.is_set() and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.is_set()


class Queue:
    """The processes of the queue, as seen from the one that started them."""

    def __init__(self) -> None:
        self._stop = Flag()
        self._guard = FORK.Process(
            target=Guard, args=(self._stop, Flag(), uuid.uuid4()), name="guard"
        )

    def start(self) -> None:
        # A forked SQLite connection corrupts, a forked PostgreSQL one is shared.
        connections.close_all()
        self._guard.start()

    @property
    def is_alive(self) -> bool:
        return self._guard.is_alive()

    def stop(self) -> None:
        """End it: slices leave a checkpoint at their next epoch; force after DRAIN_SECONDS."""
        ask_to_stop()
        self._stop.set()
        self._guard.join(DRAIN_SECONDS)
        for process in self._left():
            process.kill()

    def _left(self) -> list[psutil.Process]:
        """Who is still there: children, and orphans of a guard that was killed."""
        me = psutil.Process()
        children = me.children(recursive=True)
        if os.getpgrp() != me.pid:
            return children  # not a group of our own: there may be strangers in it
        group = [p for p in psutil.process_iter() if p.pid != me.pid and _group(p) == me.pid]
        return [*children, *(p for p in group if p not in children)]


def _group(process: psutil.Process) -> int:
    try:
        return os.getpgid(process.pid)
    except (ProcessLookupError, PermissionError):
        return 0
