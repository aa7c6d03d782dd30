"""Comparisons that a person comes back to."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone


class SavedComparison(models.Model):
    """An address of the page Compare under a name of one's own."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="comparisons"
    )
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=5000, help_text="of the page's address")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        verbose_name = "comparison"
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], name="one_comparison_of_each_name"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('reflection:compare')}?{self.query}"
