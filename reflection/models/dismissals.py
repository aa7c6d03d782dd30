"""Insight cards that an account has read and put away."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class DismissedCard(models.Model):
    """A card that its owner does not want to see while it says the same: `verdict` is what it said."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="dismissed_cards"
    )
    dataset_name = models.CharField(max_length=80, blank=True)
    key = models.CharField(max_length=40)
    verdict = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        verbose_name = "dismissed card"
        constraints = [
            # Also the index by which the page of reflection finds those of its reader.
            models.UniqueConstraint(
                fields=["owner", "dataset_name", "key"], name="a_card_is_dismissed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.dataset_name or 'no draws'}"
