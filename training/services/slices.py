"""What a worker does to the session it owns: claim, record, hand over, end.

Every write is conditional on the fencing token: a worker that lost its lease (frozen,
presumed dead) changes nothing and learns it by `LeaseLost` (design.md 3).
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from training import live
from training.engine.reports import EpochReport
from training.models import SessionLog, TrainingSession
from training.services import epoch_rows, leases
from training.services.leases import LeaseLost
from training.services.sessions import enqueue
from training.services.stories import note, tell, tell_paused, tell_stopped

State = TrainingSession.State
TMP_SECONDS = 60  # a younger one may be of a worker on another host


class Lease(leases.Lease):
    """The right to write to one session."""

    @property
    def session_id(self) -> int:
        return self.pk

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


def claim(*, session_id: int, owner: str) -> Lease | None:
    """Take the session if it is free and waiting; None when there is nothing to do."""
    if not TrainingSession.objects.claim(session_id, owner):
        return None
    token = TrainingSession.objects.values_list("token", flat=True).get(pk=session_id)
    live.ring(session_id)
    return Lease(TrainingSession, session_id, token, owner)


def is_asked_to_leave(*, lease: Lease) -> bool:
    """Does the row say anything but "go on"?"""
    return epoch_rows.state_of(lease) != State.TRAINING


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
        stored = epoch_rows.locked(lease)
        fresh = [report for report in reports if report.number > stored["current_epoch"]]
        epoch_rows.insert(lease.session_id, fresh)
        changes: dict[str, Any] = {}
        if fresh:
            changes = {"current_epoch": fresh[-1].number, "recoveries": 0}
        best = next((report for report in reversed(fresh) if report.best), None)
        if best:
            changes |= {"best_epoch": best.number, "best_gain": best.gain}
        if checkpoint not in ("", stored["checkpoint"]):
            changes |= {"checkpoint": checkpoint, "previous_checkpoint": stored["checkpoint"]}
        epoch_rows.advance(lease, seconds, changes)
        transaction.on_commit(lambda: live.ring(lease.session_id))
    _forget_replaced(stored, checkpoint)
    return str(stored["state"])


def tell_batch(*, lease: Lease, epoch: int, batch: int, batches: int) -> bool:
    """Say how far the epoch in progress is; False when the lease is lost. No sign of life: beats are."""
    within = {"epoch": epoch, "batch": batch, "batches": batches, "token": lease.token}
    if not lease.rows.update(within=within, revision=F("revision") + 1):
        return False
    live.ring(lease.session_id)
    return True


def _forget_replaced(stored: dict[str, Any], checkpoint: str) -> None:
    """Remove the checkpoint that two newer ones have replaced."""
    old = stored["previous_checkpoint"]
    if checkpoint and old and old not in (stored["checkpoint"], checkpoint):
        checkpoint_path(old).unlink(missing_ok=True)


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


def pause_for(*, lease: Lease, reason: str) -> str:
    """Ask for a pause on behalf of the house, which says why; the state that follows from it."""
    with transaction.atomic():
        lease.update(state=State.PAUSING, error=reason)
    return State.PAUSING


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


def sweep_checkpoints() -> int:
    """As a queue starts: remove what killed writers left, and what sessions that are over did."""
    active = set(TrainingSession.objects.active().values_list("pk", flat=True))
    count = 0
    for path in checkpoint_path("").glob("*-*"):
        number = path.name.partition("-")[0]
        half_written = (
            path.suffix == ".tmp" and time.time() - path.stat().st_mtime > TMP_SECONDS
        )
        if half_written or (number.isdigit() and int(number) not in active):
            path.unlink(missing_ok=True)
            count += 1
    return count
