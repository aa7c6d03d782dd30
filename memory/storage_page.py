"""What the memory page shows: room, policy with a dry run, runs, archives, what is large."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from memory import archiving, floors, quota, space
from memory.archiving import Plan
from memory.database import Facts, read_facts
from memory.floors import Archive, PartPlan
from memory.forms import PolicyForm
from memory.models import Compaction, JournalCheck, JournalEntry
from memory.policies import read_policy
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
    largest: list[space.Large]
    orphans: list[space.Orphan]
    missing: list[str]
    entries: int
    hot: int
    archives: list[Archive]
    runs: list[Compaction]
    check: JournalCheck | None
    facts: Facts
    form: PolicyForm
    older_than: str = ""
    plan: Plan | None = None
    problem: str = ""
    today: date = field(default_factory=timezone.localdate)

    @property
    def planned(self) -> list[tuple[str, PartPlan]]:
        """What a dry run says of each part, with what its rows are called."""
        parts = self.plan.parts if self.plan else {}
        return [(floors.PARTS[name].rows, part) for name, part in parts.items() if part.rows]

    @property
    def days_left(self) -> timedelta | None:
        """How long the room lasts at this rate."""
        return self.quota.full_on - self.today if self.quota.full_on else None

    @property
    def removable(self) -> bool:
        """Whether an orphan is old enough to be deleted."""
        return any(orphan.removable for orphan in self.orphans)


def read_storage(
    *, dry_run: bool = False, older_than: str = "", form: PolicyForm | None = None
) -> StoragePage:
    """Return the page, with a dry run when asked for: at the policy's ages, or an age like 90d."""
    page = StoragePage(
        quota=quota.read_quota(),
        kinds=space.usage(),
        largest=space.largest(LARGEST),
        orphans=space.orphans(),
        missing=space.missing(),
        entries=newest_seq(),
        hot=JournalEntry.objects.count(),
        archives=[one for part in floors.PARTS.values() for one in part.archives()],
        runs=list(Compaction.objects.all()[:RUNS]),
        check=JournalCheck.objects.first(),
        facts=read_facts(),
        form=form or PolicyForm.of(read_policy()),
        older_than=older_than,
    )
    if dry_run or older_than:
        try:
            age = read_age(older_than) if older_than else None
            page.plan = archiving.plan_compaction(older_than=age)
        except Invalid as refusal:
            page.problem = refusal.fields["older_than"]
    return page
