"""What a worker does for the memory."""

import logging

from memory import archiving, database, quota, space
from memory.integrity import verify_journal
from memory.models import Compaction
from memory.policies import read_policy
from memory.refusals import Refusal

log = logging.getLogger("helios.memory")
DAILY_AT_LEAST = 10_000  # rows: a small journal does not fall into many small files


def carry_out(number: int) -> None:
    """Do a queued compaction or restore; it is gone or taken when somebody else was faster."""
    run = Compaction.objects.filter(pk=number).first()
    if run is None:
        return
    try:
        archiving.carry_out(run)
    except Refusal as refusal:
        log.warning("compaction %s: %s", number, refusal)  # its row says so as well


def daily() -> None:
    """Once a day: note how much room is used by what, and compact what has grown old."""
    quota.read_quota()
    space.measure()
    if read_policy().automatic:
        compact_old()


def compact_old() -> None:
    """Compact what the policy says, where it is worth a file."""
    plan = archiving.plan_compaction(at_least=DAILY_AT_LEAST)
    if not plan.rows:
        return
    try:
        run = archiving.begin_compaction(plan=plan, actor="schedule")
    except Refusal:
        return  # another run is at work, which is as good
    archiving.carry_out(run)


def check_journal(actor: str) -> None:
    """Verify the journal; the result is kept as a JournalCheck."""
    verify_journal()


def check_database(actor: str) -> None:
    """Let the database look for damage; the result is an entry of the journal."""
    database.check_database(actor=actor)
