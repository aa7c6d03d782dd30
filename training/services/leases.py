"""How work is queued, claimed, kept alive and moved: the same for sessions and every other job.

Every write is conditional on the fencing token: a worker that lost its lease (frozen,
presumed dead) changes nothing and learns it by `LeaseLost` (design.md 3).
"""

import errno
import logging
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django_q.tasks import async_task

from memory.refusals import Conflict, Full
from training.models import LeasedWork

log = logging.getLogger("helios.training")
BEAT_SECONDS = settings.LEASE_SECONDS / 4
PATIENCE = 5  # slices' worth of work before even a lonely session goes back to the queue
# The database is busy or restarting. Work whose worker gives up then is not lost.
AWAY = (OperationalError, InterfaceError)


class LeaseLost(Exception):
    """Another worker owns the row now, or it is gone: stop quietly."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to one row of leased work."""

    model: type[LeasedWork]
    pk: int
    token: int
    owner: str

    @property
    def rows(self) -> Any:
        """The row while this lease is valid; else no row."""
        return rows_of(self.model).owned(self.pk, self.token)

    def update(self, **fields: Any) -> None:
        """Change the row, or raise LeaseLost; a worker's moves are those of the table, too."""
        rows = self.rows
        if state := fields.get("state"):
            moves = self.model.MOVES.items()
            rows = rows.filter(state__in=[a for a, b in moves if state in b or state == a])
        if rows.update(revision=F("revision") + 1, **fields) == 1:
            return
        if state and self.rows.exists():
            raise RuntimeError(f"{self.model.__name__} {self.pk} cannot become {state}")
        raise LeaseLost


def leased_models() -> list[type[LeasedWork]]:
    """Every kind of leased work of the house, whichever app it belongs to."""
    return [model for model in apps.get_models() if issubclass(model, LeasedWork)]


def rows_of(model: type[LeasedWork]) -> Any:
    """All rows of one kind of work: a LeasedQuerySet."""
    return model._default_manager.all()


def owner_name() -> str:
    """host:pid of this worker."""
    return f"{platform.node()}:{os.getpid()}"


def enqueue(model: type[LeasedWork], pk: int) -> None:
    """Hand a row to the queue once it is committed. Twice is harmless.

    A broker that does not answer is only logged: the reaper hands over what waits.
    """
    transaction.on_commit(
        lambda: async_task(model.TASK, pk, timeout=settings.Q_CLUSTER["timeout"]), robust=True
    )


@contextmanager
def beating(lease: Lease) -> Iterator[None]:
    """Count `beat` up from a thread while the body runs, so that the reaper sees life."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            try:
                if not lease.rows.update(beat=F("beat") + 1, beat_at=timezone.now()):
                    break  # the lease is lost; the next record says so
            except AWAY:
                connection.close()  # it may be broken; a missed beat is no death
        connection.close()

    thread = threading.Thread(target=beat, name=f"beat-{lease.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def hold(
    lease: Lease,
    work: Callable[[], None],
    *,
    fail: Callable[[str, str], None],
    interrupt: Callable[[str], None],
) -> None:
    """Do a slice of work under a lease; the one place that catches, records and finishes.

    `fail` is told a short word and the error, `interrupt` why the work can go on only later.
    """
    try:
        with beating(lease):
            work()
    except LeaseLost:
        log.info("%s %s has another owner now", lease.model._meta.verbose_name, lease.pk)
    except AWAY:
        raise
    except Exception as error:
        log.exception("%s %s ended badly", lease.model._meta.verbose_name, lease.pk)
        try:
            _end_badly(error, fail, interrupt)
        except LeaseLost:
            log.info("%s %s has another owner now", lease.model._meta.verbose_name, lease.pk)


def _end_badly(
    error: Exception, fail: Callable[[str, str], None], interrupt: Callable[[str], None]
) -> None:
    """Write the reason on the row: interrupted when it can be resumed, failed otherwise."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        interrupt("The disk is full. Free some space and resume.")
    elif isinstance(error, Full):
        interrupt(f"{error.message} Then resume.")
    elif _is_out_of_memory(error):
        fail("out_of_memory", f"There was not enough memory: {str(error)[:200]}")
    else:
        fail(type(error).__name__.lower(), f"{type(error).__name__}: {error}")


def _is_out_of_memory(error: Exception) -> bool:
    """Python says MemoryError, torch a RuntimeError of its allocator or one of the GPU's."""
    name, text = type(error).__name__, str(error)
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError)
        and (name == "OutOfMemoryError" or "can't allocate memory" in text)
    )


def others_wait(deadline: float) -> bool:
    """Is it somebody else's turn? A lonely row goes on for a few slices more."""
    alone = not any(rows_of(model).waiting().exists() for model in leased_models())
    return not alone or time.monotonic() > deadline + PATIENCE * settings.SLICE_SECONDS


def move(row: LeasedWork, state: str, **fields: Any) -> None:
    """Change the state of a locked row if the table allows it, and `fields` with it."""
    if not row.may_become(state):
        raise illegal(row, state)
    row.state = state
    for name, value in fields.items():
        setattr(row, name, value)
    row.revision = F("revision") + 1
    row.save(update_fields=["state", "revision", *fields])
    row.refresh_from_db(fields=["revision"])


def illegal(row: LeasedWork, wish: str) -> Conflict:
    """A move that the table does not have, said with those it has."""
    possible = ", ".join(row.MOVES[row.state]) or "none, it is over"
    name = str(row._meta.verbose_name).rpartition(" ")[2].capitalize()
    return Conflict(
        f"{name} {row.pk} is {row.state}; it cannot become {wish}. "
        f"Possible from here: {possible}.",
        code="illegal_transition",
    )
