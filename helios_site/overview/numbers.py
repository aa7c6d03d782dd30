"""The tiles of the overview."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, When

from helios_site.overview.facts import Facts
from memory.quota import Quota, read_quota
from registry.models import ModelArtifact
from registry.verdicts import Hits, hits_of
from training.models import Dataset, DrawImport
from training.services.draws import eras_of_dataset

UNIFORM = "uniform"  # the forecast that is chance itself
KEPT = 30  # seconds that a look through the files of HELIOS_HOME is kept for


@dataclass(frozen=True, slots=True)
class Held:
    """The history that the page is about, and the versions that learned from it.

    Gains on different draws do not compare, so all versions are of this history.
    """

    dataset: Dataset
    imported: int  # new draws of the last import that stands
    imported_at: datetime | None
    best: ModelArtifact | None  # the one with the largest validation gain
    scored: ModelArtifact | None  # the newest with scores on draws it never saw
    newest: ModelArtifact | None

    @property
    def matrix(self) -> str:
        """Of the newest draws."""
        return str(eras_of_dataset(self.dataset)[-1].matrix)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The tiles. Gains are bits per draw over chance, with their 95 % interval."""

    models: int
    champion: str | None
    newest: str | None
    done: int
    failed: int
    best: ModelArtifact | None
    scored: ModelArtifact | None
    hits: Hits | None  # white balls per draw, of `scored`
    draws: Dataset | None
    matrix: str
    quota: Quota


def numbers(facts: Facts, held: Held | None) -> Numbers:
    """What was read, put into tiles."""
    scored = held.scored if held else None
    return Numbers(
        models=facts.models,
        champion=facts.champion,
        newest=facts.newest,
        done=facts.completed,
        failed=facts.failed,
        best=held.best if held else None,
        scored=scored,
        hits=hits_of(scored) if scored else None,
        draws=held.dataset if held else None,
        matrix=held.matrix if held else "",
        quota=room(),
    )


def read_held() -> Held | None:
    """The history that matters most: a real one, the newest. Two queries."""
    imports = DrawImport.objects.filter(
        dataset=OuterRef("pk"), undone_at=None, new_count__gt=0
    ).order_by("-pk")
    real_first = Case(When(kind=Dataset.Kind.REAL, then=0), default=1)
    rows = Dataset.objects.filter(draw_count__gt=0).annotate(
        imported=Subquery(imports.values("new_count")[:1]),
        imported_at=Subquery(imports.values("created_at")[:1]),
    )
    dataset = rows.order_by(real_first, "-last_date").first()
    if dataset is None:
        return None
    return Held(dataset, dataset.imported or 0, dataset.imported_at, **_versions(dataset))


def _versions(dataset: Dataset) -> dict[str, ModelArtifact | None]:
    """The best, the one scored last and the newest, in one query: each is first by its order."""
    kept = ModelArtifact.objects.filter(deleted_at=None, dataset_name=dataset.name)
    orders: dict[str, QuerySet[ModelArtifact]] = {
        "best": kept.filter(val_gain__isnull=False)
        .exclude(encoder=UNIFORM)
        .order_by("-val_gain", "pk"),
        "scored": kept.filter(test_gain__isnull=False).order_by("-created_at", "-pk"),
        "newest": kept.order_by("-created_at", "-pk"),
    }
    firsts = {name: Subquery(rows.values("pk")[:1]) for name, rows in orders.items()}
    chosen = Q()
    for first in firsts.values():
        chosen |= Q(pk=first)
    marks = {f"{name}_pk": first for name, first in firsts.items()}
    heavy = ("metrics", "config", "environment", "reproduction", "notes")
    rows = kept.filter(chosen).annotate(**marks).select_related("model").defer(*heavy)
    found = list(rows)

    def of(mark: str) -> ModelArtifact | None:
        return next((row for row in found if row.pk == getattr(row, mark)), None)

    return {name: of(f"{name}_pk") for name in orders}


def room() -> Quota:
    """What is used of the quota: every file is looked at, so the answer is kept for a while."""
    place = sha256(str(settings.HELIOS_HOME).encode()).hexdigest()  # a path may have spaces
    key = f"quota-{place}-{settings.QUOTA_MB}"
    held: Quota | None = cache.get(key)
    if held is None:
        held = read_quota()
        cache.set(key, held, KEPT)
    return held
