"""What a worker does for the journal."""

from contextlib import suppress

from django.utils import timezone

from memory import archiving
from memory.compaction import DAILY_AGE
from memory.models import Compaction
from memory.quota import read_quota
from memory.refusals import Conflict, NotFound

DAILY_AT_LEAST = 10_000  # entries: a small journal does not fall into many small files


def compact(number: int) -> None:
    """Do a queued compaction; it is gone or taken when somebody else was faster."""
    run = Compaction.objects.filter(pk=number).first()
    if run is not None:
        archiving.run_compaction(run)


def daily() -> None:
    """Once a day: note how much room is used, and archive what has grown old."""
    read_quota()
    _compact_old()


def _compact_old() -> None:
    cutoff = timezone.now() - DAILY_AGE
    plan = archiving.plan_compaction(cutoff=cutoff, at_least=DAILY_AT_LEAST)
    if not plan.entries:
        return
    try:
        run = archiving.begin_compaction(plan=plan, actor="schedule")
    except Conflict:
        return  # another run is at work, which is as good
    archiving.run_compaction(run)


def restore(first: int, actor: str) -> None:
    """Put an archive back; asked a second time, it is no longer there."""
    with suppress(NotFound):
        archiving.restore_segment(first=first, actor=actor)
