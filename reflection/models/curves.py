"""Where learning curves were expected to lead, kept to see how often the bands held."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from training.models import TrainingSession


class CurveForecastQuerySet(models.QuerySet["CurveForecast"]):
    """Forecasts of curves by what became of them."""

    def judged(self) -> "CurveForecastQuerySet":
        """Those with a band whose epoch was reached."""
        return self.exclude(actual=None).exclude(low=None)

    def held(self) -> "CurveForecastQuerySet":
        """Those whose band held what came."""
        return self.judged().filter(actual__gte=F("low"), actual__lte=F("high"))


class CurveForecast(models.Model):
    """From the first `seen_epochs` of a session: the validation loss expected at `epoch`, in bits
    per draw, and a band that should hold it in `level` of cases.

    `live` when it was made before that epoch; else it was made afterwards, from the same first
    epochs alone. No band where no power law could be fitted.
    """

    session = models.OneToOneField(
        TrainingSession, models.CASCADE, related_name="curve_forecast"
    )
    made_at = models.DateTimeField(default=timezone.now)
    seen_epochs = models.PositiveIntegerField()
    epoch = models.PositiveIntegerField()
    level = models.FloatField()
    loss = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    live = models.BooleanField(default=False)
    actual = models.FloatField(null=True)

    objects = CurveForecastQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            # those that wait for their epoch
            models.Index(
                fields=["session"], name="curve_awaited", condition=Q(actual__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"epoch {self.epoch} of session {self.session_id}"

    @property
    def is_inside(self) -> bool | None:
        """Whether the band held what came; None while that is not known."""
        if self.actual is None or self.low is None or self.high is None:
            return None
        return self.low <= self.actual <= self.high
