"""The work itself: one slice of a session. The only module of the app that meets torch.

django-q2 calls `run_slice` by its dotted name in a forked worker; nothing else imports this
file but commands that train in the foreground.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing

from django.conf import settings

from memory import quota
from training.draining import asked_to_stop
from training.engine import checkpoint
from training.engine.config import Config
from training.engine.data import TrainingData, prepare_many
from training.engine.environment import CHANGED, differences, environment
from training.engine.fit import State, finish, fit, set_threads, start
from training.engine.reports import Diverged, EpochReport
from training.models import TrainingSession
from training.recorder import Recorder
from training.services import finishing, leases, slices
from training.services.leases import AWAY, others_wait
from training.services.planning import histories_of
from training.services.slices import Lease

log = logging.getLogger("helios.training")
Watch = Callable[[EpochReport], None] | None


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
    lease = slices.claim(session_id=session_id, owner=leases.owner_name())
    if lease is None:
        return False
    leases.hold(
        lease,
        lambda: work(lease, watch),
        fail=lambda code, message: slices.fail(lease=lease, code=code, message=message),
        interrupt=lambda reason: slices.interrupt(lease=lease, reason=reason),
    )
    return True


def work(lease: Lease, watch: Watch) -> None:
    """Train until the session is over, asked to pause or stop, or the slice is used up."""
    session = TrainingSession.objects.select_related("dataset", "model").get(
        pk=lease.session_id
    )
    config = Config.parse(session.config)
    set_threads(config.threads)
    data = prepare_many(histories_of(session), config)
    state = restore(lease, session, config, data)
    if session.state != TrainingSession.State.TRAINING:  # asked for while no worker had it
        carry_out(session.state, lease, config, data, state)
        return
    order, runaway = "", None
    with closing(Recorder(lease, state, batches=data.steps(config.batch_size))) as recorder:
        try:
            order = follow(fit(config, data, state), recorder, watch)
        except Diverged as error:
            recorder.store("")
            runaway = error
    if runaway:
        keep_diverged(lease, config, data, state, runaway)
    else:
        carry_out(order, lease, config, data, state)


def follow(
    reports: Iterator[EpochReport],
    recorder: Recorder,
    watch: Watch,
) -> str:
    """Record epochs as they come; returns what to do next (`over` when all are trained)."""
    deadline, room = time.monotonic() + settings.SLICE_SECONDS, quota.Watch()
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
        elif order == TrainingSession.State.TRAINING and (problem := room.problem()):
            order = slices.pause_for(lease=recorder.lease, reason=problem)
        if order != TrainingSession.State.TRAINING:
            recorder.leave()
            return order
    state = recorder.flush()
    return state if state == TrainingSession.State.STOPPING else "over"


def carry_out(
    order: str, lease: Lease, config: Config, data: TrainingData, state: State
) -> None:
    """Do what the session's row, the clock or the last epoch asks for."""
    if order == "hand_over":
        slices.hand_over(lease=lease)
    elif order == TrainingSession.State.PAUSING:
        slices.pause(lease=lease)
    elif order == TrainingSession.State.STOPPING and (lease.keeps_nothing() or not state.epoch):
        slices.discard(lease=lease)  # without a checkpoint there are no trained weights to keep
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
        note_changes(lease, state, data)
        return state
    state = start(config, data)
    slices.remember_environment(lease=lease, environment=state.environment)
    return state


def note_changes(lease: Lease, state: State, data: TrainingData) -> None:
    """Say, once, that a session goes on where its bits cannot be those it would have had."""
    here = environment(state.config, data)
    found = differences(state.environment, here)
    if not found:
        return
    text = f"Not bit-exact from epoch {state.epoch + 1} on: {'; '.join(found)}"
    before = state.environment.get(CHANGED)
    state.environment = {**here, CHANGED: f"{before}. {text}" if before else text}
    slices.remember_environment(lease=lease, environment=state.environment)
    slices.warn(lease=lease, text=f"{text}.")
