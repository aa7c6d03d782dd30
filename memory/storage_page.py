"""What the memory page shows: room, policy with a dry run, runs, archives, what is large."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from memory import archiving, floors
from memory.archiving import Plan
from memory.compaction import AT_LEAST
from memory.floors import PartPlan
from memory.forms import PolicyForm
from memory.models import Compaction, JournalCheck
from memory.policies import read_policy
from memory.queries import read_age
from memory.refusals import Invalid
from memory.space import Kind
from memory.storage import Storage, read_storage

RUNS = 20
LARGEST = 10
COLOURS = 8  # series of the style sheet


@dataclass(frozen=True)
class Slice:
    """One kind's part of the bar: places in per cent, and its colour."""

    kind: Kind
    x: float
    width: float
    series: int  # 0 for what is too small for a colour of its own


@dataclass
class StoragePage:
    """One look at the storage, and what a dry run says."""

    storage: Storage
    runs: list[Compaction]
    check: JournalCheck | None
    form: PolicyForm
    older_than: str = ""
    plan: Plan | None = None
    problem: str = ""
    worth: int = AT_LEAST  # rows of a part that make a file
    today: date = field(default_factory=timezone.localdate)

    @property
    def planned(self) -> list[tuple[str, PartPlan]]:
        """What a dry run says of each part, with what its rows are called."""
        parts = self.plan.parts if self.plan else {}
        return [(floors.PARTS[name].rows, part) for name, part in parts.items() if part.rows]

    @property
    def days_left(self) -> timedelta | None:
        """How long the room lasts at this rate."""
        full_on = self.storage.quota.full_on
        return full_on - self.today if full_on else None

    @property
    def slices(self) -> list[Slice]:
        """The bar: every kind's share of the quota, or without one of what is used."""
        quota, found, x = self.storage.quota, [], 0.0
        whole = max(quota.limit, quota.used, 1)
        for place, kind in enumerate(self.storage.kinds, 1):
            width = 100 * kind.size_bytes / whole
            series = place if place < COLOURS else 0
            found.append(Slice(kind, round(x, 3), round(width, 3), series))
            x += width
        return found

    @property
    def removable(self) -> bool:
        """Whether an orphan is old enough to be deleted."""
        return any(orphan.removable for orphan in self.storage.orphans)


def read_page(
    *, dry_run: bool = False, older_than: str = "", form: PolicyForm | None = None
) -> StoragePage:
    """Return the page, with a dry run when asked for: at the policy's ages, or an age like 90d."""
    policy = read_policy()
    page = StoragePage(
        storage=read_storage(largest=LARGEST, policy=policy),
        runs=list(Compaction.objects.all()[:RUNS]),
        check=JournalCheck.objects.first(),
        form=form or PolicyForm.of(policy),
        older_than=older_than,
    )
    if dry_run or older_than:
        try:
            age = read_age(older_than) if older_than else None
            page.plan = archiving.plan_compaction(older_than=age)
        except Invalid as refusal:
            page.problem = refusal.fields["older_than"]
    return page
