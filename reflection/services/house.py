"""Evidence for the house: does any model ever registered beat a fair drum?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np
from django.db.models import Count, Max, Q

from reflection.services.scored import ScoredDraws, test_draws
from reflection.services.stored_replays import Replay, Replays, stored_replays
from reflection.statistics.evidence import (
    accepted_by_e_bh,
    bits_needed,
    hedged_wealth,
    house_wealth,
    wealth,
)
from reflection.statistics.subsets import Floats
from reflection.statistics.verdicts import signed
from registry.models import ModelArtifact, RegisteredModel
from registry.networks.spec import ENCODERS

ALPHA = 0.05
THRESHOLD = 1.0 / ALPHA


@dataclass(frozen=True)
class Bet:
    """What a model's stake has become. Bits are log2 wealth over the draws that speak for it: those
    of `backtest` where its history was replayed, else the test draws of its newest version.

    `hedged_bits` is divided by the `openings` of the model's luck (bits subtracted): versions
    scored and ways to replay them, so that trying until one is lucky gains nothing.
    """

    number: int
    model_name: str
    deleted: bool
    draws: int
    openings: int
    raw_bits: float
    hedged_bits: float
    needed_bits: float
    accepted: bool
    backtest: int | None = None

    @property
    def crossed(self) -> bool:
        """Whether the model is evidence by itself."""
        return self.hedged_bits >= self.needed_bits


@dataclass(frozen=True)
class House:
    """The bankroll that bet 1/(j(j+1)) of itself on model j; 1 is where it began.

    `registered` counts every number ever given, also of deleted and failed models.
    """

    bankroll: float
    highest: float
    threshold: float
    registered: int
    scored: int
    draws: int
    grade: str
    bets: tuple[Bet, ...]

    @property
    def winners(self) -> list[str]:
        """The models whose own wealth passed the threshold, or the one that came nearest."""
        best = max((bet.hedged_bits for bet in self.bets), default=0.0)
        least = min(best, log2(self.threshold))
        return [bet.model_name for bet in self.bets if bet.hedged_bits >= least]

    @property
    def crossed(self) -> bool:
        """Whether the bankroll ever passed its threshold: evidence at 5 %, for any looking."""
        return self.highest >= self.threshold


@dataclass(frozen=True)
class Registered:
    """A model that was ever registered, and the version whose score counts for it."""

    pk: int
    number: int
    name: str
    deleted: bool
    openings: int
    last_scored: int | None


def evidence(*, dataset_name: str) -> House:
    """Evidence of all models from their stored backtests and test draws of one dataset. Four
    queries.

    Each history has its own drum, so evidence about one says nothing about another; the
    numbers of the models, and with them their shares, are common to all.
    """
    return evidence_of(
        models=registered_models(dataset_name), replays=stored_replays(datasets=[dataset_name])
    )


def evidence_of(
    *,
    models: Mapping[int, Registered],
    replays: Replays,
    versions: Mapping[int, ModelArtifact] | None = None,
) -> House:
    """The same of what was read: `versions` by their keys, where they are known already."""
    # A replay of grade C is never evidence: its settings may have been chosen by its draws.
    chosen = {model: one for (model, _), one in replays.chosen.items() if one.grade == "B"}
    tried = {model: count for (model, _), count in replays.series.items()}
    rows = _rows(models, chosen, versions or {})
    registered = max(models, default=0)
    if not rows:
        return House(1.0, 1.0, THRESHOLD, registered, 0, 0, "C", ())
    numbers = sorted(rows)
    betting = [models[number] for number in numbers]
    gains = on_one_clock([rows[number] for number in numbers])
    openings = np.array([model.openings + tried.get(model.pk, 0) for model in betting])
    # The stake is split evenly over the versions that were scored; those not shown stay at 1.
    shares = hedged_wealth(gains) - np.log2(openings)[:, None]
    bankroll = house_wealth(numbers, np.log2(np.exp2(shares) + (1 - 1 / openings)[:, None]))
    accepted = accepted_by_e_bh(np.exp2(shares[:, -1]), ALPHA)
    raw = wealth(gains)[:, -1]
    bets = tuple(
        Bet(
            number=model.number,
            model_name=model.name,
            deleted=model.deleted,
            draws=rows[model.number].gains.size,
            openings=int(openings[place]),
            raw_bits=float(raw[place]),
            hedged_bits=float(shares[place, -1]),
            needed_bits=bits_needed(model.number, ALPHA),
            accepted=bool(accepted[place]),
            backtest=chosen[model.pk].number if model.pk in chosen else None,
        )
        for place, model in enumerate(betting)
    )
    return House(
        bankroll=float(bankroll[-1]),
        highest=float(max(1.0, bankroll.max())),
        threshold=THRESHOLD,
        registered=registered,
        scored=len(numbers),
        draws=gains.shape[1],
        grade="B" if all(bet.backtest or bet.openings == 1 for bet in bets) else "C",
        bets=bets,
    )


def on_one_clock(rows: Sequence[ScoredDraws]) -> Floats:
    """Gains of several models by date, `(models, dates)`; 0, a fair bet, where one has no draw."""
    dates = sorted({day for row in rows for day in row.dates})
    place = {day: number for number, day in enumerate(dates)}
    gains = np.zeros((len(rows), len(dates)))
    for line, row in zip(gains, rows, strict=True):
        line[[place[day] for day in row.dates]] = row.gains
    return gains


def registered_models(dataset_name: str) -> dict[int, Registered]:
    """Every model by its number, with its versions scored on a dataset. One query."""
    return by_number(RegisteredModel.objects.annotate(**scored_on(dataset_name)))


def by_number(models: Iterable[RegisteredModel]) -> dict[int, Registered]:
    """Models that were read with `scored_on`, deleted ones too."""
    return {model.number: _as_registered(model) for model in models}


def _as_registered(model: Any) -> Registered:
    return Registered(
        pk=model.pk,
        number=model.number,
        name=model.name,
        deleted=model.deleted_at is not None,
        openings=model.scored_here,
        last_scored=model.last_scored,
    )


def scored_on(dataset_name: str) -> dict[str, Any]:
    """How many versions of a model were scored on a dataset, and the newest of them, as SQL."""
    # An ensemble was put together when its members had been scored on these very draws: its
    # replay is theirs again, and it bets with its registered forecasts alone.
    scored = Q(
        versions__test_gain__isnull=False,
        versions__dataset_name=dataset_name,
        versions__encoder__in=ENCODERS,
    )
    return {
        "scored_here": Count("versions", filter=scored),
        "last_scored": Max("versions__pk", filter=scored),
    }


def _last_scored(
    models: Iterable[Registered], known: Mapping[int, ModelArtifact]
) -> dict[int, ModelArtifact]:
    """The newest scored version of each model by the model's key, deleted ones alike.

    One query, for those that are not known; most are the newest of their model.
    """
    wanted = {model.last_scored for model in models if model.last_scored}
    found = [known[pk] for pk in wanted if pk in known]
    if len(found) < len(wanted):
        rest = ModelArtifact.objects.filter(pk__in=wanted - known.keys())
        found += rest.only("model_id", "evaluation")
    return {artifact.model_id: artifact for artifact in found}


def _rows(
    models: Mapping[int, Registered],
    chosen: Mapping[int, Replay],
    known: Mapping[int, ModelArtifact],
) -> dict[int, ScoredDraws]:
    """The draws that speak for a model, by its number: its replay's, else its newest test draws."""
    silent = [model for model in models.values() if model.pk not in chosen]
    versions = _last_scored(silent, known)
    found = {
        number: chosen[model.pk].draws if model.pk in chosen else _draws(versions.get(model.pk))
        for number, model in models.items()
    }
    return {number: draws for number, draws in found.items() if draws is not None}


def _draws(artifact: ModelArtifact | None) -> ScoredDraws | None:
    draws = test_draws(artifact) if artifact is not None else None
    if draws is None or len(draws.dates) != draws.gains.size:
        return None
    return draws


def in_words(house: House, *, cleared: bool) -> str:
    """The verdict of the house in one or two sentences; `cleared` as `clearance` says."""
    if not house.scored:
        return "Not measured: no model has been scored on held-out draws."
    standing = f"your bankroll is {house.bankroll:.2f} of 1.00"
    if house.crossed and not cleared:
        return (
            f"Suspect a leak: {standing}, and it reached {house.highest:,.1f}, which no lottery has"
            " let anybody do. Run the poison test and 19 placebos of the models that won before"
            " calling it evidence."
        )
    if house.crossed:
        return (
            f"Evidence: {standing}, and it reached {house.highest:,.1f}; a fair drum reaches"
            f" {house.threshold:.0f} with probability 5 % at most, and no control speaks for a leak."
        )
    return (
        f"No. After {house.draws:,} held-out draws {standing}."
        " Chance explains everything so far."
    )


def odds_in_words(bet: Bet) -> str:
    """How a model's wealth reads: as a p-value, or as a loss."""
    own = bet.hedged_bits + log2(bet.openings)
    if abs(own) < 0.05:  # of 0.0 bits nobody is better or worse
        return "no better and no worse than guessing"
    if own < 0.0:
        return f"worse than guessing by {-own:.1f} bits"
    share = min(1.0, 2.0**-bet.hedged_bits)
    percent = f"{share:.0%}".replace("%", " %") if share >= 0.01 else f"1 in {1 / share:,.0f}"
    tries = f" in {bet.openings} tries" if bet.openings > 1 else ""
    return (
        f"{signed(own, 1)} bits; a guesser gets this or more{tries} in up to {percent} of cases"
    )
