"""Tickets against a fair drum: the odds on the prize chart, exact bands, the likeliest sets."""

from itertools import combinations

import numpy as np
import pytest

from reflection.statistics.prizes import JACKPOT, TABLES, TIERS
from reflection.statistics.tickets import (
    band,
    best_tickets,
    hits_of,
    poisson_binomial,
    simulated_counts,
    tier_chance,
    tier_counts,
)
from training.draws.games import POWERBALL


def test_the_odds_are_those_on_the_prize_chart():
    odds = [1 / tier_chance(69, 26, tier) for tier in TIERS]
    chart = [292_201_338, 11_688_053.52, 913_129.18, 36_525.17, 14_494.11]
    assert odds[:5] == pytest.approx(chart, rel=1e-6)
    assert odds[5:] == pytest.approx([579.76, 701.33, 91.98, 38.32], rel=2e-4)
    assert 1 / sum(tier_chance(69, 26, tier) for tier in TIERS) == pytest.approx(
        24.87, abs=0.01
    )
    assert 1 / tier_chance(59, 35, (4, True)) == pytest.approx(648_976, abs=1)  # 2012's chart


def test_the_likeliest_tickets_are_the_likeliest_of_all():
    random = np.random.default_rng(3)
    white, bonus = random.normal(size=9), random.normal(size=3)
    every = sorted(
        (
            (-(white[list(chosen)].sum() + bonus[ball]), tuple(i + 1 for i in chosen), ball + 1)
            for chosen in combinations(range(9), 5)
            for ball in range(3)
        ),
    )
    assert best_tickets(white, bonus, 40) == [(chosen, ball) for _, chosen, ball in every[:40]]


def test_a_model_without_opinions_plays_the_lowest_numbers():
    assert best_tickets(np.zeros(69), np.zeros(26), 1) == [((1, 2, 3, 4, 5), 1)]


def test_hits_are_counted_by_tier():
    drawn, ball = np.array([3, 8, 20, 41, 69]), np.array(7)
    tickets = np.array(
        [[3, 8, 20, 41, 69], [3, 8, 20, 41, 69], [1, 2, 4, 5, 6], [3, 8, 9, 10, 11]]
    )
    right = hits_of(tickets, np.array([7, 8, 7, 1]), drawn, ball)
    assert right[0].tolist() == [5, 5, 0, 2]
    counts = dict(zip(TIERS, tier_counts(*right).tolist(), strict=True))
    assert {tier for tier, count in counts.items() if count} == {JACKPOT, (5, False), (0, True)}


def test_the_band_is_exact():
    law = poisson_binomial(np.full(10, 0.3))
    binomial = [0.0282475, 0.1210608, 0.2334744, 0.2668279]
    assert law[:4] == pytest.approx(binomial, abs=1e-7)
    assert band(law) == (0, 6)  # P(0) = .028, P(7 or more) = .0106
    mixed = poisson_binomial(np.array([0.2, 0.5, 0.9]))
    assert mixed == pytest.approx([0.04, 0.41, 0.46, 0.09])


def test_simulated_draws_hit_as_often_as_the_odds_say():
    random = np.random.default_rng(1)
    tickets, bonus = np.array([[1, 2, 3, 4, 5], [10, 20, 30, 40, 50]]), np.array([1, 2])
    counts = simulated_counts(tickets, bonus, 69, 26, 40_000, random).sum(0)
    expected = 80_000 * tier_chance(69, 26, (0, True))
    assert counts[-1] == pytest.approx(expected, abs=4 * expected**0.5)


def test_every_table_belongs_to_an_era_and_pays_every_tier():
    eras = {era.key for era in POWERBALL.eras}
    for (game, era), table in TABLES.items():
        assert (game, era in eras) == ("powerball", True)
        assert set(table.prizes) == set(TIERS) - {JACKPOT}
        assert table.source
