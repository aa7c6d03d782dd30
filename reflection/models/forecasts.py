"""Forecasts that were registered, and which models register them."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from reflection.statistics.frozen import FrozenForecast, thaw
from registry.models import ModelArtifact, RegisteredModel
from training.models import Dataset, Draw


class ForecastQuerySet(models.QuerySet["Forecast"]):
    """Forecasts by what became of them."""

    def open(self) -> ForecastQuerySet:
        """Not scored: the draw is still to come, or was never held."""
        return self.filter(draw=None)

    def scored(self) -> ForecastQuerySet:
        """Scored by a draw that is held."""
        return self.exclude(draw=None)

    def on_time(self) -> ForecastQuerySet:
        """Grade A: registered before the draw, and no check ever found a change."""
        return self.filter(registered_at__lt=F("draw_time"), problem="")

    def arrived(self) -> ForecastQuerySet:
        """Not scored though their draw is held."""
        drawn = Draw.objects.filter(dataset=OuterRef("dataset"), date=OuterRef("draw_date"))
        return self.open().filter(Exists(drawn))

    def of_dataset(self, name: str) -> ForecastQuerySet:
        """Those of one draw history."""
        return self.filter(dataset__name=name)


class Forecast(models.Model):
    """What one version said of one draw, frozen. Nothing above `draw` is ever changed.

    `document` is the text that was hashed (`reflection.statistics.frozen`), and entry
    `journal_seq` of the journal holds the same SHA-256. `draw`, `gain` (bits over chance) and
    `scored_at` are set when the draw is held; a draw that is taken back opens the forecast again.
    `problem` is what a check found; empty while all is as it was registered.
    """

    model = models.ForeignKey(RegisteredModel, models.PROTECT, related_name="forecasts")
    version = models.ForeignKey(ModelArtifact, models.PROTECT, related_name="forecasts")
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="forecasts")
    draw_date = models.DateField()
    draw_time = models.DateTimeField(help_text="when the draw begins, as published")
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    registered_at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    journal_seq = models.BigIntegerField()
    draw = models.ForeignKey(Draw, models.SET_NULL, null=True, related_name="+")
    gain = models.FloatField(null=True)
    scored_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    objects = ForecastQuerySet.as_manager()

    class Meta:
        ordering = ["-draw_date", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "dataset", "draw_date"], name="one_forecast_per_draw"
            )
        ]
        indexes = [
            # those that wait for their draw: asked every two seconds
            models.Index(
                fields=["dataset", "draw_date"],
                name="forecast_open",
                condition=Q(draw__isnull=True),
            ),
            # the list, newest draw first
            models.Index(fields=["draw_date", "id"], name="forecast_by_date"),
        ]

    def __str__(self) -> str:
        return f"{self.version} for {self.draw_date}"

    def get_absolute_url(self) -> str:
        return reverse("reflection:forecast", args=[self.pk])

    @property
    def is_late(self) -> bool:
        """Whether it was registered when the draw had begun."""
        return self.registered_at >= self.draw_time

    @property
    def grade(self) -> str:
        """A: frozen before the draw; C: late or changed, and never evidence."""
        return "C" if self.is_late or self.problem else "A"

    @property
    def state(self) -> str:
        """scored; open: the draw is to come; awaited: it began, and its numbers are not held;
        void: later draws are held and none of that day.
        """
        if self.draw_id is not None:
            return "scored"
        if timezone.now() < self.draw_time:
            return "open"
        last = self.dataset.last_date
        return "void" if last is not None and last > self.draw_date else "awaited"

    def thawed(self) -> FrozenForecast:
        """The distribution in the document; ValueError when it is none."""
        return thaw(self.document)


class Enrolment(models.Model):
    """A model that forecasts the draws of a history: from `since` on, what it misses is chance.

    `automatic` has Helios register every draw by itself. `tried_at` is the last attempt and
    `problem` why it failed; both are about the automatic ones alone.
    """

    model = models.ForeignKey(RegisteredModel, models.PROTECT, related_name="enrolments")
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="enrolments")
    since = models.DateField(help_text="day of the first draw that counts")
    automatic = models.BooleanField(default=False)
    tried_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["model", "dataset"], name="one_enrolment_per_drum")
        ]

    def __str__(self) -> str:
        return f"{self.model} on {self.dataset}"
