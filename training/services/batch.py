"""One verb for several sessions: each is asked by itself, and each refusal is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from memory.refusals import Invalid, Refusal
from training.models import TrainingSession
from training.services import sessions


class Verb(Protocol):
    """What can be asked of a session."""

    def __call__(self, *, session: TrainingSession, actor: str) -> TrainingSession: ...


VERBS: Final[Mapping[str, Verb]] = {
    "pause": sessions.ask_pause,
    "resume": sessions.resume,
    "stop": sessions.ask_stop,  # keeps the best weights: who discards asks one by one
}
MOST = 100


@dataclass(slots=True)
class Outcome:
    """The sessions that did as asked, and why the others did not, by number."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


def ask_each(*, numbers: Sequence[object], ask: str, actor: str) -> Outcome:
    """Pause, resume or stop sessions. Invalid for another verb, for none or too many."""
    if ask not in VERBS:
        raise Invalid(fields={"ask": f"Must be one of {', '.join(VERBS)}."})
    wanted = list(dict.fromkeys(numbers))
    if not 0 < len(wanted) <= MOST:
        raise Invalid(fields={"session_ids": f"Choose 1 to {MOST} sessions."})
    found = [sessions.find_session(number) for number in wanted]
    outcome = Outcome()
    for session in found:
        try:
            VERBS[ask](session=session, actor=actor)
            outcome.done.append(session.pk)
        except Refusal as refusal:
            outcome.refused[session.pk] = refusal.message
    return outcome
