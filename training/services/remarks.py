"""What a person says of a session at its start: a note for the journal, tags for its model."""

from dataclasses import dataclass

from memory import services as journal
from memory.refusals import Invalid, Refusal
from registry.services import add_tags, read_tags
from registry.services.words import plain_text
from training.models import SessionLog, TrainingSession
from training.services.stories import note

LONGEST = 2_000  # characters of a note: the form's summary asks for itself by its address


@dataclass(frozen=True, slots=True)
class Remarks:
    """A note in Markdown, and words by which the model is grouped; either may be empty."""

    note: str = ""
    tags: tuple[str, ...] = ()


def read_remarks(note: object, tags: object) -> Remarks:
    """Both as they can be kept; Invalid names the fields that cannot."""
    problems: dict[str, str] = {}
    kept, words = "", []
    try:
        kept = plain_text(note, "note", limit=LONGEST)
    except Refusal as refusal:
        problems |= refusal.fields
    try:
        words = read_tags(tags)
    except Refusal as refusal:
        problems |= refusal.fields
    if problems:
        raise Invalid(fields=problems)
    return Remarks(kept, tuple(words))


def tell_note(session: TrainingSession, *, actor: str) -> None:
    """The note as an entry of the journal, if there is one."""
    if session.note:
        journal.add_note(
            text=session.note,
            actor=actor,
            model_name=session.model.name,
            session_id=session.pk,
        )


def hand_on_tags(session: TrainingSession) -> None:
    """Give the model that came of the session its tags; what finds no room is in the log."""
    left = add_tags(model=session.model, tags=session.tags, actor=session.actor)
    if left:
        words = f"The model has no room for more tags: {', '.join(left)}."
        note(session, words, SessionLog.Level.WARNING)
