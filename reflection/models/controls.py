"""What the controls of the instrument found: a row for each history, and for each poison test."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from reflection.models.jobs import Job


class ControlRun(models.Model):
    """One control history through the pipeline of a configuration, or one poison test of it.

    `series` is equal for controls of the same pipeline on the same draws; `key` says which
    control, `seed` which of its histories. Bits are log2 wealth: over the `draws` of a replay
    (`raw_bits`, `hedged_bits` at the end, `highest_bits` ever) and over the `test_draws` of a session.
    `train_bits` is what the session's kept weights gained in total on their `train_draws`.
    A poison test compared `draws` forecasts, of which `changed` were not what they should be.
    """

    POISON, CANARY = "poison", "canary"

    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="controls")
    model_name = models.CharField(max_length=80, blank=True)
    dataset_name = models.CharField(max_length=80)
    dataset_fingerprint = models.CharField(max_length=64)
    encoder = models.CharField(max_length=20)
    series = models.CharField(max_length=64)
    key = models.CharField(max_length=20)
    seed = models.PositiveIntegerField(default=0)
    draws = models.PositiveIntegerField()
    as_it_should = models.BooleanField(
        help_text="quiet, found, passed or caught, whichever is right for it"
    )
    raw_bits = models.FloatField(null=True)
    hedged_bits = models.FloatField(null=True)
    highest_bits = models.FloatField(null=True)
    test_draws = models.PositiveIntegerField(null=True)
    test_bits = models.FloatField(null=True)
    test_highest_bits = models.FloatField(null=True)
    train_draws = models.PositiveIntegerField(null=True)
    train_bits = models.FloatField(null=True)
    changed = models.PositiveIntegerField(null=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "key", "seed"], name="one_run_per_control_history"
            )
        ]
        indexes = [
            # the controls of a dataset, pipeline by pipeline
            models.Index(fields=["dataset_name", "series", "key"], name="control_by_dataset"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.seed} of {self.encoder} on {self.dataset_name}"
