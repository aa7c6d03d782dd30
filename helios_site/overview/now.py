"""What goes on now, what needs a person, and the first steps of a new installation."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone

from helios_site.overview.numbers import room
from memory.models import Compaction, JournalCheck, JournalHead, JournalSegment
from memory.sentences import counted
from reflection.models import Job
from registry.figures import sparkline
from registry.models import ModelArtifact
from training.draws.games import missing_dates
from training.models import Dataset, DrawImport, TrainingSession
from training.progress import Progress
from training.services.draws import find_game
from training.snapshots import first_look

MOST = 3  # running sessions on the page, and rows of one kind of trouble
WEEK = dt.timedelta(days=7)
KEPT = 24 * 60 * 60  # seconds that a look through a history is kept for
State = TrainingSession.State


@dataclass(frozen=True, slots=True)
class Running:
    """A session that is not over, with its measured progress and its curve."""

    session: TrainingSession
    progress: Progress
    spark: str


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


def stamp(worker_state: str) -> str:
    """Changes whenever the live part of the overview does: entries, sessions, the worker."""
    entries = JournalHead.objects.values_list("seq", flat=True).first() or 0
    sessions = TrainingSession.objects.aggregate(Sum("revision"), Max("pk"))
    numbers = (entries, sessions["revision__sum"] or 0, sessions["pk__max"] or 0)
    return "-".join([*map(str, numbers), worker_state])


def running() -> list[Running]:
    """The sessions that hold a worker or wait for a person, the newest first."""
    found = TrainingSession.objects.active().exclude(state=State.QUEUED)
    latest = F("started_at").desc(nulls_last=True)
    rows = found.select_related("model", "dataset").order_by(latest, "-pk")[:MOST]
    looks = [first_look(session) for session in rows]
    return [Running(one.session, one.measured, sparkline(one.curve)) for one in looks]


def queue_length() -> int:
    """Sessions that wait for a worker."""
    return TrainingSession.objects.waiting().count()


def attention(worker_state: str, waiting: int, held: Dataset | None) -> list[Attention]:
    """What needs a person; empty when all is well."""
    found: list[Attention] = []
    if worker_state == "offline" and waiting:
        text = "Sessions wait in the queue and no worker is online."
        found.append(Attention(text, "Show the workers", f"{reverse('settings')}?tab=workers"))
    looks: tuple[Callable[[], list[Attention]], ...] = (
        *(_sessions, _jobs, _models, _journal, _archives, _room),
    )
    return found + [item for look in looks for item in look()] + _draws(held)


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


def _sessions() -> list[Attention]:
    return [_of_session(session) for session in troubled_sessions()[:MOST]]


def _of_session(session: TrainingSession) -> Attention:
    if session.state == State.INTERRUPTED:
        text = f"{session.model.name} was interrupted after epoch {session.current_epoch}."
        return Attention(text, "Resume it", session.get_absolute_url())
    text = f"{session.model.name} failed: {session.error or session.error_code}"
    return Attention(text, "See why", session.get_absolute_url())


def _jobs() -> list[Attention]:
    """Failed jobs of reflection that were not asked for again."""
    since = timezone.now() - WEEK
    later = Job.objects.filter(fingerprint=OuterRef("fingerprint"), pk__gt=OuterRef("pk"))
    failed = Job.objects.filter(~Exists(later), state=State.FAILED, finished_at__gte=since)
    rows = failed.only("title", "error")[:MOST]
    return [
        Attention(f"{job.title} failed: {job.error}", "See why", job.get_absolute_url())
        for job in rows
    ]


def _models() -> list[Attention]:
    damaged = ModelArtifact.objects.filter(status="damaged").select_related("model")
    return [
        Attention(
            f"{version} is damaged: its file is not what was saved.",
            "Open the model",
            version.model.get_absolute_url(),
        )
        for version in damaged[:MOST]
    ]


def _journal() -> list[Attention]:
    check = JournalCheck.objects.first()
    if check is None or check.good:
        return []
    text = "The last verification of the journal found a fault."
    return [Attention(text, "Open the journal", reverse("memory:journal"))]


def _archives() -> list[Attention]:
    storage = reverse("memory:storage")
    last = Compaction.objects.first()
    found = []
    if last and last.state == Compaction.State.FAILED:
        text = f"The last compaction failed and changed nothing: {last.error}"
        found.append(Attention(text, "Open the memory", storage))
    for segment in JournalSegment.objects.exclude(damaged="")[:MOST]:
        text = f"The archive of {segment} cannot be read: {segment.damaged}"
        found.append(Attention(text, "Open the memory", f"{storage}#archives"))
    return found


def _room() -> list[Attention]:
    held = room()
    if held.level == "ok":
        return []
    full = "The quota is used up: no new session starts."
    text = full if held.level == "full" else "More than 80 % of the quota is used."
    return [Attention(text, "Make room", reverse("memory:storage"))]


def _draws(dataset: Dataset | None) -> list[Attention]:
    """Draws that nothing was scored on yet, and days that are missing in a real history."""
    if dataset is None or dataset.kind != Dataset.Kind.REAL:
        return []
    found = []
    days = _missing(dataset)
    if days:
        words = "1 draw day is" if days == 1 else f"{days:,} draw days are"
        text = f"{words} missing in {dataset.name}."
        found.append(Attention(text, "Look at the draws", dataset.get_absolute_url()))
    scored = ModelArtifact.objects.filter(dataset_name=dataset.name, deleted_at=None)
    newest = scored.order_by("-created_at").select_related("model").defer("evaluation").first()
    last = DrawImport.objects.filter(dataset=dataset, undone_at=None, new_count__gt=0).first()
    if newest and last and last.created_at > newest.created_at:
        count = f"{counted(last.new_count, 'new draw')}"
        text = f"{count} came to {dataset.name}, and no model was scored on them yet."
        place = reverse("reflection:model", args=[newest.model.name])
        tested = Job.objects.filter(created_at__gt=last.created_at).exists()
        found += [] if tested else [Attention(text, f"Test {newest.model.name}", place)]
    return found


def _missing(dataset: Dataset) -> int:
    """Draw days without a draw; counted once for each state of the history."""
    key = f"missing-days-{dataset.fingerprint}"
    known: int | None = cache.get(key)
    if known is None:
        days = list(dataset.draws.order_by("date").values_list("date", flat=True))
        known = len(missing_dates(find_game(dataset.game), days))
        cache.set(key, known, KEPT)
    return known


def first_steps(*, has_reflected: bool, held: Dataset | None) -> list[Step]:
    """The checklist of a new installation, with its real state; empty once all is done."""
    if has_reflected:
        return []
    model = ModelArtifact.objects.order_by("pk").values_list("model__name", flat=True).first()
    looked = reverse("reflection:model", args=[model]) if model else "/reflection/"
    return [
        Step(
            "Get the real draws",
            "Upload a file of the history, or download the official one. "
            "Until then there are practice draws.",
            "Get draws",
            reverse("training:draws"),
            held is not None and held.kind == Dataset.Kind.REAL,
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
