"""The live parts of a session's page: state, actions, key numbers, newest epochs, curve.

The page and the messages of its socket render the same templates (`templates/training/_live_*`)
with what this module gathers, so they cannot disagree.
"""

import json
from collections.abc import Sequence
from typing import Any

from training.figures import CurvePoint, gain_curve
from training.models import Epoch, TrainingSession
from training.snapshots import SessionSnapshot, first_look

ROWS = 25  # newest epochs in the table
State = TrainingSession.State


def live_parts(snapshot: SessionSnapshot, epochs: Sequence[Epoch], upto: int) -> dict[str, Any]:
    """The context of the live templates; `epochs` are what the page's curve misses."""
    session = snapshot.session
    return {
        "session": session,
        "measured": snapshot.measured,
        "latest": snapshot.measured.latest,
        "words": state_words(snapshot),
        "waited": _epochs_since_best(session),
        "newest": snapshot.epochs[: -ROWS - 1 : -1],
        "upto": upto,
        "more": upto < snapshot.last,
        "points": json.dumps([_wire(curve_point(session, epoch)) for epoch in epochs]),
    }


def whole_panel(session: TrainingSession) -> dict[str, Any]:
    """The context of the whole live section, with the curve of every epoch so far."""
    snapshot = first_look(session)
    rows = Epoch.objects.filter(session=session, number__lte=snapshot.last)
    points = [curve_point(session, epoch) for epoch in rows.only(*CURVE_FIELDS)]
    curve = gain_curve(points, best_epoch=session.best_epoch)
    return live_parts(snapshot, (), snapshot.last) | {"curve": curve.to_plotly_json()}


CURVE_FIELDS = ("session_id", "number", "train_bits", "val_bits", "gain")


def curve_point(session: TrainingSession, epoch: Epoch) -> CurvePoint:
    """Gains over chance; the training draws' own chance where the session knows it."""
    chance = epoch.val_bits + epoch.gain
    train_chance = session.split.get("train", {}).get("chance_bits", chance)
    return CurvePoint(epoch.number, train_chance - epoch.train_bits, epoch.gain)


def _wire(point: CurvePoint) -> list[float]:
    return [point.number, round(point.train, 6), round(point.validation, 6)]


def _epochs_since_best(session: TrainingSession) -> int | None:
    """Epochs without a better one, of those `patience` allows; None when it is off."""
    if not session.config.get("patience") or session.best_epoch is None:
        return None
    return session.current_epoch - session.best_epoch


def state_words(snapshot: SessionSnapshot) -> str:
    """What the state means for the person who watches, in one sentence."""
    session = snapshot.session
    epoch = session.current_epoch
    of_all = f"{epoch:,} of {session.total_epochs:,}"
    if session.error and session.state in (State.FAILED, State.INTERRUPTED):
        return session.error
    return {
        State.QUEUED: f"Waiting for a worker, at epoch {of_all}."
        if epoch
        else "Waiting for a worker.",
        State.TRAINING: f"Epoch {of_all}." if epoch else "Reading the draws.",
        State.PAUSING: f"Pausing after this epoch; {of_all} are done.",
        State.PAUSED: f"Paused at epoch {of_all}, checkpoint saved.",
        State.STOPPING: f"Stopping after this epoch; {of_all} are done.",
        State.STOPPED: f"Stopped after {epoch:,} epochs.",
        State.COMPLETED: f"Finished after {epoch:,} epochs.",
        State.FAILED: f"Failed at epoch {of_all}.",
        State.INTERRUPTED: f"Interrupted at epoch {of_all}; the last checkpoint is safe.",
    }[State(session.state)]
