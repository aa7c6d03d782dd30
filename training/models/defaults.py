"""What the form of the Train page begins with for an account."""

from django.conf import settings
from django.db import models


class TrainingDefaults(models.Model):
    """A preset, a dataset and settings that stand over the preset's; "" and {} as usual.

    Names, not keys: a preset or a dataset that is gone leaves the rest in force.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="training_defaults",
    )
    preset = models.CharField(max_length=80, blank=True)
    dataset = models.CharField(max_length=80, blank=True)
    values = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "training defaults"

    def __str__(self) -> str:
        return f"training defaults of {self.user_id}"
