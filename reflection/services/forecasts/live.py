"""Evidence from registered forecasts alone: grade A, whatever was replayed before.

A draw without a forecast of a model that had enrolled, or with a late or changed one, counts as
uniform: a fair bet, ratio 1. So nobody gains by leaving out the draws that look bad.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Max

from reflection.models import Enrolment, Forecast
from reflection.statistics.evidence import bits_needed, hedged_wealth, house_wealth, wealth
from reflection.statistics.subsets import Floats
from registry.models import RegisteredModel
from training.models import Draw

ALPHA = 0.05
THRESHOLD = 1.0 / ALPHA


@dataclass(frozen=True)
class LiveBet:
    """What a model's registered forecasts of one history have earned. Bits are log2 wealth.

    `draws` came since it enrolled; `missed` of them had no forecast of grade A.
    """

    number: int
    model_name: str
    dataset: str
    deleted: bool
    since: str
    automatic: bool
    draws: int
    missed: int
    mean_gain: float | None
    raw_bits: float
    hedged_bits: float
    needed_bits: float

    @property
    def crossed(self) -> bool:
        """Whether the model is evidence by itself."""
        return self.hedged_bits >= self.needed_bits


@dataclass(frozen=True)
class LiveHouse:
    """The bankroll that bet 1/(j(j+1)) of itself on model j, live; 1 is where it began.

    `registered` counts every number ever given: the shares of models without forecasts, deleted
    and failed ones too, stay where they are.
    """

    bankroll: float
    highest: float
    threshold: float
    registered: int
    enrolled: int
    draws: int
    grade: str
    bets: tuple[LiveBet, ...]

    @property
    def crossed(self) -> bool:
        """Whether the bankroll ever passed its threshold: evidence at 5 %, for any looking."""
        return self.highest >= self.threshold


def live_evidence(*, dataset_name: str, registered: int | None = None) -> LiveHouse:
    """What all registered forecasts of one history have earned. Four queries; one less where the
    highest number that was `registered` is known."""
    enrolments = _enrolments(dataset_name) if dataset_name else []
    if registered is None:
        registered = RegisteredModel.objects.aggregate(last=Max("number"))["last"] or 0
    if not enrolments:
        return LiveHouse(1.0, 1.0, THRESHOLD, registered, 0, 0, "A", ())
    gains, held = _gains(enrolments)
    paths = hedged_wealth(gains) if gains.shape[1] else np.zeros((len(enrolments), 1))
    numbers = [enrolment.model.number for enrolment in enrolments]
    bankroll = house_wealth(numbers, paths)
    bets = tuple(
        _bet(enrolment, row, has, path)
        for enrolment, row, has, path in zip(enrolments, gains, held, paths, strict=True)
    )
    return LiveHouse(
        bankroll=float(bankroll[-1]),
        highest=float(max(1.0, bankroll.max())),
        threshold=THRESHOLD,
        registered=registered,
        enrolled=len(enrolments),
        draws=gains.shape[1],
        grade="A",
        bets=bets,
    )


def live_bets(*, model: RegisteredModel) -> tuple[LiveBet, ...]:
    """The same for one model, one bet per history that it forecasts. Three queries per history."""
    found = []
    for enrolment in Enrolment.objects.filter(model=model).select_related("model", "dataset"):
        gains, held = _gains([enrolment])
        path = hedged_wealth(gains[0]) if gains.shape[1] else np.zeros(1)
        found.append(_bet(enrolment, gains[0], held[0], path))
    return tuple(found)


def in_words(house: LiveHouse) -> str:
    """The live verdict in a sentence or two."""
    if not house.enrolled:
        return "No forecast was registered before its draw yet."
    if not house.draws:
        return "Forecasts are registered; the first of their draws is still to come."
    standing = f"your live bankroll is {house.bankroll:.2f} of 1.00"
    if house.crossed:
        return (
            f"Evidence: {standing}, and it reached {house.highest:,.1f}; a fair drum reaches"
            f" {house.threshold:.0f} with probability 5 % at most."
        )
    plural = "" if house.draws == 1 else "s"
    return (
        f"No. After {house.draws:,} live draw{plural} {standing}."
        " Chance explains everything so far."
    )


def _enrolments(dataset_name: str) -> list[Enrolment]:
    rows = Enrolment.objects.filter(dataset__name=dataset_name)
    return list(rows.select_related("model", "dataset").order_by("model__number"))


def _gains(enrolments: Sequence[Enrolment]) -> tuple[Floats, Floats]:
    """Gains of several models of one history on one clock `(models, draws)`, 0 where there is no
    forecast of grade A; and where there is one. NaN in the latter before a model enrolled.
    """
    dataset, first = enrolments[0].dataset, min(one.since for one in enrolments)
    came = Draw.objects.filter(dataset=dataset, date__gte=first).order_by("date")
    days = list(came.values_list("date", flat=True))
    place = {day: number for number, day in enumerate(days)}
    row = {one.model_id: number for number, one in enumerate(enrolments)}
    gains = np.zeros((len(enrolments), len(days)))
    held = np.zeros_like(gains)
    for line, enrolment in zip(held, enrolments, strict=True):
        line[: sum(day < enrolment.since for day in days)] = np.nan
    scored = Forecast.objects.scored().on_time().filter(dataset=dataset, model__in=row)
    for model, day, gain in scored.values_list("model_id", "draw_date", "gain"):
        where = row[model], place.get(day, -1)
        if where[1] >= 0 and gain is not None and not np.isnan(held[where]):
            gains[where], held[where] = gain, 1.0
    return gains, held


def _bet(enrolment: Enrolment, gains: Floats, held: Floats, path: Floats) -> LiveBet:
    counted = ~np.isnan(held)
    draws = int(counted.sum())
    return LiveBet(
        number=enrolment.model.number,
        model_name=enrolment.model.name,
        dataset=enrolment.dataset.name,
        deleted=enrolment.model.deleted_at is not None,
        since=str(enrolment.since),
        automatic=enrolment.automatic,
        draws=draws,
        missed=draws - int(np.nansum(held)),
        mean_gain=float(gains[counted].mean()) if draws else None,
        raw_bits=float(wealth(gains)[-1]) if draws else 0.0,
        hedged_bits=float(path[-1]),
        needed_bits=bits_needed(enrolment.model.number, ALPHA),
    )
