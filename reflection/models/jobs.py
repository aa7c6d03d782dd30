"""A queued piece of work of reflection, and the units of it that are done."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from training.models import LeasedManager, LeasedWork


class Job(LeasedWork):
    """A chain of slices like a training session: same states, same lease, same reaper.

    `kind` names what it does (`services/kinds.py`), `settings` are checked before it is queued.
    `done` of `total` is for people; what is truly done are its units. `result` says where the
    outcome is: `{"address": ..., ...}`.
    """

    TASK = "reflection.tasks.run_job_slice"
    LOST = "reflection.services.jobs.tell_lost"

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    model_name = models.CharField(max_length=80, blank=True, help_text="which it is about")
    settings = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of kind and settings")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    sentence = models.CharField(max_length=300, blank=True, help_text="what it does now")
    checkpoint = models.CharField(
        max_length=120, blank=True, help_text="file of the unit in progress"
    )
    result = models.JSONField(default=dict)

    objects = LeasedManager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=~Q(state__in=("stopped", "completed", "failed")),
                name="one_active_job_per_settings",
            ),
            models.UniqueConstraint(
                fields=["request_key"], condition=~Q(request_key=""), name="one_job_per_key"
            ),
        ]
        indexes = [
            # the queue and "what is running now"
            models.Index(fields=["state", "queued_at"], name="job_by_state"),
            # the jobs of a model, newest first
            models.Index(fields=["model_name", "kind", "id"], name="job_by_model"),
        ]

    def __str__(self) -> str:
        return f"job {self.pk}: {self.title} ({self.state})"

    def get_absolute_url(self) -> str:
        return reverse("reflection:job", args=[self.pk])

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total

    @property
    def seconds_remaining(self) -> float | None:
        """At the pace so far; None before there is one, or when it is over."""
        if self.is_over or not self.done:
            return None
        return self.process_seconds / self.done * (self.total - self.done)


class JobUnit(models.Model):
    """What one finished unit of a job gave, as its kind wrote it.

    Numbers are contiguous from 0, with one writer: a job that was killed goes on after the
    last one. They are dropped when the job ends and its kind has stored the outcome.
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="units")
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="one_row_per_unit")
        ]

    def __str__(self) -> str:
        return f"unit {self.number} of job {self.job_id}"
