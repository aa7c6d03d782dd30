"""The live parts of a session's page: state, actions, key numbers, newest epochs, curve.

The page and the messages of its socket render the same templates (`templates/training/_live_*`)
with what this module gathers, so they cannot disagree.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from memory.sentences import counted
from registry.figures import sparkline
from registry.verdicts import verdict
from training.chart import chart_of, curve_of, train_chance, wire_points, words_now
from training.engine.config import SETTINGS
from training.figures import ChartOptions
from training.histories import read_epochs, words_of
from training.models import Epoch, TrainingSession
from training.progress import Place
from training.snapshots import SessionSnapshot, first_look

MOST_EPOCHS = int(SETTINGS["epochs"].maximum or 0)
MOST_NAMED = 2  # sessions that keep workers busy
ROWS = 25  # newest epochs in the table
State = TrainingSession.State


def live_parts(snapshot: SessionSnapshot, epochs: Sequence[Epoch], upto: int) -> dict[str, Any]:
    """The context of the live templates; `epochs` are what the page's curve misses."""
    session = snapshot.session
    silence = session.silence
    return {
        "session": session,
        "measured": snapshot.measured,
        "latest": snapshot.measured.latest,
        "shown_state": "lost" if silence else session.state,
        "words": state_words(snapshot, silence),
        "figures": key_figures(snapshot),
        "newest": snapshot.epochs[: -ROWS - 1 : -1],
        "checkpoints": checkpoint_epochs(session),
        "upto": upto,
        "more": upto < snapshot.last,
        "points": json.dumps(wire_points(session, epochs)),
        "curve_words": words_now(session, snapshot.measured.latest),
        "more_epochs": min(2 * session.total_epochs, MOST_EPOCHS),
        "verdict": verdict(session.artifact) if session.is_over and session.artifact else "",
    }


def whole_panel(session: TrainingSession, options: ChartOptions) -> dict[str, Any]:
    """The context of the whole live section, with the curve of every epoch so far."""
    snapshot = first_look(session)
    chart = chart_of(session, curve_of(session, snapshot.last), options)
    parts = live_parts(snapshot, (), snapshot.last)
    if session.epochs_kept is not None:  # the hot rows are not the newest ones then
        parts["newest"] = read_epochs(session, after=session.current_epoch - ROWS)[0][::-1]
    return parts | {"chart": chart, "epochs_source": words_of(session)}


def now_cards(looks: Sequence[SessionSnapshot], under_way: int) -> dict[str, Any]:
    """The context of the overview's cards: of these sessions, and how many there are beside."""
    cards = [
        {
            "session": each.session,
            "progress": each.measured,
            "spark": sparkline(each.curve),
        }
        for each in looks
    ]
    return {"running": cards, "others": max(0, under_way - len(cards))}


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """The key numbers of a session that its row and its newest epoch do not say by themselves.

    Gains are bits per draw over chance; None where not measured.
    """

    train_gain: float | None
    apart: float | None  # training minus validation
    waited: int | None  # epochs since the best one, of those `patience` allows
    draws_per_second: float | None
    elapsed: float | None  # seconds since the start, pauses included


def key_figures(snapshot: SessionSnapshot) -> KeyFigures:
    """Measured from the snapshot alone, without a query."""
    session, latest = snapshot.session, snapshot.measured.latest
    gain = apart = None
    if latest is not None:
        gain = train_chance(session, latest.val_bits + latest.gain) - latest.train_bits
        apart = gain - latest.gain
    pace, draws = (
        snapshot.measured.seconds_per_epoch,
        session.split.get("train", {}).get("draws"),
    )
    until = session.finished_at or timezone.now()
    return KeyFigures(
        train_gain=gain,
        apart=apart,
        waited=_epochs_since_best(session),
        draws_per_second=draws / pace if pace and draws else None,
        elapsed=(until - session.started_at).total_seconds() if session.started_at else None,
    )


def _epochs_since_best(session: TrainingSession) -> int | None:
    """Epochs without a better one, of those `patience` allows; None when it is off."""
    if not session.config.get("patience") or session.best_epoch is None:
        return None
    return session.current_epoch - session.best_epoch


def checkpoint_epochs(session: TrainingSession) -> tuple[int, ...]:
    """The epochs whose checkpoints are kept, the newest first: `<session>-<token>-<epoch>.*`."""
    names = () if session.is_over else (session.checkpoint, session.previous_checkpoint)
    ends = (name.partition(".")[0].rpartition("-")[2] for name in names)
    return tuple(int(end) for end in ends if end.isdigit())


def state_words(snapshot: SessionSnapshot, silence: float | None = None) -> str:
    """What the state means for the person who watches, in one sentence."""
    session = snapshot.session
    epoch = session.current_epoch
    of_all = f"{epoch:,} of {session.total_epochs:,}"
    kept = checkpoint_epochs(session)
    saved = f"the last checkpoint is of epoch {kept[0]:,}" if kept else "no checkpoint yet"
    if silence:
        return f"No heartbeat for {silence:.0f} s. The worker may have stopped; {saved}."
    if session.error and session.state in (State.FAILED, State.INTERRUPTED, State.PAUSED):
        return session.error
    at = f" It is at epoch {of_all}." if epoch else ""
    return {
        State.QUEUED: f"Waiting for a worker{_why(snapshot.measured.place)}.{at}",
        State.TRAINING: f"Epoch {of_all}." if epoch else "Reading the draws.",
        State.PAUSING: f"Pausing after this epoch; {of_all} are done.",
        State.PAUSED: f"Paused at epoch {of_all}, checkpoint saved.",
        State.STOPPING: f"Stopping after this epoch; {of_all} are done.",
        State.STOPPED: f"Stopped after {counted(epoch, 'epoch')}.",
        State.COMPLETED: f"Finished after {counted(epoch, 'epoch')}.",
        State.FAILED: f"Failed at epoch {of_all}.",
        State.INTERRUPTED: f"Interrupted at epoch {of_all}; {saved}.",
    }[State(session.state)]


def _why(place: Place | None) -> str:
    """What a session in the queue waits for, to be put after "Waiting for a worker"."""
    if place is None:
        return ""
    if not place.workers:
        return ": none is online"
    named, more = place.busy[:MOST_NAMED], len(place.busy) - MOST_NAMED
    busy = " and ".join([*named, *([f"{more:,} more"] if more > 0 else [])])
    ahead = f", {place.ahead:,} ahead of it" if place.ahead else ""
    verb = "is" if place.workers == 1 else "are"
    return (
        f"{ahead}; {counted(place.workers, 'worker')} {verb} busy with {busy}"
        if busy
        else ahead
    )
