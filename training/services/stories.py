"""The story of a session: its journal entries and log lines, in the caller's transaction."""

from typing import Any

from django.db import transaction

from memory import services as journal
from training import live
from training.models import SessionLog, TrainingSession


def tell(
    session: TrainingSession, event_type: str, *, actor: str, metadata: dict[str, Any]
) -> None:
    """A journal entry about this session, in the caller's transaction."""
    journal.append(
        event_type=event_type,
        actor=actor,
        model_name=session.model.name,
        session_id=session.pk,
        metadata=metadata,
    )


def tell_paused(session: TrainingSession, *, actor: str) -> None:
    """The journal entry and log line of a pause, with its cause when the house asked for it."""
    metadata: dict[str, Any] = {"epoch": session.current_epoch}
    if session.error:
        metadata["cause"] = session.error
    tell(session, "training_paused", actor=actor, metadata=metadata)
    because = f": {session.error}" if session.error else "."
    note(session, f"Paused after epoch {session.current_epoch}{because}")


def tell_stopped(session: TrainingSession, *, actor: str, **kept: Any) -> None:
    """The journal entry and log line of a stop; `kept` names what became of the weights."""
    metadata = {"epoch": session.current_epoch, "mode": session.keep, **kept}
    tell(session, "training_stopped", actor=actor, metadata=metadata)
    note(session, f"Stopped after epoch {session.current_epoch}.")


def tell_lost(session: TrainingSession, *, worker: str, hopeless: bool) -> None:
    """The journal entry and log line of a worker that does not beat any more."""
    event = "training_interrupted" if hopeless else "session_recovered"
    metadata = {"epoch": session.current_epoch, "worker": worker}
    if not hopeless:
        metadata["cause"] = "its worker was lost"
    tell(session, event, actor="system", metadata=metadata)
    then = (
        "Resume it when the cause is found." if hopeless else "Continuing from the checkpoint."
    )
    text = f"Worker {worker} was lost after epoch {session.current_epoch}. {then}"
    note(session, text, SessionLog.Level.WARNING)


def note(session: TrainingSession, text: str, level: str = SessionLog.Level.INFO) -> None:
    """A line of the session's log, and a ring for whoever watches once it is committed."""
    SessionLog.objects.create(session=session, text=text, level=level)
    transaction.on_commit(lambda: live.ring(session.pk))
