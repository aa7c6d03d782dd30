"""The twelve questions, asked of everything that is stored about one drum."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from memory.refusals import Conflict
from reflection.models import Experiment
from reflection.services import cards, learning, luck
from reflection.services import house as houses
from reflection.services.calibration import calibration_of, slope_words
from reflection.services.cards import Card, journal_rows
from reflection.services.clearance import house_is_cleared
from reflection.services.comparison import compare_pairs
from reflection.services.findings import ModelVerdict
from reflection.services.forecasts import live
from reflection.services.forecasts.live import LiveHouse, live_evidence
from reflection.services.freshness import kept
from reflection.services.ground import Ground, read_ground
from reflection.services.house import House
from reflection.services.instrument import pipelines
from reflection.services.models import verdicts_of
from reflection.services.pooling import UNIFORM, Recommendation, recommend_among
from reflection.statistics.scores import POWERBALL, Drum
from reflection.statistics.verdicts import gain_words, signed
from training.models import Dataset
from training.services.draws import eras_of_dataset

DRAWS_PER_YEAR = 156
MOST_POOLED = 50


@dataclass(frozen=True)
class Insights:
    """What is known about the drum of one dataset: evidence, twelve cards, verdicts.

    `dataset` is None before there is one; `datasets` are those that can be asked about.
    """

    dataset: str | None
    kind: str | None
    datasets: tuple[str, ...]
    models: tuple[ModelVerdict, ...]
    house: House
    live: LiveHouse
    cards: tuple[Card, ...]
    computed_at: datetime


def insights(*, dataset_name: str = "") -> Insights:
    """Ask the twelve questions of one dataset: the one named, or the realest there is.

    Models are listed if their newest version was trained on it, or if they have none yet.
    Raises NotFound for an unknown dataset.
    """
    ground = read_ground(dataset_name)
    name, replays = ground.name, ground.shelf
    versions = {version.pk: version for version in ground.versions}
    here = {version.dataset_name for version in ground.versions}
    eras = {row.name: eras_of_dataset(row) for row in ground.datasets if row.name in here}
    verdicts = verdicts_of(ground.models, eras, replays.choose(here, versions.keys()))
    rows = [row for row in verdicts if row.dataset in (None, name)]
    house = houses.evidence_of(
        models=ground.registered,
        replays=replays.choose([name]),
        versions=versions,
    )
    held = ground.held
    registered = live_evidence(
        dataset_name=name if held and held.enrolled else "", registered=house.registered
    )
    drum = _drum(ground.dataset)
    controlled = pipelines(dataset_name=name) if held and held.controlled else ()
    experiment = Experiment.objects.filter(dataset=ground.dataset).first()
    together = f"{reverse('reflection:across')}?{urlencode({'dataset': name})}"
    answers = (
        _verdict(house, registered, name),
        _skill(rows, house),
        luck.detectable(rows, house, drum, controlled, together),
        learning.controls(ground, house.registered, controlled),
        learning.memorisation(ground, house.registered, controlled),
        _comparison(rows, house, ground),
        luck.winners_curse(rows, house, controlled, together),
        _calibration(house, ground),
        learning.efficiency(ground, house.registered),
        learning.settings(name, house.registered, experiment),
        _ensemble(rows, house, ground),
        learning.history(ground, house.registered, experiment),
    )
    return Insights(
        dataset=name or None,
        kind=ground.dataset.kind if ground.dataset else None,
        datasets=tuple(dataset.name for dataset in ground.datasets),
        models=tuple(rows),
        house=house,
        live=registered,
        cards=answers,
        computed_at=timezone.now(),
    )


def known_insights(dataset_name: str = "", *, seen: str = "") -> Insights:
    """The same, kept until a row behind it is new; `seen` is the `stamp`, where it was asked for."""
    name = f"insights-page:{dataset_name}"
    return kept(name, lambda: insights(dataset_name=dataset_name), seen=seen)


def _drum(dataset: Dataset | None) -> Drum:
    """The drum of a dataset's newest era; today's Powerball without one."""
    if dataset is None:
        return POWERBALL
    matrix = eras_of_dataset(dataset)[-1].matrix
    return Drum(matrix.white, matrix.picks, matrix.bonus)


def _verdict(house: House, registered: LiveHouse, dataset: str) -> Card:
    """Replayed evidence, and beside it that of forecasts which nobody could choose afterwards."""
    where = journal_rows("training_end")
    cleared = house.crossed and house_is_cleared(
        names=house.winners, dataset_name=dataset, highest=house.highest
    )
    words = houses.in_words(house, cleared=cleared)
    if registered.draws:
        return _live_verdict(house, registered, words, _standing(house, cleared=cleared))
    if not house.scored:
        return cards.VERDICT.unmeasured(
            "no model has been scored on held-out draws.",
            evidence=where,
            models=house.registered,
        )
    waiting = f" {live.in_words(registered)}" if registered.enrolled else ""
    return cards.VERDICT.answer(
        f"{words}{waiting}",
        verdict=_standing(house, cleared=cleared),
        value=f"{house.bankroll:.2f} of 1.00",
        interval=f"evidence at {house.threshold:.0f}; highest so far {house.highest:.2f}",
        grade=house.grade,
        n=house.draws,
        models=house.registered,
        evidence=where,
        crossed=cleared,
    )


def _standing(house: House, *, cleared: bool) -> str:
    if not house.crossed:
        return "no evidence"
    return "evidence" if cleared else "suspected leak"


def _live_verdict(house: House, registered: LiveHouse, words: str, standing: str) -> Card:
    replayed = f" Replayed: {words}" if house.scored else ""
    return cards.VERDICT.answer(
        f"{live.in_words(registered)}{replayed}",
        verdict=f"live {'evidence' if registered.crossed else 'no evidence'}, replayed {standing}",
        value=f"{registered.bankroll:.2f} of 1.00 live",
        interval=(
            f"evidence at {registered.threshold:.0f}; highest so far {registered.highest:.2f};"
            f" replayed {house.bankroll:.2f} (grade {house.grade})"
        ),
        grade=registered.grade,
        n=registered.draws,
        models=registered.registered,
        evidence=reverse("reflection:forecasts"),
    )


def _skill(rows: list[ModelVerdict], house: House) -> Card:
    best = max(house.bets, key=lambda bet: bet.hedged_bits, default=None)
    if best is None:
        return cards.SKILL.unmeasured(
            "no model has been scored.",
            evidence=journal_rows("training_end"),
            models=house.registered,
        )
    row = next((row for row in rows if row.model_name == best.model_name), None)
    gain = f" Its mean gain is {gain_words(row.gain)}." if row and row.gain else ""
    return cards.SKILL.answer(
        f"{best.model_name}: {houses.odds_in_words(best)}.{gain}",
        verdict="evidence" if best.crossed else "no evidence",
        value=f"{signed(best.hedged_bits, 1)} bits",
        interval=f"needs {signed(best.needed_bits, 1)} bits",
        grade="B" if best.openings == 1 else "C",
        n=best.draws,
        models=house.registered,
        evidence=reverse("reflection:model", args=[best.model_name]),
    )


def _comparison(rows: list[ModelVerdict], house: House, ground: Ground) -> Card:
    names = [row.model_name for row in rows if row.gain][:2]
    found = compare_pairs(ground.named(names), ground.shelf) if len(names) == 2 else None
    if found is None or not found.differences:
        return cards.COMPARISON.unmeasured(
            "it takes two models with common test draws.",
            evidence=reverse("reflection:compare"),
            models=house.registered,
        )
    pair = found.differences[0]
    more = f" About {pair.settled_after:,} more draws to settle." if pair.settled_after else ""
    return cards.COMPARISON.answer(
        f"{pair.first} and {pair.second}: {found.verdict}{more}",
        verdict="they differ" if pair.differs else "nobody can tell",
        value=f"{signed(pair.interval.mean)} bits per draw",
        interval=gain_words(pair.anytime),
        n=found.draws,
        models=house.registered,
        evidence=f"{reverse('reflection:compare')}?{urlencode({'m': names}, doseq=True)}",
    )


def _calibration(house: House, ground: Ground) -> Card:
    where = journal_rows("training_end")
    best = max(house.bets, key=lambda bet: bet.hedged_bits, default=None)
    model = next(iter(ground.named([best.model_name])), None) if best else None
    found = calibration_of(model.newest) if model else None
    if best is None or not found:
        return cards.CALIBRATION.unmeasured(
            "no forecast of held-out draws is kept; versions trained from now on keep theirs.",
            evidence=where,
            models=house.registered,
        )
    return cards.CALIBRATION.answer(
        f"{best.model_name}: {found.sentence}",
        verdict=found.meaning,
        value=slope_words(found.slope) if found.slope else "no opinions",
        interval=""
        if found.shift_p is None
        else f"balls as often as forecast: p {found.shift_p:.2f}",
        grade="B" if best.openings == 1 else "C",
        n=sum(block.draws for block in found.blocks),
        models=house.registered,
        evidence=f"{reverse('reflection:model', args=[best.model_name])}#calibration",
    )


def _ensemble(rows: list[ModelVerdict], house: House, ground: Ground) -> Card:
    where = reverse("reflection:compare")
    found = _pooled(rows, ground)
    if found is None:
        return cards.ENSEMBLE.unmeasured(
            "no models share enough test draws; uniform it is.",
            evidence=where,
            models=house.registered,
        )
    return cards.ENSEMBLE.answer(
        found.sentence,
        verdict="uniform" if found.is_uniform else found.method,
        value=f"{_percent(found.pools[0].weights[UNIFORM])} on uniform",
        interval=f"{found.behind:.2f} bits lost at worst, of 1",
        grade=house.grade,
        n=found.draws,
        models=house.registered,
        evidence=where,
    )


def _pooled(rows: list[ModelVerdict], ground: Ground) -> Recommendation | None:
    """The pool of all scored models; None when they share too few draws."""
    scored = ground.named([row.model_name for row in rows if row.gain][:MOST_POOLED])
    try:
        return recommend_among(scored, ground.shelf) if scored else None
    except Conflict:
        return None


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
