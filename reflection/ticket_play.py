"""The job that plays tickets, draw by draw; no torch, but a few seconds of work."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np

from reflection.models import Backtest
from reflection.services.kinds import Step, Task
from reflection.services.tickets import drawn_of
from reflection.statistics.prizes import JACKPOT, TABLES, TIERS, PrizeTable
from reflection.statistics.subsets import Floats
from reflection.statistics.tickets import (
    Counts,
    band,
    best_tickets,
    hits_of,
    poisson_binomial,
    random_tickets,
    simulated_counts,
    tier_chance,
    tier_counts,
)
from reflection.walking.packing import unpack_logits
from registry.networks.history import History
from training.models import Dataset

ROUNDS = 1000  # simulated draws for each real one, where several tickets overlap
EVERY = 50  # draws between two looks at what is asked for


def run(task: Task) -> Iterator[Step]:
    """One unit: the whole play."""
    if task.units:
        return
    settings = task.settings
    history = drawn_of(settings)
    logits = _logits(settings)
    random = np.random.default_rng(settings["seed"])
    several = settings["tickets"] > 1
    observed = np.zeros((len(history), len(TIERS)), np.int64)
    fair = np.zeros((ROUNDS, len(TIERS)), np.int64)
    for place in range(len(history)):
        white, bonus = int(history.white_size[place]), int(history.bonus_size[place])
        chosen = (
            random_tickets(white, bonus, settings["tickets"], random)
            if logits is None
            else best_tickets(
                logits[0][place, :white], logits[1][place, :bonus], settings["tickets"]
            )
        )
        sets, balls = (
            np.array([one for one, _ in chosen]),
            np.array([ball for _, ball in chosen]),
        )
        right = hits_of(sets, balls, history.white[place], history.bonus[place])
        observed[place] = tier_counts(*right)
        if several:
            fair += simulated_counts(sets, balls, white, bonus, ROUNDS, random)
        if place % EVERY == 0:
            yield Step(done=place, sentence=f"draw {place + 1:,} of {len(history):,}")
    found = _summary(history, settings, observed, fair if several else None)
    yield Step(unit=json.dumps(found).encode(), done=len(history))


def _logits(settings: Mapping[str, Any]) -> tuple[Floats, Floats] | None:
    """Of every draw, the logits of the white balls and of the bonus balls of the largest drums."""
    if settings["backtest"] is None:
        return None
    columns = Backtest.objects.only("logits", "draws", "calibration")
    backtest = columns.get(pk=settings["backtest"])
    found = unpack_logits(bytes(backtest.logits), backtest.draws).astype(np.float64)
    white = backtest.calibration["white"]
    return found[:, :white], found[:, white:]


def _summary(
    history: History, settings: Mapping[str, Any], observed: Counts, fair: Counts | None
) -> dict[str, Any]:
    """Sums, and every way to win beside its expectation and band."""
    game = Dataset.objects.values_list("game", flat=True).get(name=settings["data_source"])
    tables = [TABLES.get((game, key)) for key in history.era.tolist()]
    jackpot, count = settings["jackpot"] or 0, settings["tickets"]
    sizes = list(zip(history.white_size.tolist(), history.bonus_size.tolist(), strict=True))
    chances = {size: [tier_chance(*size, tier) for tier in TIERS] for size in set(sizes)}
    chance = np.array([chances[size] for size in sizes])  # (draws, tiers)
    paid = np.array([_sums(table, jackpot) for table in tables])  # (draws, tiers)
    priced = np.array([table is not None for table in tables])
    days = [date.fromordinal(int(history.ordinal[place])) for place in (0, -1)]
    return {
        "draws": len(history),
        "priced_draws": int(priced.sum()),
        "first_date": str(days[0]),
        "last_date": str(days[1]),
        "cost": sum(count * table.ticket for table in tables if table),
        "returned": int((observed * paid).sum()),
        "expected_return": float((count * chance * paid).sum()),
        "exact": fair is None,
        "tiers": _tiers(observed, count * chance, paid, fair),
        "sources": sorted({table.source for table in tables if table}),
    }


def _sums(table: PrizeTable | None, jackpot: int) -> list[int]:
    if table is None:
        return [0] * len(TIERS)
    return [jackpot if tier == JACKPOT else table.prizes[tier] for tier in TIERS]


def _tiers(
    observed: Counts, expected: np.ndarray, paid: np.ndarray, fair: Counts | None
) -> list[dict[str, Any]]:
    rows = []
    for place, (hits, bonus) in enumerate(TIERS):
        if fair is None:
            low, high = band(poisson_binomial(expected[:, place]))
        else:
            low, high = (int(end) for end in np.quantile(fair[:, place], (0.025, 0.975)))
        rows.append(
            {
                "hits": hits,
                "bonus": bonus,
                "observed": int(observed[:, place].sum()),
                "expected": float(expected[:, place].sum()),
                "low": low,
                "high": high,
                "returned": int((observed[:, place] * paid[:, place]).sum()),
            }
        )
    return rows
