"""What walk-forward replays found: a gain for every draw, and what it rests on."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone

from reflection.models.jobs import Job
from registry.models import ModelArtifact, RegisteredModel


class Backtest(models.Model):
    """A version's settings, refitted on an expanding window and scored on the draws after it.

    Draws are numbered among those that the configuration selects; draw `first_draw + i` was
    forecast by a model that had seen the draws before `cut_of(i)`. Gains are bits per draw over
    chance. `series` is equal for replays that differ only in how far the history reaches;
    `draws_sha256` is the content hash of the selected draws.
    """

    model = models.ForeignKey(RegisteredModel, models.PROTECT, related_name="backtests")
    version = models.ForeignKey(
        ModelArtifact, models.SET_NULL, null=True, related_name="backtests"
    )
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="backtests")
    dataset_name = models.CharField(max_length=80)
    dataset_fingerprint = models.CharField(max_length=64)
    draws_sha256 = models.CharField(max_length=64)
    series = models.CharField(max_length=64)
    encoder = models.CharField(max_length=20)
    origin = models.PositiveIntegerField()
    refit = models.PositiveIntegerField()
    warm = models.BooleanField(default=False)
    seed = models.PositiveBigIntegerField()
    code = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the engine")

    first_draw = models.PositiveIntegerField()
    draws = models.PositiveIntegerField()
    first_date = models.DateField()
    last_date = models.DateField()
    gain = models.FloatField(help_text="mean bits per draw over chance")
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    raw_bits = models.FloatField(help_text="log2 wealth of betting every forecast")
    hedged_bits = models.FloatField(help_text="log2 wealth averaged over 101 stakes")
    highest_bits = models.FloatField(help_text="the most that was ever reached")
    grade = models.CharField(max_length=1)
    grade_reason = models.CharField(max_length=300)
    poison = models.JSONField(default=dict, help_text="what the poison test of it found")
    seconds = models.FloatField(help_text="of work")
    steps = models.PositiveBigIntegerField(help_text="optimizer steps of all rows")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=150)

    # What lists do not read comes last: SQLite walks over every page before a column it reads.
    config = models.JSONField()
    environment = models.JSONField(default=dict)
    calibration = models.JSONField(default=dict)
    days = models.BinaryField(help_text="int32 ordinals of the scored draws")
    gains = models.BinaryField(help_text="float64, oldest first")
    hits = models.BinaryField(help_text="uint8 white balls that the likeliest ticket had right")
    bonus_hits = models.BinaryField(help_text="uint8")
    logits = models.BinaryField(help_text="zlib of float16 (draws, balls)")

    HEAVY = (
        *("config", "environment", "calibration"),
        *("days", "gains", "hits", "bonus_hits", "logits"),
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            # the evidence of a dataset, model by model
            models.Index(fields=["dataset_name", "model", "id"], name="backtest_by_dataset"),
        ]

    def __str__(self) -> str:
        return f"backtest {self.pk} of {self.model.name}"

    def get_absolute_url(self) -> str:
        return reverse("reflection:backtest", args=[self.pk])

    def cut_of(self, place: int) -> int:
        """How many draws the forecast of scored draw `place` (0, 1, ...) had been fitted to."""
        if self.steps == 0:  # a baseline weighs its learners anew before every draw
            return self.first_draw + place
        return self.origin + place // self.refit * self.refit
