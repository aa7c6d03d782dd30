"""What a worker does to the session it owns: claim, record, hand over, end.

Every write is conditional on the fencing token: a worker that lost its lease (frozen,
presumed dead) changes nothing and learns it by `LeaseLost` (design.md 3).
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from training import live
from training.engine.reports import EpochReport
from training.models import Epoch, SessionLog, TrainingSession
from training.services.sessions import enqueue, note, tell, tell_paused, tell_stopped

State = TrainingSession.State
BEAT_SECONDS = settings.LEASE_SECONDS / 4
# The database is busy or restarting. A session whose worker gives up then is not lost.
AWAY = (OperationalError, InterfaceError)
RECORDED = ("state", "current_epoch", "checkpoint", "previous_checkpoint")


class LeaseLost(Exception):
    """Another worker owns the session now, or it is gone: stop quietly."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to one session."""

    session_id: int
    token: int
    owner: str

    @property
    def rows(self) -> Any:
        """The session's row while this lease is valid; else no row."""
        return TrainingSession.objects.owned(self.session_id, self.token)

    def session(self) -> TrainingSession:
        """The session as it is now, locked until the transaction ends."""
        found = (
            self.rows.select_for_update(of=("self",)).select_related("model", "dataset").first()
        )
        if found is None:
            raise LeaseLost
        return found

    def keeps_nothing(self) -> bool:
        """Does the session's stop throw the weights away?"""
        return bool(self.rows.filter(keep=TrainingSession.Keep.NOTHING).exists())

    def update(self, **fields: Any) -> None:
        """Change the session's row, or raise LeaseLost."""
        if self.rows.update(revision=F("revision") + 1, **fields) != 1:
            raise LeaseLost


def claim(*, session_id: int, owner: str) -> Lease | None:
    """Take the session if it is free and waiting; None when there is nothing to do."""
    if not TrainingSession.objects.claim(session_id, owner):
        return None
    token = TrainingSession.objects.values_list("token", flat=True).get(pk=session_id)
    live.ring(session_id)
    return Lease(session_id, token, owner)


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

    thread = threading.Thread(target=beat, name=f"beat-{lease.session_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def record(
    *,
    lease: Lease,
    reports: Sequence[EpochReport],
    checkpoint: str,
    seconds: float,
) -> str:
    """Store finished epochs with the pointer to the checkpoint that holds them; returns the state.

    One transaction. Epochs that are stored already (training goes on from a checkpoint that is
    older than the newest row, to the same bits) stay as they are. `checkpoint` may be "": the
    pointer then stays where it is. Raises LeaseLost.
    """
    with transaction.atomic():
        # A few columns: this is the busiest query of training.
        stored = lease.rows.select_for_update().order_by().values(*RECORDED).first()
        if stored is None:
            raise LeaseLost
        fresh = [report for report in reports if report.number > stored["current_epoch"]]
        Epoch.objects.bulk_create(_row(lease.session_id, report) for report in fresh)
        changes: dict[str, Any] = {}
        if fresh:
            changes = {"current_epoch": fresh[-1].number, "recoveries": 0}
        best = next((report for report in reversed(fresh) if report.best), None)
        if best:
            changes |= {"best_epoch": best.number, "best_gain": best.gain}
        if checkpoint not in ("", stored["checkpoint"]):
            changes |= {"checkpoint": checkpoint, "previous_checkpoint": stored["checkpoint"]}
        lease.update(
            **changes,
            process_seconds=F("process_seconds") + seconds,
            beat=F("beat") + 1,
            beat_at=timezone.now(),
        )
        transaction.on_commit(lambda: live.ring(lease.session_id))
    _forget_replaced(stored, checkpoint)
    return str(stored["state"])


def _forget_replaced(stored: dict[str, Any], checkpoint: str) -> None:
    """Remove the checkpoint that two newer ones have replaced."""
    old = stored["previous_checkpoint"]
    if checkpoint and old and old not in (stored["checkpoint"], checkpoint):
        checkpoint_path(old).unlink(missing_ok=True)


def _row(session_id: int, report: EpochReport) -> Epoch:
    rows = None
    if len(report.rows) > 1:
        figures = [(r.train_bits, r.val_bits, r.gain, r.grad_norm) for r in report.rows]
        rows = np.asarray(figures, np.float32).tobytes()
    return Epoch(
        session_id=session_id,
        number=report.number,
        train_bits=report.train_bits,
        val_bits=report.val_bits,
        gain=report.gain,
        learning_rate=report.learning_rate,
        grad_norm=report.grad_norm,
        seconds=report.seconds,
        best=report.best,
        rows=rows,
        at=timezone.now(),
    )


def checkpoint_path(name: str) -> Path:
    """Where a checkpoint of this name lies; names are ours, never a caller's."""
    return Path(settings.HELIOS_HOME) / "checkpoints" / name


def hand_over(*, lease: Lease) -> None:
    """The slice's minute is over: back to the end of the queue."""
    with transaction.atomic():
        session = lease.session()
        state = State.QUEUED if session.state == State.TRAINING else session.state
        lease.update(state=state, lease_owner="", queued_at=timezone.now())
        enqueue(lease.session_id)
        transaction.on_commit(lambda: live.ring(lease.session_id))


def pause(*, lease: Lease) -> None:
    """Carry out a pause: the checkpoint is recorded already."""
    with transaction.atomic():
        session = lease.session()
        lease.update(state=State.PAUSED, lease_owner="")
        tell_paused(session, actor=session.actor)


def pause_waiting(*, session_id: int) -> None:
    """Pause a session that its own process leaves behind in the queue."""
    with transaction.atomic():
        waiting = TrainingSession.objects.waiting().filter(pk=session_id)
        session = waiting.select_related("model").first()
        if session and waiting.update(state=State.PAUSED, revision=F("revision") + 1):
            tell_paused(session, actor=session.actor)


def discard(*, lease: Lease) -> None:
    """Carry out a stop that keeps nothing."""
    with transaction.atomic():
        session = lease.session()
        lease.update(state=State.STOPPED, lease_owner="", finished_at=timezone.now())
        tell_stopped(session, actor=session.actor)
    forget_checkpoints(session)


def remember_environment(*, lease: Lease, environment: dict[str, Any]) -> None:
    """Store what the session runs on: versions, threads, device."""
    with transaction.atomic():
        lease.update(environment=environment)


def warn(*, lease: Lease, text: str) -> None:
    """A warning in the session's log."""
    with transaction.atomic():
        note(lease.session(), text, SessionLog.Level.WARNING)


def interrupt(*, lease: Lease, reason: str) -> None:
    """Leave the session where its last checkpoint is, until a person resumes it."""
    with transaction.atomic():
        session = lease.session()
        lease.update(state=State.INTERRUPTED, lease_owner="", error=reason)
        metadata = {"epoch": session.current_epoch, "worker": lease.owner}
        tell(session, "training_interrupted", actor="system", metadata=metadata)
        note(session, reason, SessionLog.Level.ERROR)


def fail(*, lease: Lease, code: str, message: str) -> None:
    """End the session as failed; its epochs and its best checkpoint stay."""
    with transaction.atomic():
        session = lease.session()
        lease.update(
            state=State.FAILED,
            lease_owner="",
            error_code=code,
            error=message,
            finished_at=timezone.now(),
        )
        metadata = {"code": code, "message": message[:500], "epoch": session.current_epoch}
        tell(session, "training_failed", actor="system", metadata=metadata)
        note(session, f"Failed: {message}", SessionLog.Level.ERROR)


def forget_checkpoints(session: TrainingSession) -> None:
    """Remove the checkpoints of a session that is over."""
    folder = checkpoint_path("")
    for path in folder.glob(f"{session.pk}-*.safetensors"):
        path.unlink(missing_ok=True)
