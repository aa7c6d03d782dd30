"""What the overview says, read from stored rows: nothing is computed here that was not measured."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Case, Count, F, Max, Q, QuerySet, Sum, When
from django.urls import reverse
from django.utils import timezone

from helios_site.context import worker
from memory.models import JournalCheck, JournalEntry, JournalHead
from registry.models import ModelArtifact, RegisteredModel
from training.models import Dataset, TrainingSession
from training.progress import Progress, progress

RECENT = 8  # rows of each list
WEEK = timedelta(days=7)
State = TrainingSession.State


@dataclass(frozen=True, slots=True)
class Running:
    """A session that is not over, with its measured progress."""

    session: TrainingSession
    progress: Progress


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that is wrong, and the one place to mend it."""

    text: str
    action: str
    address: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the first-run checklist."""

    title: str
    text: str
    action: str
    address: str
    done: bool


def stamp() -> str:
    """Changes whenever the live part of the overview does: entries, sessions, the worker."""
    entries = JournalHead.objects.values_list("seq", flat=True).first() or 0
    sessions = TrainingSession.objects.aggregate(Sum("revision"), Max("pk"))
    numbers = (entries, sessions["revision__sum"] or 0, sessions["pk__max"] or 0)
    return "-".join([*map(str, numbers), worker()["worker_state"]])


def now() -> list[Running]:
    """The sessions that hold a worker or wait for a person, the newest first."""
    found = TrainingSession.objects.active().exclude(state=State.QUEUED)
    latest = F("started_at").desc(nulls_last=True)
    rows = found.select_related("model", "dataset").order_by(latest, "-pk")[:3]
    return [Running(session, progress(session)) for session in rows]


def queue_length() -> int:
    """Sessions that wait for a worker."""
    return TrainingSession.objects.waiting().count()


def attention() -> list[Attention]:
    """What needs a person; empty when all is well."""
    found = [_of_session(session) for session in troubled_sessions()[:5]]
    if worker()["worker_state"] == "offline" and queue_length():
        text = "Sessions wait in the queue and no worker is online."
        found.append(Attention(text, "Show the sessions", "/train/?state=active#sessions"))
    for version in ModelArtifact.objects.filter(status="damaged").select_related("model")[:5]:
        text = f"{version} is damaged: its file is not what was saved."
        found.append(Attention(text, "Open the model", version.model.get_absolute_url()))
    check = JournalCheck.objects.order_by("-at").first()
    if check and not check.good:
        text = "The last verification of the journal found a fault."
        found.append(Attention(text, "Open the journal", reverse("memory:journal")))
    return found


def troubled_sessions() -> QuerySet[TrainingSession]:
    """Failed or interrupted within a week, and not followed by a newer try."""
    since = timezone.now() - WEEK
    return (
        TrainingSession.objects.filter(
            Q(state=State.FAILED, finished_at__gte=since) | Q(state=State.INTERRUPTED)
        )
        .annotate(newest=Max("model__sessions__pk"))
        .filter(pk=F("newest"))
        .select_related("model")
    )


def _of_session(session: TrainingSession) -> Attention:
    if session.state == State.INTERRUPTED:
        text = f"{session.model.name} was interrupted after epoch {session.current_epoch}."
        return Attention(text, "Resume it", session.get_absolute_url())
    text = f"{session.model.name} failed: {session.error or session.error_code}"
    return Attention(text, "See why", session.get_absolute_url())


@dataclass(frozen=True, slots=True)
class Numbers:
    """The tiles. Gains are bits per draw over chance, with their 95 % interval."""

    models: int
    newest_model: RegisteredModel | None
    done: int
    failed: int
    best: ModelArtifact | None
    draws: Dataset | None
    entries: int


def numbers() -> Numbers:
    """Counts and the best tested version, each in one query."""
    models = RegisteredModel.objects.filter(deleted_at=None, newest__isnull=False)
    ended = TrainingSession.objects.filter(finished_at__gte=timezone.now() - WEEK)
    counts = dict(ended.order_by().values_list("state").annotate(Count("pk")))
    tested = ModelArtifact.objects.filter(deleted_at=None, test_gain__isnull=False)
    head = JournalHead.objects.first()
    return Numbers(
        models=models.count(),
        newest_model=models.order_by("-newest_id").first(),
        done=counts.get(State.COMPLETED, 0) + counts.get(State.STOPPED, 0),
        failed=counts.get(State.FAILED, 0),
        best=tested.select_related("model").order_by("-test_gain").first(),
        draws=_shown_dataset(),
        entries=head.seq if head else 0,
    )


def _shown_dataset() -> Dataset | None:
    """The history that matters most: a real one, the newest."""
    real_first = Case(When(kind=Dataset.Kind.REAL, then=0), default=1)
    return Dataset.objects.filter(draw_count__gt=0).order_by(real_first, "-last_date").first()


def recent_sessions() -> QuerySet[TrainingSession]:
    """The newest sessions."""
    return TrainingSession.objects.select_related("model", "dataset")[:RECENT]


def recent_entries() -> QuerySet[JournalEntry]:
    """The newest journal entries."""
    return JournalEntry.objects.order_by("-seq")[:RECENT]


def first_steps() -> list[Step]:
    """The checklist of a new installation, with its real state; empty once all is done."""
    real = Dataset.objects.filter(kind=Dataset.Kind.REAL, draw_count__gt=0).exists()
    model = ModelArtifact.objects.select_related("model").order_by("pk").first()
    looked = reverse("reflection:model", args=[model.model.name]) if model else "/reflection/"
    steps = [
        Step(
            "Get the real draws",
            "Upload a file of the history, or download the official one. "
            "Until then there are practice draws.",
            "Get draws",
            reverse("training:draws"),
            real,
        ),
        Step(
            "Train a first model",
            "The preset Quick look takes seconds; watch its epochs arrive.",
            "Train",
            reverse("training:train"),
            model is not None,
        ),
        Step(
            "See what was learned",
            "The verdict, beside what a fair drum does.",
            "Reflect",
            looked,
            False,
        ),
    ]
    return [] if all(step.done for step in steps[:2]) else steps
