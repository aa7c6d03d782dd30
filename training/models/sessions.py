"""Training sessions, their epochs, their log, and the workers that are alive."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from registry.models import ModelArtifact, RegisteredModel
from training.models.draws import Dataset


class SessionQuerySet(models.QuerySet["TrainingSession"]):
    """The vocabulary of reading sessions, and the conditional updates that change them."""

    def active(self) -> SessionQuerySet:
        """Not over: they hold their model's name."""
        return self.exclude(state__in=TrainingSession.TERMINAL)

    def waiting(self) -> SessionQuerySet:
        """In the queue, in the order in which a worker takes them."""
        return self.filter(state=TrainingSession.State.QUEUED, lease_owner="").order_by(
            "queued_at", "pk"
        )

    def leased(self) -> SessionQuerySet:
        """Somebody says to be working on them."""
        return self.exclude(lease_owner="")

    def owned(self, pk: int, token: int) -> SessionQuerySet:
        """The session while the slice with this fencing token owns it; else no row."""
        return self.filter(pk=pk, token=token).exclude(lease_owner="")

    def claim(self, pk: int, owner: str) -> bool:
        """Take a free, runnable session: token + 1. False when someone else was first."""
        queued = TrainingSession.State.QUEUED
        free = self.filter(pk=pk, lease_owner="", state__in=[queued, *TrainingSession.ASKED])
        now = timezone.now()
        return (
            free.update(
                # an asked-for pause or stop whose worker died is carried out by the next one
                state=Case(
                    When(state=queued, then=Value(TrainingSession.State.TRAINING)),
                    default=F("state"),
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


class TrainingSession(models.Model):
    """One training of one model on one dataset: a chain of slices with a fencing token.

    Whoever holds the lease (`lease_owner`, `token`) writes; `beat` counts while the holder
    lives, so a dead one is noticed without comparing clocks (services/recovery.py).
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        TRAINING = "training"
        PAUSING = "pausing"
        PAUSED = "paused"
        STOPPING = "stopping"
        STOPPED = "stopped"
        COMPLETED = "completed"
        FAILED = "failed"
        INTERRUPTED = "interrupted"

    class Keep(models.TextChoices):
        BEST = "best"
        NOTHING = "nothing"

    TERMINAL: ClassVar = (State.STOPPED, State.COMPLETED, State.FAILED)
    ASKED: ClassVar = (State.PAUSING, State.STOPPING)
    # One place says which move is legal; services/sessions.py asks it.
    MOVES: ClassVar[dict[str, tuple[str, ...]]] = {
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
        ),
        State.PAUSED: (State.QUEUED, State.STOPPING, State.STOPPED),
        State.STOPPING: (State.STOPPED, State.COMPLETED, State.FAILED),
        State.INTERRUPTED: (State.QUEUED, State.STOPPING, State.STOPPED, State.FAILED),
        State.STOPPED: (),
        State.COMPLETED: (),
        State.FAILED: (),
    }

    model = models.ForeignKey(RegisteredModel, models.PROTECT, related_name="sessions")
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="sessions")
    dataset_fingerprint = models.CharField(max_length=64)
    config = models.JSONField()
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    keep = models.CharField(max_length=8, choices=Keep, default=Keep.BEST)
    actor = models.CharField(max_length=150)
    request_key = models.CharField(
        max_length=80, blank=True, help_text="a second POST with it starts nothing"
    )

    lease_owner = models.CharField(max_length=120, blank=True)
    token = models.PositiveBigIntegerField(default=0)
    beat = models.PositiveBigIntegerField(default=0)
    beat_at = models.DateTimeField(null=True)
    checkpoint = models.CharField(max_length=120, blank=True)
    previous_checkpoint = models.CharField(max_length=120, blank=True)
    recoveries = models.PositiveIntegerField(default=0)

    current_epoch = models.PositiveIntegerField(default=0)
    total_epochs = models.PositiveIntegerField()
    best_epoch = models.PositiveIntegerField(null=True)
    best_gain = models.FloatField(null=True, help_text="validation bits over chance per draw")
    process_seconds = models.FloatField(default=0)
    parameter_count = models.PositiveBigIntegerField(default=0)
    split = models.JSONField(default=dict)
    environment = models.JSONField(default=dict)
    verification = models.JSONField(default=dict, help_text="the last exact reproduction")
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    artifact = models.ForeignKey(
        ModelArtifact, models.SET_NULL, null=True, related_name="sessions"
    )

    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # Grows with every commit that changes what a live page shows; the hub compares it.
    revision = models.PositiveBigIntegerField(default=0)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "training session"
        constraints = [
            models.UniqueConstraint(
                fields=["model"],
                condition=~Q(state__in=("stopped", "completed", "failed")),
                name="one_active_session_per_model",
            ),
            models.UniqueConstraint(
                fields=["request_key"], condition=~Q(request_key=""), name="one_start_per_key"
            ),
        ]
        indexes = [
            # the queue and "what is running now"
            models.Index(fields=["state", "queued_at"], name="session_by_state"),
        ]

    def __str__(self) -> str:
        return f"session {self.pk} ({self.state})"

    def get_absolute_url(self) -> str:
        return reverse("training:session", args=[self.pk])

    def may_become(self, state: str) -> bool:
        """Is this move in the transition table?"""
        return state in self.MOVES[self.state]

    @property
    def is_over(self) -> bool:
        return self.state in self.TERMINAL


class Epoch(models.Model):
    """What one epoch measured. Numbers are contiguous per session, with one writer.

    Bits are per draw against the draw's own era; `gain` is validation bits over chance.
    `rows` holds float32 (K, 4) of each replica: train bits, val bits, gain, gradient norm.
    """

    session = models.ForeignKey(TrainingSession, models.CASCADE, related_name="epochs")
    number = models.PositiveIntegerField()
    train_bits = models.FloatField()
    val_bits = models.FloatField()
    gain = models.FloatField()
    learning_rate = models.FloatField()
    grad_norm = models.FloatField()
    seconds = models.FloatField()
    best = models.BooleanField(default=False)
    rows = models.BinaryField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            # serves "the epochs of a session after N"
            models.UniqueConstraint(fields=["session", "number"], name="one_row_per_epoch")
        ]

    def __str__(self) -> str:
        return f"epoch {self.number} of session {self.session_id}"


class SessionLog(models.Model):
    """A line of a session's log."""

    class Level(models.TextChoices):
        INFO = "info"
        WARNING = "warning"
        ERROR = "error"

    session = models.ForeignKey(TrainingSession, models.CASCADE, related_name="log")
    at = models.DateTimeField(default=timezone.now)
    level = models.CharField(max_length=8, choices=Level, default=Level.INFO)
    text = models.TextField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


class Worker(models.Model):
    """A queue that is alive: its supervisor beats every few seconds."""

    name = models.CharField(max_length=120, unique=True, help_text="host:pid")
    started_at = models.DateTimeField(default=timezone.now)
    beat_at = models.DateTimeField(default=timezone.now)
    processes = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-beat_at"]

    def __str__(self) -> str:
        return self.name
