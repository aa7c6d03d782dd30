"""The two reference skeptics, as they are trained and shown, on drums of known kind."""

import datetime as dt
import math

import numpy as np
import pytest
import torch

from reflection.statistics.controls import learning_price
from reflection.statistics.scores import Drum
from registry.networks.baselines import learner_gains, learner_logits, mixture_gains
from registry.networks.features import tables
from registry.networks.spec import SHRINKAGE, NetSpec
from training.draws.games import POWERBALL, latest_draw_dates
from training.draws.history import build_history, eras_of
from training.draws.simulate import Bias, simulate

torch.set_num_threads(1)  # as every worker does; more only get in each other's way

DRAWS, TWENTY = 1436, math.log2(20)


def learners(encoder: str, bias: Bias, seed: int) -> torch.Tensor:
    """Bits of every learner of a skeptic on one simulated history, `(learners, draws)`."""
    matrix = POWERBALL.current_era.matrix
    days = latest_draw_dates(POWERBALL, DRAWS, dt.date(2026, 11, 21))
    ordinal = np.array([day.toordinal() for day in days])
    drawn = simulate([matrix] * DRAWS, seed=seed, bias=bias)
    history = build_history(ordinal, *drawn, eras_of(POWERBALL, days[0], matrix))
    spec = NetSpec(encoder=encoder, white=matrix.white, bonus=matrix.bonus)
    return learner_gains(learner_logits(history, spec), tables([history], spec)) / math.log(2)


def crossings(encoder: str, bias: Bias, histories: int) -> float:
    """Share of histories in which the skeptic's wealth ever passes 20."""
    passed = 0
    for seed in range(histories):
        nats = learners(encoder, bias, seed) * math.log(2)
        prior = torch.full((1, len(nats)), -math.log(len(nats)))
        path = (mixture_gains(prior, nats)[0] / math.log(2)).cumsum(0)
        passed += bool(path.max() >= TWENTY)
    return passed / histories


@pytest.mark.parametrize("encoder", ["counts", "overlap"])
def test_a_skeptic_seldom_accuses_a_fair_drum(encoder: str) -> None:
    assert crossings(encoder, Bias(), 40) <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 40)


@pytest.mark.parametrize(
    ("encoder", "bias", "share"),
    [
        ("counts", Bias(lognormal=0.1), 0.90),
        ("counts", Bias(lognormal=0.2), 1.00),
        ("overlap", Bias(repeat_odds=1.2), 0.85),
        ("overlap", Bias(repeat_odds=1.5), 1.00),
    ],
)
def test_a_skeptic_finds_what_the_reference_says_it_finds(
    encoder: str, bias: Bias, share: float
) -> None:
    assert crossings(encoder, bias, 20) == pytest.approx(share, abs=0.17)


def test_learning_every_count_from_scratch_costs_what_the_formula_says() -> None:
    totals = np.mean([learners("counts", Bias(), seed).sum(1).numpy() for seed in range(25)], 0)
    white = [learning_price(DRAWS, s) for s in SHRINKAGE[:-1]]
    bonus = [learning_price(DRAWS, s, Drum(balls=26, picks=1, bonus=1)) for s in SHRINKAGE[:-1]]
    assert -totals[:-1] == pytest.approx(np.add(white, bonus), rel=0.16, abs=1.5)
    assert totals[-1] == pytest.approx(0.0, abs=1e-9)
