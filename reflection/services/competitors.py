"""The models of a comparison: what each scored, cost and is, and how it came to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from reflection.services.calibration import calibration_of
from reflection.services.scored import ScoredDraws
from reflection.statistics.calibration import Slope
from reflection.statistics.comparing import pareto
from reflection.statistics.intervals import Interval, t_interval
from reflection.statistics.learning_curves import theil_sen
from reflection.statistics.subsets import Floats
from registry.models import ModelArtifact, RegisteredModel
from training.engine.config import SETTINGS
from training.models import TrainingSession


@dataclass(frozen=True)
class Trend:
    """Best validation gain of each session of a model in time, and its slope per session."""

    sessions: list[int]
    dates: list[str]
    best_gains: list[float]
    slope: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Competitor:
    """One model of a comparison; gains are bits per draw over chance.

    `own` is over all its test draws, `common` over those that every competitor has; `rank` is
    by the mean of the latter, 1 the highest. `slope` is how honest its probabilities were.
    """

    model_name: str
    number: int
    version: int | None
    encoder: str | None
    dataset: str | None
    parameter_count: int | None
    seconds: float
    own: Interval | None
    common: Interval | None
    best_gain: float | None
    efficient: bool
    slope: Slope | None
    rank: int
    trend: Trend

    @property
    def shown(self) -> Interval | None:
        """The interval that ranks it."""
        return self.common or self.own


@dataclass(frozen=True)
class Setting:
    """A setting and its value in each model, in their order; None where it has none."""

    name: str
    label: str
    values: list[object]
    differs: bool

    @property
    def texts(self) -> list[str]:
        """The values for a person to read."""
        return [_text(value) for value in self.values]


def competitors_of(
    rows: Sequence[RegisteredModel],
    scored: Mapping[str, ScoredDraws | None],
    gains: Mapping[str, Floats],
) -> tuple[Competitor, ...]:
    """Each model as a competitor, in the order asked. One query."""
    trends = _trends(rows)
    seconds = [_seconds(row.newest) for row in rows]
    tops = [max(trends[row.pk].best_gains, default=float("-inf")) for row in rows]
    front = pareto(seconds, tops)
    own = [t_interval(draws.gains) if (draws := scored[row.name]) else None for row in rows]
    common = [t_interval(gains[row.name]) if row.name in gains else None for row in rows]
    ranks = _ranks([one or other for one, other in zip(common, own, strict=True)])
    found = []
    for place, row in enumerate(rows):
        artifact, honest = row.newest, calibration_of(row.newest)
        measured = bool(np.isfinite(tops[place]))
        found.append(
            Competitor(
                model_name=row.name,
                number=row.number,
                version=artifact.version if artifact else None,
                encoder=artifact.encoder if artifact else None,
                dataset=artifact.dataset_name if artifact else None,
                parameter_count=artifact.parameter_count if artifact else None,
                seconds=seconds[place],
                own=own[place],
                common=common[place],
                best_gain=tops[place] if measured else None,
                efficient=front[place] and measured,
                slope=honest.slope if honest else None,
                rank=ranks[place],
                trend=trends[row.pk],
            )
        )
    return tuple(found)


def _ranks(intervals: Sequence[Interval | None]) -> list[int]:
    """Places from 1 by mean gain, the highest first; what is not measured comes last."""
    means = [-one.mean if one else float("inf") for one in intervals]
    return [1 + sum(other < mean for other in means) for mean in means]


def _seconds(artifact: ModelArtifact | None) -> float:
    return float(artifact.metrics.get("train_seconds") or 0.0) if artifact else 0.0


def _trends(rows: Sequence[RegisteredModel]) -> dict[int, Trend]:
    """What each model's sessions reached, oldest first. One query for all."""
    reached: dict[int, list[tuple[int, datetime, float]]] = {row.pk: [] for row in rows}
    sessions = TrainingSession.objects.filter(model__in=rows, best_gain__isnull=False)
    columns = ("model", "pk", "queued_at", "finished_at", "best_gain")
    for model, number, queued, done, gain in sessions.order_by("pk").values_list(*columns):
        reached[model].append((number, done or queued, float(gain or 0.0)))
    return {model: _trend(points) for model, points in reached.items()}


def _trend(points: list[tuple[int, datetime, float]]) -> Trend:
    numbers, gains = [point[0] for point in points], [point[2] for point in points]
    dates = [point[1].isoformat(timespec="seconds") for point in points]
    if len(points) < 3:
        return Trend(numbers, dates, gains, None, None, None)
    return Trend(numbers, dates, gains, *theil_sen(np.asarray(gains, dtype=np.float64)))


def settings_of(artifacts: Sequence[ModelArtifact | None]) -> tuple[Setting, ...]:
    """Every setting with its value in each version."""
    configs = [artifact.config if artifact else {} for artifact in artifacts]
    found = []
    for name, setting in SETTINGS.items():
        values = [config.get(name) for config in configs]
        differs = any(value != values[0] for value in values)
        found.append(Setting(name, setting.label, values, differs))
    return tuple(found)


def _text(value: object) -> str:
    """One value of a setting as text; what is empty or not there is "none"."""
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or "none"
    return f"{value:g}" if isinstance(value, float) else "none" if value is None else str(value)
