"""The reaper: sessions whose worker died are queued again, and a deaf queue is noticed.

Life is a counter (`beat`), and time is this process's monotonic clock: no wall clock is
compared, so a clock that jumps frees nobody's lease (reliability.md TR-12).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import psutil
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from training.models import SessionLog, TrainingSession, Worker
from training.services.sessions import enqueue, note, tell

State = TrainingSession.State
LEASE_SECONDS = float(settings.LEASE_SECONDS)
WAIT_SECONDS = 4.0  # a waiting session beside an idle worker is handed over again
# A worker imports torch before it claims its first session: from a cold disk or on a busy
# machine that takes long, and a queue that is started again then would never get to work.
DEAF_SECONDS = 60.0
WORKER_SECONDS = 15  # a queue that has not beaten for so long counts as gone
MAX_RECOVERIES = 5  # without a finished epoch in between: then a person must look


@dataclass
class Observer:
    """What one reaper has seen: since when (monotonic) each thing has not changed."""

    clock: Callable[[], float] = time.monotonic
    seen: dict[tuple[str, int], tuple[object, float]] = field(default_factory=dict)
    asked: dict[int, float] = field(default_factory=dict)

    def age(self, kind: str, pk: int, value: object) -> float:
        """Seconds for which `value` of this thing has been the same."""
        now = self.clock()
        before = self.seen.get((kind, pk))
        if before is None or before[0] != value:
            self.seen[kind, pk] = (value, now)
            return 0.0
        return now - before[1]

    def forget_except(self, kind: str, keep: set[int]) -> None:
        """Drop what is no longer there, so that the memory stays bounded."""
        gone = [key for key in self.seen if key[0] == kind and key[1] not in keep]
        for key in gone:
            del self.seen[key]


def recover(*, observer: Observer) -> int:
    """Free the leases of dead workers and hand lost sessions to the queue; returns how many."""
    return _free_dead(observer) + _hand_over_waiting(observer)


def take_over(*, host: str) -> int:
    """As a queue starts on this host: go on with what the one before it left; how many.

    Nothing needs to be watched for a while: a process that is gone will not beat again, and
    handing a waiting session over twice is harmless.
    """
    owned = TrainingSession.objects.leased().filter(lease_owner__startswith=f"{host}:")
    freed = sum(
        _free(pk, token, beat)
        for pk, token, beat, owner in owned.values_list("pk", "token", "beat", "lease_owner")
        if not psutil.pid_exists(int(owner.rpartition(":")[2]))
    )
    waiting = list(TrainingSession.objects.waiting().values_list("pk", flat=True))
    for pk in waiting:
        enqueue(pk)
    return freed + len(waiting)


def _free_dead(observer: Observer) -> int:
    leased = list(TrainingSession.objects.leased().values_list("pk", "token", "beat"))
    observer.forget_except("lease", {pk for pk, _, _ in leased})
    dead = [
        (pk, token, beat)
        for pk, token, beat in leased
        if observer.age("lease", pk, (token, beat)) > LEASE_SECONDS
    ]
    return sum(_free(pk, token, beat) for pk, token, beat in dead)


def _free(pk: int, token: int, beat: int) -> bool:
    """Take the lease from a worker that has not beaten; False if it has meanwhile."""
    with transaction.atomic():
        same = TrainingSession.objects.owned(pk, token).filter(beat=beat)
        session = same.select_for_update(of=("self",)).select_related("model").first()
        if session is None:
            return False
        worker, hopeless = session.lease_owner, session.recoveries >= MAX_RECOVERIES
        state = session.state
        if hopeless:
            state = State.INTERRUPTED
        elif state == State.TRAINING:
            state = State.QUEUED
        same.update(
            state=state,
            lease_owner="",
            queued_at=timezone.now(),
            recoveries=F("recoveries") + 1,
            revision=F("revision") + 1,
        )
        _tell_lost(session, worker, hopeless=hopeless)
        if not hopeless:
            enqueue(pk)
    return True


def _tell_lost(session: TrainingSession, worker: str, *, hopeless: bool) -> None:
    event = "training_interrupted" if hopeless else "session_recovered"
    metadata = {"epoch": session.current_epoch, "worker": worker}
    if not hopeless:
        metadata["cause"] = "its worker was lost"
    tell(session, event, actor="system", metadata=metadata)
    then = (
        "Resume it when the cause is found." if hopeless else "Continuing from the checkpoint."
    )
    text = f"Worker {worker} was lost after epoch {session.current_epoch}. {then}"
    note(session, text, SessionLog.Level.WARNING)


def _hand_over_waiting(observer: Observer) -> int:
    """Enqueue again what waits beside an idle worker: its task was lost with a queue.

    Asked-for pauses and stops whose worker died wait for a worker as well.
    """
    waiting = TrainingSession.objects.filter(
        lease_owner="", state__in=[State.QUEUED, *TrainingSession.ASKED]
    )
    rows = list(waiting.values_list("pk", "token"))
    pks = {pk for pk, _ in rows}
    observer.forget_except("waiting", pks)
    observer.asked = {pk: at for pk, at in observer.asked.items() if pk in pks}
    if not idle_processes():
        observer.forget_except("waiting", set())  # everybody is busy: waiting is no sign
        return 0
    count = 0
    for pk, token in rows:
        last = observer.asked.get(pk, float("-inf"))
        waited = observer.age("waiting", pk, token) > WAIT_SECONDS
        if waited and observer.clock() - last > WAIT_SECONDS:
            observer.asked[pk] = observer.clock()
            enqueue(pk)
            count += 1
    return count


def queue_is_deaf(*, observer: Observer) -> bool:
    """Has a session waited beside an idle worker for longer than any start takes?"""
    if not idle_processes():
        return False
    now = observer.clock()
    return any(
        now - since > DEAF_SECONDS
        for (kind, _), (_, since) in observer.seen.items()
        if kind == "waiting"
    )


def online_workers() -> "list[Worker]":
    """Queues that have beaten lately."""
    limit = timezone.now() - timedelta(seconds=WORKER_SECONDS)
    return list(Worker.objects.filter(beat_at__gte=limit))


def idle_processes() -> int:
    """Worker processes online that own no session."""
    busy = TrainingSession.objects.leased().count()
    return max(0, sum(worker.processes for worker in online_workers()) - busy)


def beat_worker(*, name: str, processes: int) -> None:
    """Say that the queue of this name is alive, with so many worker processes."""
    now = timezone.now()
    Worker.objects.update_or_create(
        name=name, defaults={"beat_at": now, "processes": processes}
    )
    Worker.objects.filter(beat_at__lt=now - timedelta(days=1)).delete()


def leave_worker(*, name: str) -> None:
    """The queue of this name ends."""
    Worker.objects.filter(name=name).delete()
