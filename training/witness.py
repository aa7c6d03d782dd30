"""Does the journal tell of each session's start and end? Part of `verify_journal`."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from memory.chain import Fault
from memory.tales import Tale
from training.models import TrainingSession

SETTLED = timedelta(minutes=1)  # a younger session's entry may not have been committed yet


def sessions(tale: Tale, at: datetime) -> Iterator[Fault]:
    """Every session has a start, and an end once it is over; none ended that is not over."""
    settled = at - SETTLED
    rows = TrainingSession.objects.filter(created_at__lt=settled).order_by("pk")
    for pk, state, finished_at in rows.values_list("pk", "state", "finished_at").iterator():
        over = state in TrainingSession.TERMINAL
        if tale.whole and pk not in tale.started:
            yield Fault(0, "session without a start", f"a start of session {pk}", "none")
        elif (
            tale.whole
            and over
            and finished_at
            and finished_at < settled
            and pk not in tale.ended
        ):
            yield Fault(0, "session without an end", f"an end of session {pk}", "none")
        elif not over and pk in tale.ended:
            seq = tale.ended[pk]
            yield Fault(seq, "end of a session that is not over", f"session {pk} over", state)
