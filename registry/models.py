"""What a model is: its name, its versions and where their weights are."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone


class RegisteredModel(models.Model):
    """A model's name. It outlives its versions: how many were ever tried is part of the evidence.

    `number` is the order of registration (1, 2, 3 ...), never used twice: the weight
    1/(j(j+1)) of a model in the house bankroll needs it (statistics.md 3.5).
    """

    name = models.CharField(max_length=80)
    key = models.CharField(max_length=80, unique=True, editable=False)
    number = models.PositiveIntegerField(unique=True, editable=False)
    description = models.TextField(blank=True, help_text="Markdown")
    # The version that lists show; the services move it with every version that comes or goes.
    newest = models.ForeignKey(
        "ModelArtifact", models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=150)
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["key"]
        verbose_name = "model"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("registry:model", args=[self.name])


class ModelArtifact(models.Model):
    """One version of a model: files on disk, their digests, and what they were made from.

    Gains are bits per draw over chance with the ends of their 95 % interval; they are
    columns so that lists sort by them. `evaluation` holds the gain of every single draw.
    """

    class Status(models.TextChoices):
        READY = "ready"
        LOADED = "loaded"
        DAMAGED = "damaged"
        ARCHIVED = "archived"
        DELETED = "deleted"

    model = models.ForeignKey(RegisteredModel, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.READY)
    folder = models.CharField(max_length=120, help_text="below HELIOS_HOME/models")
    weights_sha256 = models.CharField(max_length=64)
    sidecar_sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField(help_text="of all its files")

    encoder = models.CharField(max_length=20)
    parameter_count = models.PositiveBigIntegerField(help_text="of one member")
    members = models.PositiveSmallIntegerField(
        default=1, help_text="models that forecast together: the first axis of every tensor"
    )
    dataset_name = models.CharField(max_length=80)
    dataset_fingerprint = models.CharField(max_length=64)
    matrix = models.CharField(
        max_length=20, default="", help_text="of the drums its network knows, such as 5/69+26"
    )
    trained_until = models.DateField(
        null=True, help_text="of the newest draw that its weights were fitted to"
    )
    session_id = models.BigIntegerField(null=True)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children"
    )
    ingredients = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="ensembles",
        help_text="the versions whose weights an ensemble holds a copy of",
    )

    val_gain = models.FloatField(null=True)
    val_low = models.FloatField(null=True)
    val_high = models.FloatField(null=True)
    test_gain = models.FloatField(null=True)
    test_low = models.FloatField(null=True)
    test_high = models.FloatField(null=True)

    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    purged_at = models.DateTimeField(null=True, blank=True)

    # What lists do not read comes last: SQLite walks over every page before a column it reads.
    metrics = models.JSONField(default=dict)
    network = models.JSONField(default=dict, help_text="the specification of its network")
    config = models.JSONField(default=dict)
    environment = models.JSONField(default=dict)
    reproduction = models.JSONField(
        default=dict, help_text="what came of training it again: the badge of its page"
    )
    notes = models.TextField(blank=True, help_text="Markdown; a part of the model card")
    evaluation = models.JSONField(default=dict)

    class Meta:
        ordering = ["model_id", "-version"]
        verbose_name = "model version"
        constraints = [
            # serves "the versions of a model, newest first" as well
            models.UniqueConstraint(fields=["model", "version"], name="one_row_per_version")
        ]
        indexes = [
            # what is loaded, damaged, or in the trash; the start asks for each
            models.Index(fields=["status"], name="version_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.model.name} v{self.version}"


class ModelAlias(models.Model):
    """A name that points to one version of a model, such as `champion`. Moving it is an event."""

    COMMON = ("champion", "challenger", "control")

    model = models.ForeignKey(RegisteredModel, models.CASCADE, related_name="aliases")
    alias = models.CharField(max_length=40)
    version = models.ForeignKey(ModelArtifact, models.CASCADE, related_name="aliases")
    reason = models.CharField(max_length=1000, blank=True)
    moved_at = models.DateTimeField(default=timezone.now)
    moved_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["alias"]
        verbose_name_plural = "model aliases"
        constraints = [
            models.UniqueConstraint(fields=["model", "alias"], name="one_version_per_alias")
        ]

    def __str__(self) -> str:
        return f"{self.alias} -> {self.version_id}"


class ModelTag(models.Model):
    """A word by which a person groups models."""

    model = models.ForeignKey(RegisteredModel, models.CASCADE, related_name="tags")
    text = models.CharField(max_length=40)

    class Meta:
        ordering = ["text"]
        constraints = [
            models.UniqueConstraint(fields=["model", "text"], name="one_tag_of_each_word")
        ]
        indexes = [
            # the models of a tag
            models.Index(fields=["text"], name="tag_by_word"),
        ]

    def __str__(self) -> str:
        return self.text


class SavedView(models.Model):
    """What an account wants to see of the list of models, under a name of its own."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="model_views"
    )
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=2000, blank=True, help_text="of the list's address")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_view_of_each_name")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('registry:models')}?{self.query}"
