"""How far a session is: measured from its stored epochs, never guessed."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from django.db.models import Q

from training.models import Epoch, TrainingSession, Worker

RECENT = 10  # epochs whose median pace the remaining time is taken from

PLAIN_STATUS = {
    "stopped": "completed",
    "completed": "completed",
    "failed": "error",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session stands in the queue, and what it waits for."""

    ahead: int  # sessions that a worker takes before it
    busy: tuple[str, ...]  # the models of the sessions that workers have
    workers: int  # processes online


@dataclass(frozen=True, slots=True)
class Within:
    """How far the epoch in progress is."""

    epoch: int
    batch: int
    batches: int

    @property
    def words(self) -> str:
        return f"Batch {self.batch:,} of {self.batches:,} of epoch {self.epoch:,}"


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
    place: Place | None  # None for one that does not wait
    within: Within | None  # None where epochs are short, or nobody is at work

    @property
    def queue_position(self) -> int | None:
        """1 for the session that a worker takes next."""
        return None if self.place is None else self.place.ahead + 1

    @property
    def status(self) -> str:
        """The plan's three words: training, completed, error."""
        return PLAIN_STATUS.get(self.state, "training")

    @property
    def percent(self) -> int:
        return 100 * self.current_epoch // self.total_epochs


def progress(session: TrainingSession) -> Progress:
    """Measure a session; one query, or three if it waits."""
    newest = list(session.epochs.defer("rows").order_by("-number")[:RECENT])
    return measure(session, newest[::-1])


def measure(session: TrainingSession, epochs: Sequence[Epoch]) -> Progress:
    """Measure a session by its newest epochs, the newest at the end; two queries if it waits."""
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
        place=place_of(session),
        within=within_epoch(session),
    )


def within_epoch(session: TrainingSession) -> Within | None:
    """What the worker told of the epoch in progress; not what one told that is gone."""
    told, epoch = session.within, session.current_epoch + 1
    if (
        session.state not in session.AT_WORK
        or not session.lease_owner
        or told.get("token") != session.token
        or epoch > session.total_epochs
    ):
        return None
    if told["epoch"] == epoch:
        return Within(epoch, told["batch"], told["batches"])
    just_over = told["epoch"] == session.current_epoch
    return Within(epoch, 0, told["batches"]) if just_over else None


def place_of(session: TrainingSession) -> Place | None:
    """The place of a session in the queue; two queries, none for one that does not wait."""
    if session.state != TrainingSession.State.QUEUED or session.lease_owner:
        return None
    earlier = Q(queued_at__lt=session.queued_at) | Q(
        queued_at=session.queued_at, pk__lt=session.pk
    )
    before = TrainingSession.objects.waiting() & TrainingSession.objects.filter(earlier)
    rows = (TrainingSession.objects.leased() | before).order_by("pk")
    found = list(rows.values_list("lease_owner", "model__name"))
    busy = tuple(name for owner, name in found if owner)
    return Place(len(found) - len(busy), busy, Worker.objects.online().processes())
