"""How much a replay's evidence is worth: were its settings chosen without the draws it replays?"""

from dataclasses import dataclass
from datetime import date, datetime

from reflection.models import Backtest
from registry.models import ModelArtifact, RegisteredModel
from training.models import TrainingSession


@dataclass(frozen=True)
class Grade:
    """B: an e-process, the settings were fixed before; C: descriptive only. With the reason."""

    letter: str
    reason: str


def grade(
    *,
    model: RegisteredModel,
    version: ModelArtifact | None,
    dataset: str,
    series: str,
    first: date,
    last: date,
) -> Grade:
    """The grade of a replay of a version over the draws from `first` to `last` of a dataset.

    Settings are known to be chosen without the draws only if, when they were fixed, no other
    version and no other backtest of the same model had been scored on any of them. Other
    models count through their number: model j may use 1/(j(j+1)) of the error.
    """
    fixed_at = _fixed_at(version)
    seen = _scored_before(model, version, dataset, fixed_at, first, last)
    if seen is not None:
        text = f"version {seen.version} had been scored on some of these draws before"
        return Grade("C", f"{text} the settings of this one were chosen")
    replays = Backtest.objects.filter(model=model, dataset_name=dataset).order_by("pk")
    overlapping = replays.filter(first_date__lte=last, last_date__gte=first)
    other = overlapping.exclude(series=series).only("pk").first()
    same = replays.filter(series=series).only("pk").first()
    # The same replay again, with more draws, is what it was when it was run first.
    if other is not None and (same is None or other.pk < same.pk):
        text = f"backtest {other.pk} with other settings had seen some of these draws"
        return Grade("C", text)
    return Grade(
        "B", "no other version or backtest of this model had been scored on these draws"
    )


def _fixed_at(version: ModelArtifact | None) -> datetime | None:
    """When the settings of a version were fixed: as its session was queued."""
    if version is None:
        return None
    queued = TrainingSession.objects.filter(pk=version.session_id or 0)
    found: datetime | None = queued.values_list("created_at", flat=True).first()
    return found or version.created_at


def _scored_before(
    model: RegisteredModel,
    version: ModelArtifact | None,
    dataset: str,
    fixed_at: datetime | None,
    first: date,
    last: date,
) -> ModelArtifact | None:
    """A version of other settings whose test draws overlap and whose score was known by then."""
    others = model.versions.filter(dataset_name=dataset, test_gain__isnull=False)
    if version is not None:
        others = others.exclude(pk=version.pk)
    if fixed_at is not None:
        others = others.filter(created_at__lt=fixed_at)
    for other in others.only("version", "evaluation", "config"):
        dates = (other.evaluation.get("test") or {}).get("dates") or []
        overlaps = bool(dates) and dates[0] <= str(last) and dates[-1] >= str(first)
        if overlaps and (version is None or other.config != version.config):
            return other
    return None
