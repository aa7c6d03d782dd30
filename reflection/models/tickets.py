"""What tickets would have won: the lottery's own prizes, counted and summed."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone

from reflection.models.backtests import Backtest
from reflection.models.jobs import Job


class TicketPlay(models.Model):
    """Tickets played against history: the likeliest of a backtest's forecasts, or random ones.

    `tiers` lists the ways to win, best first: observed, expected under a fair drum, and the 95 %
    band of the number of hits. Sums are dollars over the draws whose prizes are known.
    """

    backtest = models.ForeignKey(
        Backtest, models.CASCADE, null=True, related_name="plays", help_text="null: random"
    )
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="plays")
    model_name = models.CharField(max_length=80, blank=True)
    dataset_name = models.CharField(max_length=80)
    tickets = models.PositiveIntegerField(help_text="per draw")
    seed = models.PositiveBigIntegerField()
    jackpot = models.PositiveBigIntegerField(null=True, help_text="what a person said it pays")
    draws = models.PositiveIntegerField()
    priced_draws = models.PositiveIntegerField()
    first_date = models.DateField()
    last_date = models.DateField()
    cost = models.PositiveBigIntegerField()
    returned = models.PositiveBigIntegerField()
    expected_return = models.FloatField(help_text="under a fair drum, the same jackpot")
    exact = models.BooleanField(help_text="whether the bands are exact or simulated")
    tiers = models.JSONField()
    sources = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"tickets {self.pk} of {self.model_name or 'chance'}"

    def get_absolute_url(self) -> str:
        return reverse("reflection:play", args=[self.pk])
