"""Which entries stay in the hot table whatever their age."""

from typing import Any

from django.db.models import QuerySet

from memory.models import JournalEntry, JournalPin

KEPT_TYPES = ("note_added", "forecast_registered", "forecast_scored", "forecast_changed")
_SESSION_OVER = ("training_end", "training_stopped", "training_failed")


def kept(first: int, last: int) -> set[int]:
    """Numbers that stay hot: pins, notes, forecasts with their scores, running sessions and the
    champion's entries."""
    entries = JournalEntry.objects.filter(seq__range=(first, last))
    pins = JournalPin.objects.filter(entry_seq__range=(first, last))
    # A running session's start is always hot: it was kept whenever it came to a segment.
    over = JournalEntry.objects.filter(event_type__in=_SESSION_OVER, session_id__isnull=False)
    running = (
        JournalEntry.objects.filter(event_type="training_start", session_id__isnull=False)
        .filter(seq__lte=last)
        .exclude(session_id__in=over.values("session_id"))
    )
    groups: list[QuerySet[Any, int]] = [
        pins.values_list("entry_seq", flat=True),
        entries.filter(event_type__in=KEPT_TYPES).values_list("seq", flat=True),
        entries.filter(session_id__in=running.values("session_id")).values_list(
            "seq", flat=True
        ),
    ]
    if champion := _champion():
        groups.append(entries.filter(model_name=champion).values_list("seq", flat=True))
    return {seq for group in groups for seq in group}


def _champion() -> str:
    """The model that the alias champion was last given to; empty when there is none."""
    moves = JournalEntry.objects.filter(event_type="model_alias_moved").order_by("-seq")
    named = (move.model_name for move in moves if move.metadata["alias"] == "champion")
    return next(named, "")
