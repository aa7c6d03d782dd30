"""What a worker does to the job it owns: claim, record, hand over, end.

Every write is conditional on the fencing token, as for a session (`training.services.leases`).
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from reflection.models import Job, JobUnit
from reflection.services.jobs import checkpoint_path, forget, tell
from reflection.services.kinds import KINDS, Task
from training.services import leases
from training.services.leases import LeaseLost

State = Job.State


class JobLease(leases.Lease):
    """The right to write to one job."""

    def job(self) -> Job:
        """The job as it is now, locked until the transaction ends."""
        found: Job | None = self.rows.select_for_update().first()
        if found is None:
            raise LeaseLost
        return found


def claim(*, job_id: int, owner: str) -> JobLease | None:
    """Take the job if it is free and waiting; None when there is nothing to do."""
    if not Job.objects.claim(job_id, owner):
        return None
    token = Job.objects.values_list("token", flat=True).get(pk=job_id)
    return JobLease(Job, job_id, token, owner)


def task_of(lease: JobLease) -> Task:
    """Where the job's generator starts from."""
    job = lease.rows.get()
    units = [bytes(data) for data in job.units.values_list("data", flat=True)]
    path = checkpoint_path(job.checkpoint) if job.checkpoint else None
    return Task(job.settings, units, path if path and path.exists() else None)


def record(
    *,
    lease: JobLease,
    first: int,
    units: Sequence[bytes],
    done: int,
    sentence: str,
    checkpoint: str | None,
    seconds: float,
) -> str:
    """Store finished units, numbered from `first`, and progress; returns the job's state.

    `checkpoint` is the file of the unit that comes next: "" when it has not begun, None to
    leave the pointer where it is. One transaction. Raises LeaseLost.
    """
    with transaction.atomic():
        job = lease.job()
        JobUnit.objects.bulk_create(
            JobUnit(job=job, number=number, data=data)
            for number, data in enumerate(units, first)
        )
        pointer = {} if checkpoint is None else {"checkpoint": checkpoint}
        lease.update(
            done=min(done, job.total),
            sentence=sentence[:300],
            process_seconds=F("process_seconds") + seconds,
            beat=F("beat") + 1,
            beat_at=timezone.now(),
            **({"recoveries": 0} if units else {}),
            **pointer,
        )
    if pointer and job.checkpoint != checkpoint:
        forget(job.checkpoint)
    return str(job.state)


def hand_over(*, lease: JobLease) -> None:
    """The slice's minute is over: back to the end of the queue."""
    with transaction.atomic():
        job = lease.job()
        state = State.QUEUED if job.state == State.TRAINING else job.state
        lease.update(state=state, lease_owner="", queued_at=timezone.now())
        leases.enqueue(Job, lease.pk)


def pause(*, lease: JobLease) -> None:
    """Carry out a pause."""
    with transaction.atomic():
        job = lease.job()
        lease.update(state=State.PAUSED, lease_owner="")
        tell(job, "job_paused", actor=job.actor)


def pause_waiting(*, job_id: int) -> None:
    """Pause a job that its own process leaves behind in the queue."""
    with transaction.atomic():
        waiting = Job.objects.waiting().filter(pk=job_id)
        job = waiting.first()
        if job and waiting.update(state=State.PAUSED, revision=F("revision") + 1):
            tell(job, "job_paused", actor=job.actor)


def finish(*, lease: JobLease) -> None:
    """Let the kind store the outcome of all units, and end the job: one transaction."""
    with transaction.atomic():
        job = lease.job()
        units = [bytes(data) for data in job.units.values_list("data", flat=True)]
        result = KINDS[job.kind].conclude(job, units)
        _end(lease, State.COMPLETED, done=job.total, sentence="", result=result)
        job.done = job.total
        metadata = {"seconds": job.process_seconds, "address": result.get("address")}
        tell(job, "job_end", actor="system", metadata=metadata)
    forget(job.checkpoint)


def stop(*, lease: JobLease) -> None:
    """Carry out a stop: what was done so far is dropped."""
    with transaction.atomic():
        job = lease.job()
        _end(lease, State.STOPPED)
        tell(job, "job_stopped", actor=job.actor)
    forget(job.checkpoint)


def interrupt(*, lease: JobLease, reason: str) -> None:
    """Leave the job where it is, until a person resumes it."""
    with transaction.atomic():
        job = lease.job()
        lease.update(state=State.INTERRUPTED, lease_owner="", error=reason)
        tell(job, "job_interrupted", actor="system", metadata={"worker": lease.owner})


def fail(*, lease: JobLease, code: str, message: str) -> None:
    """End the job as failed, with the reason on the row."""
    with transaction.atomic():
        job = lease.job()
        _end(lease, State.FAILED, error_code=code, error=message)
        metadata = {"code": code, "message": message[:500]}
        tell(job, "job_failed", actor="system", metadata=metadata)
    forget(job.checkpoint)


def _end(lease: JobLease, state: str, **fields: object) -> None:
    JobUnit.objects.filter(job_id=lease.pk).delete()
    lease.update(
        state=state, lease_owner="", checkpoint="", finished_at=timezone.now(), **fields
    )
