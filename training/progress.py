"""How far a session is: measured from its stored epochs, never guessed."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from django.db.models import Q

from training.models import Epoch, TrainingSession

RECENT = 10  # epochs whose median pace the remaining time is taken from

PLAIN_STATUS = {
    "stopped": "completed",
    "completed": "completed",
    "failed": "error",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """What a page or a program asks of a session. Seconds; None where not measured."""

    session_id: int
    state: str
    current_epoch: int
    total_epochs: int
    seconds_per_epoch: float | None
    seconds_remaining: float | None
    latest: Epoch | None
    queue_position: int | None

    @property
    def status(self) -> str:
        """The plan's three words: training, completed, error."""
        return PLAIN_STATUS.get(self.state, "training")

    @property
    def percent(self) -> int:
        return 100 * self.current_epoch // self.total_epochs


def progress(session: TrainingSession) -> Progress:
    """Measure a session; two queries at most."""
    newest = list(session.epochs.defer("rows").order_by("-number")[:RECENT])
    return measure(session, newest[::-1])


def measure(session: TrainingSession, epochs: Sequence[Epoch]) -> Progress:
    """Measure a session by its newest epochs, the newest at the end; a query if it waits."""
    recent = epochs[: -RECENT - 1 : -1]
    pace = median(epoch.seconds for epoch in recent) if recent else None
    left = session.total_epochs - session.current_epoch
    remaining = None if pace is None or session.is_over else pace * left
    return Progress(
        session_id=session.pk,
        state=session.state,
        current_epoch=session.current_epoch,
        total_epochs=session.total_epochs,
        seconds_per_epoch=pace,
        seconds_remaining=remaining,
        latest=recent[0] if recent else None,
        queue_position=queue_position(session),
    )


def queue_position(session: TrainingSession) -> int | None:
    """1 for the session that a worker takes next; None for one that does not wait."""
    if session.state != TrainingSession.State.QUEUED or session.lease_owner:
        return None
    earlier = Q(queued_at__lt=session.queued_at) | Q(
        queued_at=session.queued_at, pk__lt=session.pk
    )
    return 1 + TrainingSession.objects.waiting().filter(earlier).count()
