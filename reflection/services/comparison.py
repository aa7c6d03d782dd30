"""Comparing models on the draws that all of them were scored on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations

import numpy as np
from django.utils import timezone

from memory.refusals import Invalid, NotFound
from reflection.services.scored import ScoredDraws, test_draws
from reflection.statistics.comparing import Difference, holm, paired, pareto
from reflection.statistics.intervals import Interval, t_interval
from reflection.statistics.learning_curves import theil_sen
from reflection.statistics.subsets import Floats
from reflection.statistics.verdicts import signed
from registry.models import ModelArtifact, RegisteredModel
from training.engine.config import SETTINGS
from training.models import TrainingSession

MOST_MODELS = 50
FEWEST_DRAWS = 30  # common draws below which a comparison says nothing


@dataclass(frozen=True)
class Trend:
    """Best validation gain of each session of a model in time, and its slope per session."""

    sessions: list[int]
    best_gains: list[float]
    slope: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Competitor:
    """One model of a comparison; gains are bits per draw over chance.

    `own` is over all its test draws, `common` over those that every competitor has.
    """

    model_name: str
    version: int | None
    encoder: str | None
    dataset: str | None
    parameter_count: int | None
    seconds: float
    own: Interval | None
    common: Interval | None
    best_gain: float | None
    efficient: bool
    trend: Trend


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


@dataclass(frozen=True)
class Comparison:
    """Verdict first. `differences` are of all pairs, with Holm's corrected p beside."""

    verdict: str
    comparable: bool
    draws: int
    first_date: str | None
    last_date: str | None
    models: tuple[Competitor, ...]
    differences: tuple[Difference, ...]
    corrected_p: tuple[float, ...]
    settings: tuple[Setting, ...]
    computed_at: datetime = field(compare=False)


def compare(*, models: Sequence[str]) -> Comparison:
    """Compare 1 to 50 models by the test draws of their newest versions.

    Raises Invalid for none or too many names, NotFound naming the first unknown model.
    """
    rows = find_models(models)
    scored = {row.name: test_draws(row.newest) if row.newest else None for row in rows}
    dates, gains = common_draws(rows, scored)
    names = list(gains)
    found = [
        paired(one, other, gains[one], gains[other]) for one, other in combinations(names, 2)
    ]
    differences = tuple(difference for difference in found if difference is not None)
    corrected = tuple(holm([difference.p for difference in differences]))
    competitors = _competitors(rows, scored, gains)
    newest = {row.name: row.newest for row in rows}
    return Comparison(
        verdict=_verdict(rows, scored, len(dates), differences, corrected),
        comparable=len(names) == len(rows) and len(dates) >= FEWEST_DRAWS,
        draws=len(dates),
        first_date=dates[0] if dates else None,
        last_date=dates[-1] if dates else None,
        models=competitors,
        differences=differences,
        corrected_p=corrected,
        settings=_settings([newest[one.model_name] for one in competitors]),
        computed_at=timezone.now(),
    )


def find_models(names: Sequence[str]) -> list[RegisteredModel]:
    """The models of these names, each once, in their order. Invalid or NotFound as `compare`."""
    wanted = list(dict.fromkeys(name.casefold() for name in names))
    if not 1 <= len(wanted) <= MOST_MODELS:
        raise Invalid(fields={"models": f"Must name 1 to {MOST_MODELS} models."})
    known = {
        model.key: model
        for model in RegisteredModel.objects.filter(key__in=wanted).select_related("newest")
    }
    for name in names:
        if name.casefold() not in known:
            raise NotFound(f"There is no model {name!r}.")
    return [known[key] for key in wanted]


def common_draws(
    rows: Sequence[RegisteredModel], scored: Mapping[str, ScoredDraws | None]
) -> tuple[list[str], dict[str, Floats]]:
    """The dates that every scored model has, and the models' gains on them.

    Nothing for models of several datasets: other datasets have other draws on the same dates.
    """
    if len({row.newest.dataset_name for row in rows if row.newest}) > 1:
        return [], {}
    with_draws = {name: draws for name, draws in scored.items() if draws is not None}
    if not with_draws:
        return [], {}
    dates = sorted(set.intersection(*(set(draws.dates) for draws in with_draws.values())))
    wanted = set(dates)
    gains = {
        name: draws.gains[[place for place, day in enumerate(draws.dates) if day in wanted]]
        for name, draws in with_draws.items()
    }
    return dates, gains


def _competitors(
    rows: Sequence[RegisteredModel],
    scored: Mapping[str, ScoredDraws | None],
    gains: Mapping[str, Floats],
) -> tuple[Competitor, ...]:
    trends = _trends(rows)
    seconds = [_seconds(row.newest) for row in rows]
    best = [trends[row.pk].best_gains for row in rows]
    tops = [max(values, default=float("-inf")) for values in best]
    front = pareto(seconds, tops)
    found = []
    for row, cost, top, efficient in zip(rows, seconds, tops, front, strict=True):
        artifact, draws = row.newest, scored[row.name]
        found.append(
            Competitor(
                model_name=row.name,
                version=artifact.version if artifact else None,
                encoder=artifact.encoder if artifact else None,
                dataset=artifact.dataset_name if artifact else None,
                parameter_count=artifact.parameter_count if artifact else None,
                seconds=cost,
                own=t_interval(draws.gains) if draws else None,
                common=t_interval(gains[row.name]) if row.name in gains else None,
                best_gain=top if np.isfinite(top) else None,
                efficient=efficient and np.isfinite(top),
                trend=trends[row.pk],
            )
        )
    return tuple(sorted(found, key=_rank))


def _rank(one: Competitor) -> float:
    interval = one.common or one.own
    return float("inf") if interval is None else -interval.mean


def _seconds(artifact: ModelArtifact | None) -> float:
    return float(artifact.metrics.get("train_seconds") or 0.0) if artifact else 0.0


def _trends(rows: Sequence[RegisteredModel]) -> dict[int, Trend]:
    """What each model's sessions reached, oldest first. One query for all."""
    reached: dict[int, list[tuple[int, float]]] = {row.pk: [] for row in rows}
    sessions = TrainingSession.objects.filter(model__in=rows, best_gain__isnull=False)
    for model, number, gain in sessions.order_by("pk").values_list("model", "pk", "best_gain"):
        reached[model].append((number, float(gain or 0.0)))
    return {model: _trend(points) for model, points in reached.items()}


def _trend(points: list[tuple[int, float]]) -> Trend:
    numbers, gains = [point[0] for point in points], [point[1] for point in points]
    if len(points) < 3:
        return Trend(numbers, gains, None, None, None)
    return Trend(numbers, gains, *theil_sen(np.asarray(gains, dtype=np.float64)))


def _settings(artifacts: Sequence[ModelArtifact | None]) -> tuple[Setting, ...]:
    configs = [artifact.config if artifact else {} for artifact in artifacts]
    found = []
    for name, setting in SETTINGS.items():
        values = [config.get(name) for config in configs]
        differs = any(value != values[0] for value in values)
        found.append(Setting(name, setting.label, values, differs))
    return tuple(found)


def _verdict(
    rows: Sequence[RegisteredModel],
    scored: Mapping[str, ScoredDraws | None],
    draws: int,
    differences: tuple[Difference, ...],
    corrected: tuple[float, ...],
) -> str:
    """One or two sentences: who is better, or that nobody can tell, and on how many draws."""
    missing = [row.name for row in rows if scored[row.name] is None]
    if missing:
        return f"Not comparable yet: {', '.join(missing)} has no scored test draws."
    if len(rows) == 1:
        return "One model is compared with chance alone; choose another to compare it with."
    if draws < FEWEST_DRAWS:
        return (
            f"Not comparable: the models share {draws} test draws of one dataset, and"
            f" {FEWEST_DRAWS} are needed. Train them on the same dataset with the same shares."
        )
    on = f"on the same {draws:,} draws"
    apart = [difference for difference in differences if difference.differs]
    if not apart:
        least = min(corrected, default=1.0)
        return (
            f"Indistinguishable {on}: no pair differs (smallest corrected p {least:.2f},"
            f" {len(differences)} {'pair' if len(differences) == 1 else 'pairs'})."
        )
    widest = max(apart, key=lambda difference: abs(difference.interval.mean))
    better, worse = (
        (widest.first, widest.second)
        if widest.interval.mean > 0
        else (widest.second, widest.first)
    )
    return (
        f"{better} loses less or gains more than {worse} {on}:"
        f" {signed(abs(widest.interval.mean))} bits per draw;"
        f" {len(apart)} of {len(differences)} pairs differ. That is no evidence against chance."
    )


def _text(value: object) -> str:
    """One value of a setting as text; what is empty or not there is "none"."""
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or "none"
    return f"{value:g}" if isinstance(value, float) else "none" if value is None else str(value)
