"""Training sessions, their epochs, their log, and the workers that are alive."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone

from registry.models import ModelArtifact, RegisteredModel
from training.models.draws import Dataset
from training.models.leases import LeasedManager, LeasedWork


class TrainingSession(LeasedWork):
    """One training of one model on one dataset: a chain of slices with a fencing token."""

    TASK = "training.tasks.run_slice"
    LOST = "training.services.stories.tell_lost"

    class Keep(models.TextChoices):
        BEST = "best"
        NOTHING = "nothing"

    model = models.ForeignKey(RegisteredModel, models.PROTECT, related_name="sessions")
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="sessions")
    dataset_fingerprint = models.CharField(max_length=64)
    title = models.CharField(max_length=80, blank=True, help_text="what a person calls it")
    # What a person said of it at its start: an entry of the journal, and tags of its model.
    note = models.TextField(blank=True, help_text="Markdown")
    tags = models.JSONField(default=list, blank=True)
    config = models.JSONField()
    keep = models.CharField(max_length=8, choices=Keep, default=Keep.BEST)
    checkpoint = models.CharField(max_length=120, blank=True)
    previous_checkpoint = models.CharField(max_length=120, blank=True)

    current_epoch = models.PositiveIntegerField(default=0)
    total_epochs = models.PositiveIntegerField()
    best_epoch = models.PositiveIntegerField(null=True)
    # The mean over the models that train together; a version's gain is that of their mixture.
    best_gain = models.FloatField(null=True, help_text="validation bits over chance per draw")
    parameter_count = models.PositiveBigIntegerField(default=0)
    split = models.JSONField(default=dict)
    within = models.JSONField(
        default=dict,
        editable=False,
        help_text="of a long epoch: its number, batch, batches and the token of who told it",
    )
    environment = models.JSONField(default=dict)
    verification = models.JSONField(default=dict, help_text="the last exact reproduction")
    artifact = models.ForeignKey(
        ModelArtifact, models.SET_NULL, null=True, related_name="sessions"
    )
    epochs_kept = models.PositiveIntegerField(
        null=True, help_text="rows that stay of archived epochs (CompactedEpochs); null: all"
    )

    objects = LeasedManager()

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
            # the sessions of a state, ranked by best gain
            models.Index(fields=["state", "best_gain", "id"], name="session_by_gain"),
            # all sessions, ranked by best gain
            models.Index(fields=["best_gain", "id"], name="session_by_any_gain"),
            # what ended since somebody looked; every open page asks
            models.Index(fields=["finished_at"], name="session_by_end"),
        ]

    def __str__(self) -> str:
        return f"session {self.pk} ({self.state})"

    def get_absolute_url(self) -> str:
        return reverse("training:session", args=[self.pk])

    @property
    def members(self) -> int:
        """How many models train together."""
        return len(self.config.get("sweep", ())) or int(self.config.get("replicas", 1))


class Epoch(models.Model):
    """What one epoch measured. Numbers are contiguous per session, with one writer.

    Bits are per draw against the draw's own era; `gain` is validation bits over chance.
    `hits` and `memory_bytes` are null where nobody measured them: in older epochs.
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
    hits = models.FloatField(
        null=True, help_text="white balls per validation draw among the likeliest"
    )
    memory_bytes = models.PositiveBigIntegerField(
        null=True, help_text="what the worker held as the epoch ended"
    )
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


class WorkerQuerySet(models.QuerySet["Worker"]):
    """The vocabulary of reading workers."""

    def online(self) -> Self:
        """Those that beat."""
        return self.filter(beat_at__gte=timezone.now() - Worker.SILENCE)

    def processes(self) -> int:
        """How many sessions they can work on at a time."""
        return self.aggregate(all=Sum("processes"))["all"] or 0


class Worker(models.Model):
    """A queue that is alive: its supervisor beats every few seconds."""

    SILENCE: ClassVar = timedelta(seconds=15)  # after this long it counts as offline

    name = models.CharField(max_length=120, unique=True, help_text="host:pid")
    started_at = models.DateTimeField(default=timezone.now)
    beat_at = models.DateTimeField(default=timezone.now)
    processes = models.PositiveIntegerField(default=1)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["-beat_at"]

    def __str__(self) -> str:
        return self.name
