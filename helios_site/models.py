"""API tokens: knox keeps the digest, Helios adds a name to revoke one by."""

from typing import ClassVar

from django.db import models
from knox.models import AbstractAuthToken


class ApiToken(AbstractAuthToken):
    """A bearer token of one account. Its text is shown once and never stored."""

    NAME_LENGTH: ClassVar = 80

    name = models.CharField(max_length=NAME_LENGTH)

    class Meta:
        verbose_name = "API token"
        ordering = ["-created"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="one_token_per_name")
        ]

    def __str__(self) -> str:
        return self.name
