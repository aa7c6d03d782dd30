"""The twelve questions, asked of everything that is stored about one drum."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from memory.refusals import Conflict
from reflection.services import cards, learning
from reflection.services import house as houses
from reflection.services.cards import Card, journal_rows
from reflection.services.comparison import compare
from reflection.services.house import House
from reflection.services.models import ModelVerdict, verdicts
from reflection.services.pooling import UNIFORM, Recommendation, recommend
from reflection.statistics.controls import best_of_guessers, detectability, draws_to_notice
from reflection.statistics.scores import POWERBALL, Drum
from reflection.statistics.verdicts import gain_words, signed
from training.models import Dataset, TrainingSession
from training.services.draws import eras_of_dataset, find_dataset

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
    cards: tuple[Card, ...]
    computed_at: datetime


def insights(*, dataset_name: str = "") -> Insights:
    """Ask the twelve questions of one dataset: the one named, or the realest there is.

    Models are listed if their newest version was trained on it, or if they have none yet.
    Raises NotFound for an unknown dataset.
    """
    datasets = _datasets()
    chosen = find_dataset(dataset_name) if dataset_name else next(iter(datasets), None)
    name = chosen.name if chosen else ""
    rows = [row for row in verdicts() if row.dataset in (None, name)]
    house = houses.evidence(dataset_name=name)
    drum = _drum(chosen)
    answers = (
        _verdict(house),
        _skill(rows, house),
        _detectable(rows, house, drum),
        learning.controls(name, house.registered),
        learning.memorisation(name, house.registered),
        _comparison(rows, house),
        _winners_curse(rows, house),
        _calibration(house),
        learning.efficiency(name, house.registered),
        learning.settings(name, house.registered),
        _ensemble(rows, house),
        learning.history(name, house.registered),
    )
    return Insights(
        dataset=name or None,
        kind=chosen.kind if chosen else None,
        datasets=tuple(dataset.name for dataset in datasets),
        models=tuple(rows),
        house=house,
        cards=answers,
        computed_at=timezone.now(),
    )


def _datasets() -> list[Dataset]:
    """Datasets, those with sessions first; real ones, then practice drums, then simulations."""
    order = [Dataset.Kind.REAL, Dataset.Kind.PRACTICE, Dataset.Kind.SIMULATED]
    # order_by: the default order by number would make every row distinct
    trained = set(
        TrainingSession.objects.order_by().values_list("dataset", flat=True).distinct()
    )
    return sorted(
        Dataset.objects.all(),
        key=lambda row: (
            row.pk not in trained,
            order.index(Dataset.Kind(row.kind)),
            -row.draw_count,
        ),
    )


def _drum(dataset: Dataset | None) -> Drum:
    """The drum of a dataset's newest era; today's Powerball without one."""
    if dataset is None:
        return POWERBALL
    matrix = eras_of_dataset(dataset)[-1].matrix
    return Drum(matrix.white, matrix.picks, matrix.bonus)


def _verdict(house: House) -> Card:
    where = journal_rows("training_end")
    if not house.scored:
        return cards.VERDICT.unmeasured(
            "no model has been scored on held-out draws.",
            evidence=where,
            models=house.registered,
        )
    return cards.VERDICT.answer(
        houses.in_words(house),
        value=f"{house.bankroll:.2f} of 1.00",
        interval=f"evidence at {house.threshold:.0f}; highest so far {house.highest:.2f}",
        grade=house.grade,
        n=house.draws,
        models=house.registered,
        evidence=where,
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
        value=f"{signed(best.hedged_bits, 1)} bits",
        interval=f"needs {signed(best.needed_bits, 1)} bits",
        grade="B" if best.openings == 1 else "C",
        n=best.draws,
        models=house.registered,
        evidence=reverse("reflection:model", args=[best.model_name]),
    )


def _detectable(rows: list[ModelVerdict], house: House, drum: Drum) -> Card:
    draws = max((row.gain.n for row in rows if row.gain), default=0)
    found, where = detectability(draws, drum), reverse("reflection:overview")
    if found is None:
        return cards.DETECTABILITY.unmeasured(
            "there are too few held-out draws.", evidence=where, models=house.registered
        )
    needed = draws_to_notice(0.2, looks=drum.balls, chance=drum.inclusion)
    return cards.DETECTABILITY.answer(
        f"With {draws:,} draws you would have found one ball off by {_percent(found.unknown_ball)}"
        f" in 80 % of cases; not one off by 20 %, which needs {needed:,.0f} draws,"
        f" {needed / DRAWS_PER_YEAR:,.0f} years.",
        value=_percent(found.unknown_ball),
        interval=f"{_percent(found.known_ball)} if one knew which ball",
        n=draws,
        models=house.registered,
        evidence=where,
    )


def _comparison(rows: list[ModelVerdict], house: House) -> Card:
    names = [row.model_name for row in rows if row.gain][:2]
    found = compare(models=names) if len(names) == 2 else None
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
        value=f"{signed(pair.interval.mean)} bits per draw",
        interval=gain_words(pair.anytime),
        n=found.draws,
        models=house.registered,
        evidence=f"{reverse('reflection:compare')}?{urlencode({'m': names}, doseq=True)}",
    )


def _winners_curse(rows: list[ModelVerdict], house: House) -> Card:
    where = reverse("reflection:overview")
    scored = [(row.gain, row.spread or 0.0) for row in rows if row.gain]
    if not scored:
        return cards.WINNERS_CURSE.unmeasured(
            "no model has been scored.", evidence=where, models=house.registered
        )
    best = max(gain.mean * gain.n for gain, _ in scored)
    guessers = best_of_guessers(
        [spread for _, spread in scored], [gain.n for gain, _ in scored]
    )
    accepted = sum(bet.accepted for bet in house.bets)
    return cards.WINNERS_CURSE.answer(
        f"Best of {len(scored)}: {signed(best, 1)} bits; best of {len(scored)} guessers like them:"
        f" {signed(guessers, 1)} typical. Models accepted as better than chance: {accepted}.",
        value=f"{signed(best, 1)} bits",
        interval=f"{signed(guessers, 1)} bits by luck",
        n=len(scored),
        models=house.registered,
        evidence=where,
    )


def _calibration(house: House) -> Card:
    return cards.CALIBRATION.unmeasured(
        "the forecasts of the held-out draws are not stored.",
        evidence=journal_rows("backtest_run"),
        models=house.registered,
    )


def _ensemble(rows: list[ModelVerdict], house: House) -> Card:
    where = reverse("reflection:compare")
    found = _pooled(rows)
    if found is None:
        return cards.ENSEMBLE.unmeasured(
            "no models share enough test draws; uniform it is.",
            evidence=where,
            models=house.registered,
        )
    return cards.ENSEMBLE.answer(
        found.sentence,
        value=f"{_percent(found.pools[0].weights[UNIFORM])} on uniform",
        interval=f"{found.behind:.2f} bits lost at worst, of 1",
        grade=house.grade,
        n=found.draws,
        models=house.registered,
        evidence=where,
    )


def _pooled(rows: list[ModelVerdict]) -> Recommendation | None:
    """The pool of all scored models; None when they share too few draws."""
    scored = [row.model_name for row in rows if row.gain]
    try:
        return recommend(models=scored[:MOST_POOLED]) if scored else None
    except Conflict:
        return None


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
