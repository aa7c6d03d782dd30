"""Draw histories: datasets, draws, and where each draw came from."""

from django.db import models
from django.urls import reverse


class Dataset(models.Model):
    """A draw history of one game, with the fingerprint of everything in it."""

    class Kind(models.TextChoices):
        REAL = "real"
        PRACTICE = "practice"
        SIMULATED = "simulated"

    name = models.SlugField(max_length=80, unique=True)
    game = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.REAL)
    parameters = models.JSONField(default=dict, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    draw_count = models.PositiveIntegerField(default=0)
    first_date = models.DateField(null=True)
    last_date = models.DateField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("training:dataset", args=[self.name])


class DrawImport(models.Model):
    """One file that was read into a dataset: where each draw came from."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="imports")
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    format = models.CharField(max_length=40)
    columns = models.TextField(
        blank=True, help_text='which column is what, as a person said; "" in a known format'
    )
    new_count = models.PositiveIntegerField()
    same_count = models.PositiveIntegerField()
    actor = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.file_name} into {self.dataset_id}"


class Draw(models.Model):
    """One drawing: five white balls ascending and one bonus ball."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="draws")
    date = models.DateField()
    white1 = models.PositiveSmallIntegerField()
    white2 = models.PositiveSmallIntegerField()
    white3 = models.PositiveSmallIntegerField()
    white4 = models.PositiveSmallIntegerField()
    white5 = models.PositiveSmallIntegerField()
    bonus = models.PositiveSmallIntegerField()
    multiplier = models.PositiveSmallIntegerField(null=True)
    drawn_order = models.CharField(max_length=40, blank=True, help_text='"" when not known')
    source = models.ForeignKey(DrawImport, models.SET_NULL, null=True, related_name="draws")

    class Meta:
        ordering = ["date"]
        constraints = [
            # serves "the draws of a dataset in order" as well
            models.UniqueConstraint(fields=["dataset", "date"], name="one_draw_per_date")
        ]

    def __str__(self) -> str:
        return f"{self.date}: {self.white} + {self.bonus}"

    @property
    def white(self) -> list[int]:
        return [self.white1, self.white2, self.white3, self.white4, self.white5]
