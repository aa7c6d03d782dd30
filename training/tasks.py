"""The work itself: one slice of a session. The only module of the app that meets torch.

django-q2 calls `run_slice` by its dotted name in a forked worker; nothing else imports this
file but commands that train in the foreground.
"""

import errno
import logging
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.conf import settings

from training.draining import asked_to_stop
from training.engine import checkpoint
from training.engine.config import Config
from training.engine.data import TrainingData, prepare
from training.engine.fit import State, environment, finish, fit, set_threads, start
from training.engine.reports import Diverged, EpochReport
from training.engine.state import not_bit_exact
from training.models import TrainingSession
from training.services import finishing, slices
from training.services.planning import history_of
from training.services.slices import AWAY, Lease, LeaseLost

log = logging.getLogger("helios.training")
FLUSH_SECONDS = 0.25  # finished epochs are stored, and shown, at least this often
CHECKPOINT_SECONDS = 0.75  # the most work that a kill costs, beside the epoch it hits
Watch = Callable[[EpochReport], None] | None
PATIENCE = 5  # slices' worth of work before even a lonely session goes back to the queue


def owner_name() -> str:
    """host:pid of this worker."""
    return f"{platform.node()}:{os.getpid()}"


def run_slice(session_id: int) -> None:
    """Work on a session for about a minute. Delivered twice, the second finds nothing to do.

    While the database does not answer nothing can be written, not even a failure: the session
    stays this worker's until the reaper sees that it does not beat any more.
    """
    try:
        slice_of(session_id, watch=None)
    except AWAY as error:
        log.warning("session %s: the database does not answer: %s", session_id, error)


def run_session(session_id: int, watch: Watch) -> None:
    """Work on a session in this process until it is over, paused, or the process is asked to stop.

    A command's way: the same slices, one after the other, each epoch shown by `watch`.
    """
    while slice_of(session_id, watch) and not asked_to_stop():
        pass
    if asked_to_stop():
        slices.pause_waiting(session_id=session_id)


def slice_of(session_id: int, watch: Watch) -> bool:
    """One slice, if the session is free; False when there was nothing to do."""
    lease = slices.claim(session_id=session_id, owner=owner_name())
    if lease is None:
        return False
    try:
        with slices.beating(lease):
            work(lease, watch)
    except LeaseLost:
        log.info("session %s has another owner now", session_id)
    except AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - the one place that catches, records and finishes
        end_badly(lease, error)
    return True


def end_badly(lease: Lease, error: Exception) -> None:
    """Write the reason on the row: interrupted when it can be resumed, failed otherwise."""
    log.exception("session %s ended badly", lease.session_id)
    try:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            slices.interrupt(
                lease=lease, reason="The disk is full. Free some space and resume."
            )
            return
        code = (
            "out_of_memory" if isinstance(error, MemoryError) else type(error).__name__.lower()
        )
        slices.fail(lease=lease, code=code, message=f"{type(error).__name__}: {error}")
    except LeaseLost:
        log.info("session %s has another owner now", lease.session_id)


def work(lease: Lease, watch: Watch) -> None:
    """Train until the session is over, asked to pause or stop, or the slice is used up."""
    session = TrainingSession.objects.select_related("dataset", "model").get(
        pk=lease.session_id
    )
    config = Config.parse(session.config)
    set_threads(config.threads)
    data = prepare(history_of(session), config)
    state = restore(lease, session, config, data)
    if session.state != TrainingSession.State.TRAINING:  # asked for while no worker had it
        carry_out(session.state, lease, config, data, state)
        return
    recorder = Recorder(lease, state)
    try:
        order = follow(fit(config, data, state), recorder, watch)
    except Diverged as error:
        recorder.flush()
        keep_diverged(lease, config, data, state, error)
        return
    carry_out(order, lease, config, data, state)


def follow(
    reports: Iterator[EpochReport],
    recorder: "Recorder",
    watch: Watch,
) -> str:
    """Record epochs as they come; returns what to do next (`over` when all are trained)."""
    deadline = time.monotonic() + settings.SLICE_SECONDS
    for report in reports:
        recorder.add(report)
        if watch:
            watch(report)
        if not recorder.due():
            continue
        order = recorder.flush()
        turn_over = time.monotonic() > deadline and others_wait(deadline)
        if order == TrainingSession.State.TRAINING and (asked_to_stop() or turn_over):
            order = "hand_over"
        if order != TrainingSession.State.TRAINING:
            recorder.leave()
            return order
    state = recorder.flush()
    return state if state == TrainingSession.State.STOPPING else "over"


def others_wait(deadline: float) -> bool:
    """Is it somebody else's turn? A lonely session goes on for a few slices more."""
    alone = not TrainingSession.objects.waiting().exists()
    return not alone or time.monotonic() > deadline + PATIENCE * settings.SLICE_SECONDS


def carry_out(
    order: str, lease: Lease, config: Config, data: TrainingData, state: State
) -> None:
    """Do what the session's row, the clock or the last epoch asks for."""
    if order == "hand_over":
        slices.hand_over(lease=lease)
    elif order == TrainingSession.State.PAUSING:
        slices.pause(lease=lease)
    elif order == TrainingSession.State.STOPPING and lease.keeps_nothing():
        slices.discard(lease=lease)
    else:
        finishing.finish_session(lease=lease, outcome=finish(config, data, state))


def keep_diverged(
    lease: Lease, config: Config, data: TrainingData, state: State, error: Diverged
) -> None:
    """A diverged session fails, with the best weights it had kept as a version."""
    if error.best_epoch:
        finishing.keep_of_failed(lease=lease, outcome=finish(config, data, state))
    slices.fail(lease=lease, code="diverged", message=str(error))


def restore(
    lease: Lease, session: TrainingSession, config: Config, data: TrainingData
) -> State:
    """The state at the newest checkpoint that can be read, or a fresh one.

    A torn or missing checkpoint is said in the session's log; what it held is trained again.
    """
    for name in filter(None, (session.checkpoint, session.previous_checkpoint)):
        try:
            state = checkpoint.load(slices.checkpoint_path(name), config, data)
        except (checkpoint.CheckpointDamaged, FileNotFoundError) as error:
            slices.warn(lease=lease, text=f"Checkpoint {name} cannot be used: {error}")
            continue
        for text in not_bit_exact(state):
            slices.warn(lease=lease, text=f"Not bit-exact from here: {text}.")
        return state
    slices.remember_environment(lease=lease, environment=environment(config))
    return start(config, data)


@dataclass
class Recorder:
    """Collects finished epochs and stores them a few times a second, less often a checkpoint.

    A killed slice goes on from its last checkpoint; the epochs after it are trained again to the
    same bits, and those that are stored already stay as they are.
    """

    lease: Lease
    state: State
    reports: list[EpochReport] = field(default_factory=list)
    flushed: float = float("-inf")
    saved: float = float("-inf")
    started: float = field(default_factory=time.monotonic)

    def add(self, report: EpochReport) -> None:
        """Keep a finished epoch until the next flush."""
        self.reports.append(report)

    def due(self) -> bool:
        """Is it time to store? At once for the first epoch, so that a page comes alive."""
        return time.monotonic() - self.flushed >= FLUSH_SECONDS

    def flush(self) -> str:
        """Store the epochs; now and then a checkpoint first. Returns the session's state."""
        name = ""
        if self.reports and time.monotonic() - self.saved >= CHECKPOINT_SECONDS:
            name = self.save()
        return self.store(name)

    def leave(self) -> None:
        """Put a checkpoint exactly here: somebody else goes on from it."""
        self.store(self.save())

    def save(self) -> str:
        """Write a checkpoint under a new name; nothing points to it yet."""
        name = f"{self.lease.session_id}-{self.lease.token}-{self.state.epoch}.safetensors"
        path = slices.checkpoint_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        checkpoint.save(self.state, path)
        self.saved = time.monotonic()
        return name

    def store(self, name: str) -> str:
        """The collected epochs, and the pointer to the checkpoint `name` if there is one."""
        now = time.monotonic()
        state = slices.record(
            lease=self.lease, reports=self.reports, checkpoint=name, seconds=now - self.started
        )
        self.reports, self.started, self.flushed = [], now, time.monotonic()
        return state
