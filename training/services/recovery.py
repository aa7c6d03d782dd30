"""The reaper: work whose worker died is queued again, and a deaf queue is noticed.

It looks after sessions and after every other model of leased work alike.

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
from django.utils.module_loading import import_string

from training.models import LeasedWork, Worker
from training.services import leases
from training.services.leases import leased_models, rows_of

State = LeasedWork.State
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
    asked: dict[tuple[str, int], float] = field(default_factory=dict)

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
    """Free the leases of dead workers and hand lost work to the queue; returns how many."""
    models = leased_models()
    freed = sum(_free_dead(model, observer) for model in models)
    idle = bool(idle_processes())
    return freed + sum(_hand_over_waiting(model, observer, idle=idle) for model in models)


def take_over(*, host: str) -> int:
    """As a queue starts on this host: go on with what the one before it left; how many.

    Nothing needs to be watched for a while: a process that is gone will not beat again, and
    handing waiting work over twice is harmless.
    """
    count = 0
    for model in leased_models():
        owned = rows_of(model).leased().filter(lease_owner__startswith=f"{host}:")
        count += sum(
            _free(model, pk, token, beat)
            for pk, token, beat, owner in owned.values_list(
                "pk", "token", "beat", "lease_owner"
            )
            if not psutil.pid_exists(int(owner.rpartition(":")[2]))
        )
        waiting = list(rows_of(model).waiting().values_list("pk", flat=True))
        for pk in waiting:
            leases.enqueue(model, pk)
        count += len(waiting)
    return count


def interrupt_all() -> int:
    """After a backup was restored: nobody works on its rows here, and where it was made somebody
    may do so still. A person resumes what is wanted; how many were interrupted.
    """
    count = 0
    for model in leased_models():
        for row in rows_of(model).leased():
            rows_of(model).filter(pk=row.pk).update(
                state=State.INTERRUPTED, lease_owner="", revision=F("revision") + 1
            )
            import_string(model.LOST)(row, worker=row.lease_owner, hopeless=True)
            count += 1
    return count


def _free_dead(model: type[LeasedWork], observer: Observer) -> int:
    leased = list(rows_of(model).leased().values_list("pk", "token", "beat"))
    kind = f"lease {model._meta.label}"
    observer.forget_except(kind, {pk for pk, _, _ in leased})
    dead = [
        (pk, token, beat)
        for pk, token, beat in leased
        if observer.age(kind, pk, (token, beat)) > LEASE_SECONDS
    ]
    return sum(_free(model, pk, token, beat) for pk, token, beat in dead)


def _free(model: type[LeasedWork], pk: int, token: int, beat: int) -> bool:
    """Take the lease from a worker that has not beaten; False if it has meanwhile."""
    with transaction.atomic():
        same = rows_of(model).owned(pk, token).filter(beat=beat)
        row = same.select_for_update(of=("self",)).first()
        if row is None:
            return False
        worker, hopeless = row.lease_owner, row.recoveries >= MAX_RECOVERIES
        state = row.state
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
        import_string(model.LOST)(row, worker=worker, hopeless=hopeless)
        if not hopeless:
            leases.enqueue(model, pk)
    return True


def _hand_over_waiting(model: type[LeasedWork], observer: Observer, *, idle: bool) -> int:
    """Enqueue again what waits beside an idle worker: its task was lost with a queue.

    Asked-for pauses and stops whose worker died wait for a worker as well.
    """
    rows = list(rows_of(model).free().values_list("pk", "token"))
    pks, label = {pk for pk, _ in rows}, model._meta.label
    kind = f"waiting {label}"
    observer.forget_except(kind, pks)
    observer.asked = {
        key: at for key, at in observer.asked.items() if key[0] != label or key[1] in pks
    }
    if not idle:
        observer.forget_except(kind, set())  # everybody is busy: waiting is no sign
        return 0
    count = 0
    for pk, token in rows:
        last = observer.asked.get((label, pk), float("-inf"))
        waited = observer.age(kind, pk, token) > WAIT_SECONDS
        if waited and observer.clock() - last > WAIT_SECONDS:
            observer.asked[label, pk] = observer.clock()
            leases.enqueue(model, pk)
            count += 1
    return count


def queue_is_deaf(*, observer: Observer) -> bool:
    """Has work waited beside an idle worker for longer than any start takes?"""
    if not idle_processes():
        return False
    now = observer.clock()
    return any(
        now - since > DEAF_SECONDS
        for (kind, _), (_, since) in observer.seen.items()
        if kind.startswith("waiting ")
    )


def online_workers() -> "list[Worker]":
    """Queues that have beaten lately; one that did so in a future was there before a clock jumped."""
    now, lately = timezone.now(), timedelta(seconds=WORKER_SECONDS)
    return list(Worker.objects.filter(beat_at__range=(now - lately, now + lately)))


def idle_processes() -> int:
    """Worker processes online that own no work."""
    busy = sum(rows_of(model).leased().count() for model in leased_models())
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
