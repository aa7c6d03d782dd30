"""Epochs that left the hot table: the files they are in, and where in them a session's are."""

from django.db import models

from memory.sentences import counted
from training.models.sessions import TrainingSession


class EpochFile(models.Model):
    """A sealed archive of the epochs of several sessions (`training.epoch_files`).

    Of a `forgotten` one the file is gone; what stayed of its curves is in the hot table.
    """

    file_name = models.CharField(max_length=120, unique=True)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    rows = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    sealed_at = models.DateTimeField()
    damaged = models.CharField(max_length=300, blank=True)
    forgotten = models.BooleanField(default=False)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.file_name

    def mark_damaged(self, problem: str) -> None:
        """Remember that the file cannot be read, or with "" that it can."""
        self.damaged = problem[:300]
        EpochFile.objects.filter(pk=self.pk).update(damaged=self.damaged)


class CompactedEpochs(models.Model):
    """A session whose epochs are in a file; the rows that stayed are a thinned curve
    (`memory.curves`) in so many `parts`.

    The sums answer for all epochs, so that nobody needs the file for them.
    """

    session = models.OneToOneField(
        TrainingSession, models.CASCADE, primary_key=True, related_name="compacted"
    )
    file = models.ForeignKey(EpochFile, models.PROTECT, related_name="sessions")
    first_row = models.BigIntegerField()
    count = models.PositiveIntegerField()
    kept = models.PositiveIntegerField()
    parts = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    seconds = models.FloatField()
    seconds_after_best = models.FloatField()

    def __str__(self) -> str:
        return f"{counted(self.count, 'epoch')} of session {self.session_id}"
