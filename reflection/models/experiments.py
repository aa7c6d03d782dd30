"""Which experiment would be worth its time, as last computed from the sessions that are over."""

from django.db import models
from django.utils import timezone

from training.models import Dataset, TrainingSession


class Experiment(models.Model):
    """The next experiment on one history; computed anew when newer sessions are over.

    `newest_session` is the newest session that it has seen, of `trials` sessions. `settings` is a
    whole configuration, `changes` what of it differs from the best one so far. Bits per draw:
    `best_gain` of that one, `expected` improvement over it, `error` of one session's result.
    `effects` and `seeds` are JSON of `effects.Effect` (with PED-ANOVA's `share`) and
    `effects.SeedNoise`. `session` is the one that a person started from it; it stays as it is then.
    `objective` says what every gain in it is; `backtested` sessions had a walk-forward gain on the same
    `replayed` draws, and `newest_backtest` is the newest backtest of the history that it has seen.
    """

    VALIDATION, WALK_FORWARD = "validation", "walk-forward"

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="experiments")
    computed_at = models.DateTimeField(default=timezone.now)
    newest_session = models.BigIntegerField()
    newest_backtest = models.BigIntegerField(default=0)
    objective = models.CharField(max_length=20, default=VALIDATION)
    backtested = models.PositiveIntegerField(default=0)
    replayed = models.PositiveIntegerField(default=0)
    trials = models.PositiveIntegerField()
    settings = models.JSONField(default=dict)
    changes = models.JSONField(default=dict)
    best_gain = models.FloatField()
    expected = models.FloatField()
    error = models.FloatField()
    effects = models.JSONField(default=list)
    seeds = models.JSONField(null=True)
    session = models.ForeignKey(
        TrainingSession, models.SET_NULL, null=True, related_name="experiments"
    )

    class Meta:
        ordering = ["-pk"]
        indexes = [
            # the newest of a history
            models.Index(fields=["dataset", "-id"], name="experiment_newest"),
        ]

    def __str__(self) -> str:
        return f"experiment {self.pk} on {self.dataset_id}"

    @property
    def score_words(self) -> str:
        """What its gains are."""
        if self.objective == self.WALK_FORWARD:
            return f"walk-forward gains on the same {self.replayed:,} draws"
        return "validation gains at the best epoch"

    @property
    def is_worthwhile(self) -> bool:
        """Whether it is expected to improve by more than one session's result can err."""
        return self.expected >= self.error
