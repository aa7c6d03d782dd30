"""Where old rows went, and the runs that move them."""

from django.db import models

from memory.compaction import HOT_BYTES
from memory.filters import JournalFilter


class JournalSegment(models.Model):
    """A sealed archive file of the entries `first` to `last`, all of them, without a gap.

    While the row is there, entries of its range may leave the hot table; those in `kept`
    stay. `facts` are the distinct values of the columns that are filtered on. The file's
    hash is also in the `segment_archived` entry. Of a `forgotten` segment only the hashes of
    its entries are left, so that the chain can still be verified.
    """

    first = models.BigIntegerField(unique=True)
    last = models.BigIntegerField(unique=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    head_before = models.BinaryField(max_length=32)
    head_after = models.BinaryField(max_length=32)
    file_name = models.CharField(max_length=120, unique=True)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    facts = models.JSONField(default=dict)
    kept = models.JSONField(default=list)
    emptied = models.BooleanField(default=False)
    forgotten = models.BooleanField(default=False)
    damaged = models.CharField(max_length=300, blank=True)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ("first",)
        verbose_name = "archived segment"

    def __str__(self) -> str:
        return f"entries {self.first} to {self.last}"

    @property
    def count(self) -> int:
        """The number of entries in the file."""
        return self.last - self.first + 1

    @property
    def saves(self) -> int:
        """Bytes that the file saves against the hot table, about."""
        return max(0, self.count * HOT_BYTES - self.size_bytes)

    def may_hold(self, wanted: JournalFilter) -> bool:
        """Whether an entry of the segment can match: most are ruled out by their facts."""
        asked = {
            "model_name": {wanted.model_name} if wanted.model_name else set(),
            "event_type": set(wanted.event_types),
            "level": {wanted.level} if wanted.level else set(),
            "actor": {wanted.actor} if wanted.actor else set(),
        }
        return not self.forgotten and (
            all(not values or values & set(self.facts[name]) for name, values in asked.items())
            and (wanted.start is None or self.last_at >= wanted.start)
            and (wanted.end is None or self.first_at < wanted.end)
            and (wanted.until is None or self.first <= wanted.until)
        )

    def mark_damaged(self, problem: str) -> None:
        """Remember that the file cannot be read; the rest of the journal can."""
        self.damaged = problem[:300]
        JournalSegment.objects.filter(pk=self.pk).update(damaged=self.damaged)


class Compaction(models.Model):
    """One run that moves old rows into archives, or back: who, when, how far, with what result.

    `orders` maps a part to its `memory.floors.Order`, `done` to the rows that were moved.
    """

    class Kind(models.TextChoices):
        COMPACT = "compact"
        RESTORE = "restore"

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"
        FAILED = "failed"

    UNDER_WAY = (State.QUEUED, State.RUNNING)

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    actor = models.CharField(max_length=150)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.COMPACT)
    orders = models.JSONField(default=dict)
    file_name = models.CharField(max_length=120, blank=True)  # of the archive to restore
    planned = models.BigIntegerField()  # rows
    moved = models.BigIntegerField(default=0)
    done = models.JSONField(default=dict)
    files = models.IntegerField(default=0)
    freed_bytes = models.BigIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    cancel_asked = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"compaction {self.pk}: {self.state}"

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it is under way."""
        return (
            (self.finished_at - self.started_at).total_seconds() if self.finished_at else None
        )
