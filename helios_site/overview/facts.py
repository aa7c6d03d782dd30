"""What the overview asks about everything at once, in one query: counts, newest names, is anything wrong?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, Exists, F, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from helios_site.context import one_row
from memory.models import Compaction, JournalCheck, JournalHead, JournalSegment
from reflection.models import Job
from registry.models import ModelAlias, ModelArtifact, RegisteredModel
from training.models import TrainingSession, Worker

WEEK = timedelta(days=7)
State = TrainingSession.State


@dataclass(frozen=True, slots=True)
class Facts:
    """Numbers and names of the whole installation; None where there is nothing to tell of."""

    entry: int | None  # the newest of the journal
    revisions: int  # grows with every epoch and every change of a state
    session: int  # the newest
    under_way: int  # sessions that a worker has or a person must decide about
    waiting: int  # for a worker
    silent: int  # at work, and their workers do not beat any more
    heard_at: datetime | None  # the last beat of any worker
    completed: int  # within a week
    failed: int
    models: int
    champion: str | None  # the model that was named champion last
    newest: str | None  # the model whose newest version came last
    journal_is_good: bool | None  # by its last verification
    compaction_error: str | None  # of the last compaction, if it failed
    has_failed_jobs: bool
    has_damaged_versions: bool
    has_damaged_archives: bool


def read_facts() -> Facts:
    """All of it; the one row is only what the subqueries hang on."""
    asked = {**_of_sessions(), **_of_models(), **_of_memory(), **_of_troubles()}
    found: Any = one_row().values(**asked).get()
    return Facts(**found)


def shown_models() -> QuerySet[RegisteredModel]:
    """The models that are listed."""
    return RegisteredModel.objects.filter(deleted_at=None, newest__isnull=False)


def failed_jobs() -> QuerySet[Job]:
    """Failed within a week, and not asked for again."""
    later = Job.objects.filter(fingerprint=OuterRef("fingerprint"), pk__gt=OuterRef("pk"))
    since = timezone.now() - WEEK
    return Job.objects.filter(~Exists(later), state=State.FAILED, finished_at__gte=since)


def damaged_versions() -> QuerySet[ModelArtifact]:
    """Versions whose files are not what was saved."""
    return ModelArtifact.objects.filter(status="damaged")


def damaged_archives() -> QuerySet[JournalSegment]:
    """Archives that cannot be read."""
    return JournalSegment.objects.exclude(damaged="")


def _of_sessions() -> dict[str, Any]:
    every = TrainingSession.objects.all()
    ended = every.filter(finished_at__gte=timezone.now() - WEEK)
    return {
        "revisions": _number(every, "SUM", "revision"),
        "session": _number(every, "MAX"),
        "under_way": _number(TrainingSession.objects.under_way()),
        "waiting": _number(TrainingSession.objects.waiting()),
        "silent": _number(TrainingSession.objects.silent()),
        "heard_at": _newest(Worker.objects.order_by("-beat_at"), "beat_at"),
        "completed": _number(ended.filter(Q(state=State.COMPLETED) | Q(state=State.STOPPED))),
        "failed": _number(ended.filter(state=State.FAILED)),
    }


def _of_models() -> dict[str, Any]:
    named = ModelAlias.objects.filter(alias="champion", model__deleted_at=None)
    return {
        "models": _number(shown_models()),
        "champion": _newest(named.order_by("-moved_at"), "model__name"),
        "newest": _newest(shown_models().order_by("-newest_id"), "name"),
    }


def _of_memory() -> dict[str, Any]:
    last = Compaction.objects.order_by("-pk").values("pk")[:1]
    failed = Compaction.objects.filter(pk=Subquery(last), state=Compaction.State.FAILED)
    return {
        "entry": _newest(JournalHead.objects.all(), "seq"),
        "journal_is_good": _newest(JournalCheck.objects.order_by("-at"), "good"),
        "compaction_error": _newest(failed, "error"),
    }


def _of_troubles() -> dict[str, Any]:
    return {
        "has_failed_jobs": Exists(failed_jobs()),
        "has_damaged_versions": Exists(damaged_versions()),
        "has_damaged_archives": Exists(damaged_archives()),
    }


def _newest(rows: QuerySet[Any], column: str) -> Subquery:
    """A column of the first row."""
    return Subquery(rows.values(column)[:1])


def _number(rows: QuerySet[Any], function: str = "COUNT", of: str = "pk") -> Coalesce:
    """One number about all rows; as an aggregate it would be grouped by row."""
    number = Cast(
        Func(F(of), function=function, output_field=BigIntegerField()), BigIntegerField()
    )
    return Coalesce(
        Subquery(rows.order_by().annotate(one_number=number).values("one_number")), 0
    )
