"""Comparing models on the draws that all of them were scored on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations

from django.utils import timezone

from memory.refusals import Invalid, NotFound
from memory.sentences import counted
from reflection.services.competitors import Competitor, Setting, competitors_of, settings_of
from reflection.services.models import verdict_on
from reflection.services.scored import ScoredDraws
from reflection.services.shared_draws import FEWEST_DRAWS, SharedDraws, shared_draws
from reflection.services.stored_replays import Shelf
from reflection.statistics.comparing import Difference, holm, paired
from reflection.statistics.verdicts import signed
from registry.models import RegisteredModel

MOST_MODELS = 50


@dataclass(frozen=True)
class Comparison:
    """Verdict first. Models are in the order asked; `differences` are of all pairs, with
    Holm's corrected p beside. `basis` says whether the draws are those of tests or of backtests. `against` is each model less the `base` model, None for itself.
    """

    verdict: str
    comparable: bool
    basis: str
    draws: int
    first_date: str | None
    last_date: str | None
    base: str | None
    models: tuple[Competitor, ...]
    against: tuple[Difference | None, ...]
    differences: tuple[Difference, ...]
    corrected_p: tuple[float, ...]
    settings: tuple[Setting, ...]
    computed_at: datetime = field(compare=False)


def compare(*, models: Sequence[str], base: str = "") -> Comparison:
    """Compare 1 to 50 models by the test draws of their newest versions.

    `base` names the one of them that the others are measured against; without it that is
    chance. Raises Invalid for none or too many names or a base that is not among them,
    NotFound naming the first unknown model.
    """
    rows = find_models(models)
    standard = _base(rows, base)
    shared = shared_draws(rows)
    dates, gains, scored = shared.dates, shared.gains, shared.scored
    pairs = _pairs(rows, shared)
    against = [
        paired(row.name, standard, gains[row.name], gains[standard])
        if standard in gains and row.name in gains and row.name != standard
        else None
        for row in rows
    ]
    return Comparison(
        verdict=pairs.verdict,
        comparable=len(gains) == len(rows) and len(dates) >= FEWEST_DRAWS,
        basis=shared.basis,
        draws=len(dates),
        first_date=dates[0] if dates else None,
        last_date=dates[-1] if dates else None,
        base=standard or None,
        models=competitors_of(rows, scored, gains),
        against=tuple(against),
        differences=pairs.differences,
        corrected_p=pairs.corrected_p,
        settings=settings_of([row.newest for row in rows]),
        computed_at=timezone.now(),
    )


@dataclass(frozen=True)
class Pairs:
    """The verdict of a comparison, and the differences of all pairs on `draws` common draws."""

    verdict: str
    draws: int
    differences: tuple[Difference, ...]
    corrected_p: tuple[float, ...]


def compare_pairs(rows: Sequence[RegisteredModel], shelf: Shelf) -> Pairs:
    """The same of models and backtests that were read already. No query."""
    return _pairs(rows, shared_draws(rows, shelf))


def _pairs(rows: Sequence[RegisteredModel], shared: SharedDraws) -> Pairs:
    gains = shared.gains
    found = [
        paired(one, other, gains[one], gains[other]) for one, other in combinations(gains, 2)
    ]
    differences = tuple(difference for difference in found if difference is not None)
    corrected = tuple(holm([difference.p for difference in differences]))
    verdict = _verdict(rows, shared.scored, len(shared.dates), differences, corrected)
    return Pairs(verdict, len(shared.dates), differences, corrected)


def _base(rows: Sequence[RegisteredModel], name: str) -> str:
    """The name of the model to measure against as it is written; empty for chance."""
    if not name:
        return ""
    found = next((row.name for row in rows if row.key == name.casefold()), None)
    if found is None:
        raise Invalid(fields={"base": "Must be one of the models that are compared."})
    return found


def split_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The names that are models, each once and as they are written, and those that are not."""
    keys = {name.casefold() for name in names}
    known = dict(RegisteredModel.objects.filter(key__in=keys).values_list("key", "name"))
    found = [known[name.casefold()] for name in names if name.casefold() in known]
    unknown = [name for name in names if name.casefold() not in known]
    return list(dict.fromkeys(found)), list(dict.fromkeys(unknown))


def newest_models(count: int) -> list[str]:
    """Names of the models whose versions are the newest, the newest first. One query."""
    models = RegisteredModel.objects.filter(deleted_at=None, newest__isnull=False)
    return list(models.order_by("-newest_id").values_list("name", flat=True)[:count])


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
        return f"{rows[0].name} beside chance: {verdict_on(rows[0].name).judgement.sentence}"
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
            f" {counted(len(differences), 'pair')})."
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
