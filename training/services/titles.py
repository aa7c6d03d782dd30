"""What a person calls a session, beside the name of the model that it trains."""

from memory.refusals import Invalid
from registry.services.words import plain_text
from training.models import TrainingSession
from training.services.stories import note

LONGEST = 80


def name_session(*, session: TrainingSession, title: object, actor: str) -> TrainingSession:
    """Give a session a title of one line, or none by ""; its log says who did. Raises Invalid."""
    text = plain_text(title, "title", limit=LONGEST)
    if text and not text.isprintable():
        raise Invalid(fields={"title": "Must be one line of printable characters."})
    if text != session.title:
        session.title = text
        session.save(update_fields=["title"])
        note(session, f"{actor} called it {text}." if text else f"{actor} took its title away.")
    return session
