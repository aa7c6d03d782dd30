"""How the memory is kept: the policy, and how much room was used day by day."""

from datetime import timedelta

from django.db import models


class Policy(models.Model):
    """What is compacted when nobody asks. One row; without it the defaults hold.

    `ages` maps a part (`memory.floors`) to the days after which its rows are compacted; null
    is never, a part that is not there has DEFAULT_DAYS.
    """

    ONLY = 1
    DEFAULT_DAYS = 90

    ages = models.JSONField(default=dict)
    automatic = models.BooleanField(default=True)
    stretch = models.PositiveIntegerField(default=50)
    quota_mb = models.PositiveBigIntegerField(null=True)  # null: HELIOS_QUOTA_MB
    changed_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=150, blank=True)

    class Meta:
        verbose_name_plural = "policy"
        constraints = (
            models.CheckConstraint(condition=models.Q(pk=1), name="policy_is_one_row"),
        )

    def __str__(self) -> str:
        return "policy of the memory"

    def days_of(self, part: str) -> int | None:
        """The days after which a part's rows are compacted; None for never."""
        days: int | None = self.ages.get(part, self.DEFAULT_DAYS)
        return days

    def age_of(self, part: str) -> timedelta | None:
        """The same as a span of time."""
        days = self.days_of(part)
        return None if days is None else timedelta(days=days)


class StorageSample(models.Model):
    """How many bytes were in use on a day: the line along which the quota fills up.

    `kinds` maps a kind of thing to its bytes and files, when that was looked at.
    """

    day = models.DateField(primary_key=True)
    used_bytes = models.BigIntegerField()
    kinds = models.JSONField(default=dict)

    class Meta:
        ordering = ("day",)

    def __str__(self) -> str:
        return f"{self.used_bytes} bytes on {self.day}"
