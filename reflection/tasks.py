"""One slice of a job. django-q2 calls `run_job_slice` by its dotted name in a forked worker."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.module_loading import import_string

from reflection.models import Job
from reflection.services import running
from reflection.services.jobs import checkpoint_path
from reflection.services.kinds import KINDS, Step
from reflection.services.running import JobLease
from training.draining import asked_to_stop
from training.services import leases
from training.services.leases import AWAY, others_wait

log = logging.getLogger("helios.reflection")
FLUSH_SECONDS = 0.25  # finished units are stored, and shown, at least this often
CHECKPOINT_SECONDS = 5.0  # the most of a unit in progress that a kill costs
Watch = Callable[[Step], None] | None


def run_job_slice(job_id: int) -> None:
    """Work on a job for about a minute. Delivered twice, the second finds nothing to do."""
    try:
        slice_of(job_id, watch=None)
    except AWAY as error:
        log.warning("job %s: the database does not answer: %s", job_id, error)


def run_job(job_id: int, watch: Watch) -> None:
    """Work on a job in this process until it is over, paused, or the process is asked to stop."""
    while slice_of(job_id, watch) and not asked_to_stop():
        pass
    if asked_to_stop():
        running.pause_waiting(job_id=job_id)


def slice_of(job_id: int, watch: Watch) -> bool:
    """One slice, if the job is free; False when there was nothing to do."""
    lease = running.claim(job_id=job_id, owner=leases.owner_name())
    if lease is None:
        return False
    leases.hold(
        lease,
        lambda: work(lease, watch),
        fail=lambda code, message: running.fail(lease=lease, code=code, message=message),
        interrupt=lambda reason: running.interrupt(lease=lease, reason=reason),
    )
    return True


def work(lease: JobLease, watch: Watch) -> None:
    """Go on with the job until it is over, asked to pause or stop, or the slice is used up."""
    job: Job = lease.rows.get()
    order = job.state
    if order == Job.State.TRAINING:  # else: asked for while no worker had it
        task = running.task_of(lease)
        recorder = Recorder(lease, number=len(task.units))
        order = follow(import_string(KINDS[job.kind].run)(task), recorder, watch)
    if order == "hand_over":
        running.hand_over(lease=lease)
    elif order == Job.State.PAUSING:
        running.pause(lease=lease)
    elif order == Job.State.STOPPING:
        running.stop(lease=lease)
    else:
        running.finish(lease=lease)


def follow(steps: Iterator[Step], recorder: "Recorder", watch: Watch) -> str:
    """Record steps as they come; returns what to do next (`over` when all is done)."""
    deadline = time.monotonic() + settings.SLICE_SECONDS
    for step in steps:
        recorder.add(step)
        if watch:
            watch(step)
        if not recorder.due():
            continue
        order = recorder.flush()
        turn_over = time.monotonic() > deadline and others_wait(deadline)
        if order == Job.State.TRAINING and (asked_to_stop() or turn_over):
            order = "hand_over"
        if order != Job.State.TRAINING:
            recorder.leave()
            return order
    state = recorder.flush()
    return state if state == Job.State.STOPPING else "over"


@dataclass
class Recorder:
    """Collects finished units and stores them a few times a second, and less often the state of
    the unit in progress. `number` is that of the next unit.
    """

    lease: JobLease
    number: int
    units: list[bytes] = field(default_factory=list)
    step: Step = field(default_factory=Step)
    flushed: float = float("-inf")
    saved: float = field(default_factory=time.monotonic)
    started: float = field(default_factory=time.monotonic)

    def add(self, step: Step) -> None:
        """Keep a step until the next flush."""
        self.step = step
        if step.unit is not None:
            self.units.append(step.unit)

    def due(self) -> bool:
        """Is it time to store? At once for the first step, so that a page comes alive."""
        return time.monotonic() - self.flushed >= FLUSH_SECONDS

    def flush(self) -> str:
        """Store what was collected, now and then the state of a unit in progress first."""
        late = time.monotonic() - self.saved >= CHECKPOINT_SECONDS
        if self.step.save and (late or (self.step.chained and self.units)):
            return self.store(self.save())
        return self.store("" if self.units else None)

    def leave(self) -> None:
        """Put a checkpoint exactly here: somebody else goes on from it."""
        if self.step.save:
            self.store(self.save())

    def save(self) -> str:
        """Write the state of the unit in progress under a new name; nothing points to it yet."""
        assert self.step.save is not None
        number = self.number + len(self.units)
        stamp = time.monotonic_ns()
        name = f"job-{self.lease.pk}-{self.lease.token}-{number}-{stamp}.safetensors"
        path = checkpoint_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.step.save(path)
        self.saved = time.monotonic()
        return name

    def store(self, checkpoint: str | None) -> str:
        """The collected units, progress, and the pointer to a checkpoint."""
        now, after = time.monotonic(), self.number + len(self.units)
        state = running.record(
            lease=self.lease,
            first=self.number,
            units=self.units,
            done=after if self.step.done is None else self.step.done,
            sentence=self.step.sentence,
            checkpoint=checkpoint,
            seconds=now - self.started,
        )
        self.units, self.number = [], after
        self.started, self.flushed = now, time.monotonic()
        return state
