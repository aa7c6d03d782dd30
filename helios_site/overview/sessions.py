"""The sessions that the overview shows, whatever for, in one query."""

from dataclasses import dataclass

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from helios_site.overview.facts import WEEK
from training.models import TrainingSession
from training.snapshots import MOST_CARDS

RECENT = 8  # rows of the list
MOST = 3  # troubles of a kind
State = TrainingSession.State


@dataclass(frozen=True, slots=True)
class ShownSessions:
    """Sessions by what they are shown for; one may be there several times."""

    recent: list[TrainingSession]  # the newest
    under_way: list[TrainingSession]  # the busiest first
    silent: list[TrainingSession]  # at work, and their workers do not beat
    troubled: list[TrainingSession]  # failed or interrupted, and not tried again


def shown_sessions() -> ShownSessions:
    """Read all of them, the busiest first."""
    every = TrainingSession.objects.all()
    wanted = (
        every.order_by("-pk")[:RECENT],
        every.under_way().busiest_first()[:MOST_CARDS],
        every.silent().order_by("-pk")[:MOST],
        _troubled()[:MOST],
    )
    chosen = Q()
    for part in wanted:
        chosen |= Q(pk__in=part.values("pk"))
    found = _tried(every.busiest_first().filter(chosen))
    rows = list(found.select_related("model", "dataset"))
    return ShownSessions(
        recent=sorted(rows, key=lambda row: -row.pk)[:RECENT],
        under_way=[row for row in rows if not row.is_over and row.state != State.QUEUED],
        silent=[row for row in rows if row.silence][:MOST],
        troubled=[row for row in rows if _is_troubled(row)][:MOST],
    )


def _tried(rows: QuerySet[TrainingSession]) -> QuerySet[TrainingSession]:
    """With the newest try of their model."""
    tries = TrainingSession.objects.filter(model=OuterRef("model")).order_by("-pk")
    return rows.annotate(newest_try=Subquery(tries.values("pk")[:1]))


def _troubled() -> QuerySet[TrainingSession]:
    """Failed within a week or interrupted, and not followed by a newer try."""
    failed = Q(state=State.FAILED, finished_at__gte=timezone.now() - WEEK)
    rows = TrainingSession.objects.filter(failed | Q(state=State.INTERRUPTED))
    return _tried(rows).filter(pk=F("newest_try")).order_by("-pk")


def _is_troubled(row: TrainingSession) -> bool:
    """The same of a row that was read."""
    if row.pk != row.newest_try:  # type: ignore[attr-defined]
        return False
    if row.state == State.INTERRUPTED:
        return True
    week = timezone.now() - WEEK
    return row.state == State.FAILED and row.finished_at is not None and row.finished_at >= week
