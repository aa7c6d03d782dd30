"""Queued work that one worker at a time owns: what a session and every other job have in common."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone


class State(models.TextChoices):
    """The one vocabulary of statuses; TRAINING is being worked on, whatever the work is."""

    QUEUED = "queued"
    TRAINING = "training"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    COMPLETED = "completed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


TERMINAL = (State.STOPPED, State.COMPLETED, State.FAILED)
ASKED = (State.PAUSING, State.STOPPING)
AT_WORK = (State.TRAINING, *ASKED)
# One place says which move is legal; services/leases.py asks it.
MOVES: dict[str, tuple[str, ...]] = {
    State.QUEUED: (
        State.TRAINING,
        State.PAUSED,
        State.STOPPING,
        State.STOPPED,
        State.FAILED,
    ),
    State.TRAINING: (
        State.QUEUED,
        State.PAUSING,
        State.STOPPING,
        State.COMPLETED,
        State.FAILED,
        State.INTERRUPTED,
    ),
    State.PAUSING: (
        State.TRAINING,
        State.PAUSED,
        State.STOPPING,
        State.COMPLETED,
        State.FAILED,
        State.INTERRUPTED,
    ),
    State.PAUSED: (State.QUEUED, State.STOPPING, State.STOPPED),
    State.STOPPING: (State.STOPPED, State.COMPLETED, State.FAILED, State.INTERRUPTED),
    State.INTERRUPTED: (State.QUEUED, State.STOPPING, State.STOPPED, State.FAILED),
    State.STOPPED: (),
    State.COMPLETED: (),
    State.FAILED: (),
}


class LeasedQuerySet(models.QuerySet[Any]):
    """The vocabulary of reading queued work, and the conditional updates that change it."""

    def active(self) -> Self:
        """Not over."""
        return self.exclude(state__in=TERMINAL)

    def under_way(self) -> Self:
        """Neither over nor in the queue: a worker has it, or a person must decide about it."""
        return self.active().exclude(state=State.QUEUED)

    def free(self) -> Self:
        """Wants a worker and has none: queued, or asked to pause or stop as its worker died."""
        return self.filter(lease_owner="", state__in=[State.QUEUED, *ASKED])

    def waiting(self) -> Self:
        """In the queue, in the order in which a worker takes them."""
        return self.filter(state=State.QUEUED, lease_owner="").order_by("queued_at", "pk")

    def leased(self) -> Self:
        """Somebody says to be working on them."""
        return self.exclude(lease_owner="")

    def silent(self) -> Self:
        """Should be worked on, and no sign of the worker for longer than a lease lasts."""
        heard = timezone.now() - timedelta(seconds=settings.LEASE_SECONDS)
        return self.leased().filter(state__in=AT_WORK, beat_at__lt=heard)

    def busiest_first(self) -> Self:
        """What is worked on, then the rest; of either the newest first."""
        at_work = Case(When(state__in=AT_WORK, then=Value(0)), default=Value(1))
        return self.order_by(at_work, "-pk")

    def owned(self, pk: int, token: int) -> Self:
        """The row while the slice with this fencing token owns it; else no row."""
        return self.filter(pk=pk, token=token).exclude(lease_owner="")

    def claim(self, pk: int, owner: str) -> bool:
        """Take a free row: token + 1. False when someone else was first."""
        now = timezone.now()
        return (
            self.free()
            .filter(pk=pk)
            .update(
                # an asked-for pause or stop whose worker died is carried out by the next one
                state=Case(
                    When(state=State.QUEUED, then=Value(State.TRAINING)), default=F("state")
                ),
                lease_owner=owner,
                token=F("token") + 1,
                beat=F("beat") + 1,
                beat_at=now,
                revision=F("revision") + 1,
                started_at=Coalesce("started_at", now),
            )
            == 1
        )


class LeasedManager(models.Manager.from_queryset(LeasedQuerySet)):  # type: ignore[misc]
    """The same vocabulary on a model's `objects`."""


class LeasedWork(models.Model):
    """A chain of slices with a fencing token.

    Whoever holds the lease (`lease_owner`, `token`) writes; `beat` counts while the holder
    lives, so a dead one is noticed without comparing clocks (services/recovery.py). The reaper
    looks after every model that inherits from this one: `TASK` is the task that works on a
    slice of it, `LOST` the verb that tells of a lost worker, both by dotted name; its `objects`
    are a `LeasedManager`.
    """

    TASK: ClassVar[str]
    LOST: ClassVar[str]
    State: ClassVar = State
    TERMINAL: ClassVar = TERMINAL
    ASKED: ClassVar = ASKED
    AT_WORK: ClassVar = AT_WORK
    MOVES: ClassVar = MOVES

    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    actor = models.CharField(max_length=150)
    request_key = models.CharField(
        max_length=80, blank=True, help_text="a second POST with it starts nothing"
    )

    lease_owner = models.CharField(max_length=120, blank=True)
    token = models.PositiveBigIntegerField(default=0)
    beat = models.PositiveBigIntegerField(default=0)
    beat_at = models.DateTimeField(null=True)
    recoveries = models.PositiveIntegerField(default=0)

    process_seconds = models.FloatField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # Grows with every commit that changes what a live page shows.
    revision = models.PositiveBigIntegerField(default=0)

    class Meta:
        abstract = True

    def may_become(self, state: str) -> bool:
        """Is this move in the transition table?"""
        return state in self.MOVES[self.state]

    @property
    def is_over(self) -> bool:
        return self.state in self.TERMINAL

    @property
    def silence(self) -> float | None:
        """Seconds without a sign of the worker, when that is longer than a lease lasts."""
        if self.state not in self.AT_WORK or not self.lease_owner or self.beat_at is None:
            return None
        seconds = (timezone.now() - self.beat_at).total_seconds()
        return seconds if seconds > settings.LEASE_SECONDS else None

    @property
    def shown_state(self) -> str:
        """The state as a word: `lost` where somebody should work and gives no sign of life."""
        return "lost" if self.silence else str(self.state)
