"""The tiles of the overview."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.db.models import Case, Count, QuerySet, When
from django.utils import timezone

from memory.quota import Quota, read_quota
from registry.models import ModelAlias, ModelArtifact, RegisteredModel
from registry.verdicts import Hits, hits_of
from training.models import Dataset, TrainingSession
from training.services.draws import eras_of_dataset

WEEK = timedelta(days=7)
UNIFORM = "uniform"  # the forecast that is chance itself
KEPT = 30  # seconds that a look through the files of HELIOS_HOME is kept for
State = TrainingSession.State


@dataclass(frozen=True, slots=True)
class Scored:
    """The version that was scored last on draws it never saw: white balls hit per draw."""

    version: ModelArtifact
    hits: Hits | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """The tiles. Gains are bits per draw over chance, with their 95 % interval."""

    models: int
    champion: str  # the model with this alias, else ""
    newest: str
    done: int
    failed: int
    best: ModelArtifact | None
    scored: Scored | None
    draws: Dataset | None
    matrix: str  # of the newest draws
    quota: Quota


def numbers(held: Dataset | None) -> Numbers:
    """Counts and the versions that the tiles are about, each in one query."""
    models = RegisteredModel.objects.filter(deleted_at=None, newest__isnull=False)
    since = timezone.now() - WEEK
    ended = TrainingSession.objects.filter(finished_at__gte=since)
    counts = dict(ended.order_by().values_list("state").annotate(Count("pk")))
    return Numbers(
        models=models.count(),
        champion=_champion(),
        newest=models.order_by("-newest_id").values_list("name", flat=True).first() or "",
        done=counts.get(State.COMPLETED, 0) + counts.get(State.STOPPED, 0),
        failed=counts.get(State.FAILED, 0),
        best=_best(held),
        scored=_scored(held),
        draws=held,
        matrix=str(eras_of_dataset(held)[-1].matrix) if held else "",
        quota=room(),
    )


def _champion() -> str:
    """The model whose version was named champion last."""
    named = ModelAlias.objects.filter(alias="champion", model__deleted_at=None)
    return named.order_by("-moved_at").values_list("model__name", flat=True).first() or ""


def _best(held: Dataset | None) -> ModelArtifact | None:
    """The version with the largest validation gain; the columns that lists read."""
    kept = _of(held).filter(val_gain__isnull=False).exclude(encoder=UNIFORM)
    return _light(kept).order_by("-val_gain", "pk").first()


def _scored(held: Dataset | None) -> Scored | None:
    """The newest version with scores on its test draws."""
    kept = _of(held).filter(test_gain__isnull=False)
    version = kept.select_related("model").order_by("-created_at").first()
    return Scored(version, hits_of(version)) if version else None


def _of(held: Dataset | None) -> QuerySet[ModelArtifact]:
    """The versions that learned from a history: gains on different draws do not compare."""
    return ModelArtifact.objects.filter(deleted_at=None, dataset_name=held.name if held else "")


def _light(versions: QuerySet[ModelArtifact]) -> QuerySet[ModelArtifact]:
    """Without the columns that hold much."""
    heavy = ("metrics", "network", "config", "environment", "notes", "evaluation")
    return versions.select_related("model").defer(*heavy)


def shown_dataset() -> Dataset | None:
    """The history that matters most: a real one, the newest."""
    real_first = Case(When(kind=Dataset.Kind.REAL, then=0), default=1)
    return Dataset.objects.filter(draw_count__gt=0).order_by(real_first, "-last_date").first()


def room() -> Quota:
    """What is used of the quota: every file is looked at, so the answer is kept for a while."""
    place = sha256(str(settings.HELIOS_HOME).encode()).hexdigest()  # a path may have spaces
    key = f"quota-{place}-{settings.QUOTA_MB}"
    held: Quota | None = cache.get(key)
    if held is None:
        held = read_quota()
        cache.set(key, held, KEPT)
    return held
