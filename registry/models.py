"""What a model is: its name, its versions and where their weights are."""

from django.db import models


class RegisteredModel(models.Model):
    """A model's name. It outlives its versions: how many were ever tried is part of the evidence.

    `number` is the order of registration (1, 2, 3 ...), never used twice: the weight
    1/(j(j+1)) of a model in the house bankroll needs it (statistics.md 3.5).
    """

    name = models.CharField(max_length=80)
    key = models.CharField(max_length=80, unique=True, editable=False)
    number = models.PositiveIntegerField(unique=True, editable=False)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=150)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "model"

    def __str__(self) -> str:
        return self.name


class ModelArtifact(models.Model):
    """One version of a model: files on disk, their digests, and what they were made from."""

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
    size_bytes = models.PositiveBigIntegerField()
    encoder = models.CharField(max_length=20)
    parameter_count = models.PositiveBigIntegerField(help_text="of one member")
    members = models.PositiveSmallIntegerField(
        default=1, help_text="models that forecast together: the first axis of every tensor"
    )
    config = models.JSONField(default=dict)
    network = models.JSONField(default=dict, help_text="the specification of its network")
    dataset_name = models.CharField(max_length=80)
    dataset_fingerprint = models.CharField(max_length=64)
    session_id = models.BigIntegerField(null=True)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True)
    # Bits per draw over chance; columns, so that lists sort by them.
    val_gain = models.FloatField(null=True)
    test_gain = models.FloatField(null=True)
    metrics = models.JSONField(default=dict)
    evaluation = models.JSONField(default=dict)
    environment = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["model_id", "-version"]
        verbose_name = "model version"
        constraints = [
            models.UniqueConstraint(fields=["model", "version"], name="one_row_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.model.name} v{self.version}"
