"""Settings that a person saved under a name, to begin a training with."""

from django.db import models
from django.urls import reverse
from django.utils import timezone

from registry.names import MAX_LENGTH


class SavedPreset(models.Model):
    """A named starting point of this installation; `values` stand over the defaults."""

    name = models.CharField(max_length=MAX_LENGTH)
    key = models.CharField(max_length=MAX_LENGTH, unique=True, help_text="case-folded name")
    values = models.JSONField(default=dict)
    actor = models.CharField(max_length=150)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["key"]
        verbose_name = "preset"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('training:train')}?preset={self.name}"
