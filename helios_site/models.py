"""What belongs to an account: its API tokens and how its pages look."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from knox.models import AbstractAuthToken


class ApiToken(AbstractAuthToken):
    """A bearer token of one account. Its text is shown once and never stored.

    knox keeps the digest; Helios adds a name to revoke one by, what it may do, and when it
    was last used (to the minute).
    """

    NAME_LENGTH: ClassVar = 80

    class Scope(models.TextChoices):
        READ = "read"
        WRITE = "write"

    name = models.CharField(max_length=NAME_LENGTH)
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.WRITE)
    last_used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "API token"
        ordering = ["-created"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="one_token_per_name")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_expired(self) -> bool:
        return self.expiry is not None and self.expiry <= timezone.now()


class Preferences(models.Model):
    """How the pages look and behave for one account; without a row everything is as usual."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "As the system"
        LIGHT = "light"
        DARK = "dark"

    class Density(models.TextChoices):
        COMFORTABLE = "comfortable"
        COMPACT = "compact"

    class Dates(models.TextChoices):
        RELATIVE = "relative", "5 min ago"
        ABSOLUTE = "absolute", "2026-11-22 16:00"

    class Announcements(models.TextChoices):
        ALL = "all", "All: states, best epochs, progress"
        MILESTONES = "milestones", "Milestones: states and the end"
        OFF = "off"

    class Motion(models.TextChoices):
        SYSTEM = "system", "As the system"
        REDUCED = "reduced"

    BROWSER_ZONE: ClassVar = "browser"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="preferences"
    )
    theme = models.CharField(max_length=11, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(max_length=11, choices=Density, default=Density.COMFORTABLE)
    time_zone = models.CharField(
        max_length=60, blank=True, help_text='"" the server\'s, "browser", or a name'
    )
    dates = models.CharField(max_length=11, choices=Dates, default=Dates.RELATIVE)
    decimals = models.PositiveSmallIntegerField(default=4)
    announcements = models.CharField(
        max_length=11, choices=Announcements, default=Announcements.ALL
    )
    motion = models.CharField(max_length=11, choices=Motion, default=Motion.SYSTEM)
    shortcuts = models.BooleanField(default=True)
    model_columns = models.JSONField(
        default=list, help_text="of the list of models; []: as usual"
    )
    session_columns = models.JSONField(default=list, help_text="likewise, of sessions")
    # The last of the first steps is to look at what was learned; nothing else records that.
    has_reflected = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"


class NoticeWish(models.Model):
    """How an account is told of the ends of its sessions, and how far it was told.

    Without a row it is not. What there is to tell are the sessions themselves.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="notice_wish"
    )
    done = models.BooleanField(default=True, help_text="tell of completed and stopped ones")
    failed = models.BooleanField(default=True, help_text="tell of failed ones")
    in_app = models.BooleanField(default=False)
    browser = models.BooleanField(default=False)
    services = models.TextField(blank=True, help_text="addresses of Apprise, one a line")
    read_until = models.DateTimeField(default=timezone.now)
    sent_until = models.DateTimeField(default=timezone.now)
    problem = models.CharField(max_length=300, blank=True, help_text="of the last sending")

    class Meta:
        verbose_name_plural = "notice wishes"

    def __str__(self) -> str:
        return f"notices of {self.user_id}"

    @property
    def addresses(self) -> list[str]:
        """The addresses of the services."""
        return self.services.split()
