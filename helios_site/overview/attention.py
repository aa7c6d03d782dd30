"""What needs a person, each with the one place to mend it. Asks only where there is something."""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.urls import reverse

from helios_site.overview.facts import Facts, damaged_archives, damaged_versions, failed_jobs
from helios_site.overview.numbers import Held, room
from helios_site.overview.sessions import MOST, ShownSessions
from memory.sentences import counted
from reflection.models import Job
from registry.models import ModelArtifact
from training.draws.games import missing_dates
from training.models import Dataset, TrainingSession
from training.panel import checkpoint_epochs
from training.services.draws import find_game

KEPT = 24 * 60 * 60  # seconds that a look through a history is kept for
State = TrainingSession.State


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that is wrong, and the one place to mend it."""

    text: str
    action: str
    address: str
    heard_at: datetime | None = None  # the last sign of life of what gives none


def attention(
    facts: Facts, sessions: ShownSessions, held: Held | None, *, is_online: bool
) -> list[Attention]:
    """What needs a person; empty when all is well."""
    found: list[Attention] = []
    if facts.waiting and not is_online:
        text = "Sessions wait in the queue and no worker is online."
        found.append(Attention(text, "Show the workers", f"{reverse('settings')}?tab=workers"))
    found += [_of_silent(session) for session in sessions.silent]
    found += [_of_session(session) for session in sessions.troubled]
    found += _jobs() if facts.has_failed_jobs else []
    found += _models() if facts.has_damaged_versions else []
    found += _journal(facts) + (_archives() if facts.has_damaged_archives else [])
    return found + _room() + (_draws(held) if held else [])


def _of_silent(session: TrainingSession) -> Attention:
    kept = checkpoint_epochs(session)
    saved = f"the last checkpoint is of epoch {kept[0]:,}" if kept else "no checkpoint yet"
    text = f"{session.model.name} is lost: its worker may have stopped; {saved}."
    return Attention(text, "Look at it", session.get_absolute_url(), session.beat_at)


def _of_session(session: TrainingSession) -> Attention:
    if session.state == State.INTERRUPTED:
        text = f"{session.model.name} was interrupted after epoch {session.current_epoch}."
        return Attention(text, "Resume it", session.get_absolute_url())
    text = f"{session.model.name} failed: {session.error or session.error_code}"
    return Attention(text, "See why", session.get_absolute_url())


def _jobs() -> list[Attention]:
    """Failed jobs of reflection."""
    return [
        Attention(f"{job.title} failed: {job.error}", "See why", job.get_absolute_url())
        for job in failed_jobs().only("title", "error")[:MOST]
    ]


def _models() -> list[Attention]:
    return [
        Attention(
            f"{version} is damaged: its file is not what was saved.",
            "Open the model",
            version.model.get_absolute_url(),
        )
        for version in damaged_versions().select_related("model")[:MOST]
    ]


def _journal(facts: Facts) -> list[Attention]:
    found = []
    if facts.journal_is_good is False:
        text = "The last verification of the journal found a fault."
        found.append(Attention(text, "Open the journal", reverse("memory:journal")))
    if facts.compaction_error is not None:
        text = f"The last compaction failed and changed nothing: {facts.compaction_error}"
        found.append(Attention(text, "Open the memory", reverse("memory:storage")))
    return found


def _archives() -> list[Attention]:
    archives = f"{reverse('memory:storage')}#archives"
    return [
        Attention(
            f"The archive of {segment} cannot be read: {segment.damaged}",
            "Open the memory",
            archives,
        )
        for segment in damaged_archives()[:MOST]
    ]


def _room() -> list[Attention]:
    held = room()
    if held.level == "ok":
        return []
    full = "The quota is used up: no new session starts."
    text = full if held.level == "full" else "More than 80 % of the quota is used."
    return [Attention(text, "Make room", reverse("memory:storage"))]


def _draws(held: Held) -> list[Attention]:
    """Draws that nothing was scored on yet, and days that are missing in a real history."""
    dataset = held.dataset
    if dataset.kind != Dataset.Kind.REAL:
        return []
    found = []
    days = _missing(dataset)
    if days:
        words = "1 draw day is" if days == 1 else f"{days:,} draw days are"
        text = f"{words} missing in {dataset.name}."
        found.append(Attention(text, "Look at the draws", dataset.get_absolute_url()))
    return found + _unscored(held, held.newest)


def _unscored(held: Held, newest: ModelArtifact | None) -> list[Attention]:
    """The last import, if it came after every version and every job."""
    at = held.imported_at
    if newest is None or at is None or at <= newest.created_at:
        return []
    if Job.objects.filter(created_at__gt=at).exists():
        return []
    count = counted(held.imported, "new draw")
    text = f"{count} came to {held.dataset.name}, and no model was scored on them yet."
    place = reverse("reflection:model", args=[newest.model.name])
    return [Attention(text, f"Test {newest.model.name}", place)]


def _missing(dataset: Dataset) -> int:
    """Draw days without a draw; counted once for each state of the history."""
    key = f"missing-days-{dataset.fingerprint}"
    known: int | None = cache.get(key)
    if known is None:
        days = list(dataset.draws.order_by("date").values_list("date", flat=True))
        known = len(missing_dates(find_game(dataset.game), days))
        cache.set(key, known, KEPT)
    return known
