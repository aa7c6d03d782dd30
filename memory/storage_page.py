"""What the memory page shows: room, archives, runs and a dry run."""

from dataclasses import dataclass

from django.utils import timezone

from memory import archiving, quota, space
from memory.compaction import Plan
from memory.models import Compaction, JournalCheck, JournalEntry, JournalSegment
from memory.queries import read_age
from memory.quota import Quota
from memory.recall import newest_seq
from memory.refusals import Invalid

RUNS = 20
LARGEST = 10


@dataclass
class StoragePage:
    """One look at the storage."""

    quota: Quota
    kinds: list[space.Kind]
    largest: list[tuple[str, int]]
    orphans: list[str]
    entries: int
    hot: int
    segments: list[JournalSegment]
    runs: list[Compaction]
    check: JournalCheck | None
    older_than: str
    plan: Plan | None = None
    problem: str = ""


def read_storage(older_than: str) -> StoragePage:
    """Return the page, with a dry run when an age like 90d is given."""
    segments = list(JournalSegment.objects.all())
    page = StoragePage(
        quota=quota.read_quota(),
        kinds=space.usage(),
        largest=space.largest(LARGEST),
        orphans=space.orphans(),
        entries=newest_seq(),
        hot=JournalEntry.objects.count(),
        segments=segments,
        runs=list(Compaction.objects.all()[:RUNS]),
        check=JournalCheck.objects.first(),
        older_than=older_than or "90d",
    )
    if older_than:
        try:
            cutoff = timezone.now() - read_age(older_than)
            page.plan = archiving.plan_compaction(cutoff=cutoff)
        except Invalid as refusal:
            page.problem = refusal.fields["older_than"]
    return page
