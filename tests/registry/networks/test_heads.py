"""The head is an exact probability: golden vectors of statistics.md 1.5 and laws."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.networks import heads
from registry.networks.heads import Drawn

WEIGHTS = torch.arange(1.0, 7.0, dtype=torch.float64)  # 3 of 6


def raw(th: torch.Tensor) -> torch.Tensor:
    """Logits that the soft clamp turns into `th`."""
    return heads.LIMIT * torch.atanh(th / heads.LIMIT)


def drawn_of(white: list[list[int]], *, n: int, bonus: int = 1, m: int = 1) -> Drawn:
    balls = torch.tensor([[*row, n + bonus - 1] for row in white])
    picks = len(white[0])
    return Drawn(balls, None, float(math.comb(n, picks)), float(m), n, picks)


def hot(drawn: Drawn, size: int) -> torch.Tensor:
    """Zeros, and ones where a ball was drawn."""
    zeros = torch.zeros(len(drawn.balls), size, dtype=torch.float64)
    return zeros.scatter_(-1, drawn.balls, 1.0)


def logits_of(th: torch.Tensor, rows: int, m: int = 1) -> torch.Tensor:
    one = torch.cat((raw(th), torch.zeros(m, dtype=torch.float64)))
    return one.expand(rows, -1)


def test_the_golden_three_of_six() -> None:
    drawn = drawn_of([[3, 4, 5], [0, 1, 2]], n=6)
    gains = heads.gain(logits_of(WEIGHTS.log(), 2), drawn) / heads.NATS_PER_BIT
    assert gains[0].item() == pytest.approx(1.707218250772154, abs=1e-12)
    assert 2 ** gains[0].item() / 20 == pytest.approx(0.163265306122449, abs=1e-14)
    assert 2 ** gains[1].item() / 20 == pytest.approx(0.00816326530612245, abs=1e-14)


def test_the_golden_polynomial_and_inclusion() -> None:
    whole, _ = heads.elementary(WEIGHTS.expand(1, -1), 3)
    assert whole.item() == 735.0
    chance = heads.inclusion(logits_of(WEIGHTS.log(), 1), drawn_of([[0, 1, 2]], n=6))[0, :6]
    golden = [0.210884, 0.372789, 0.493878, 0.582313, 0.646259, 0.693878]
    assert chance.tolist() == pytest.approx(golden, abs=5e-7)
    assert chance.sum().item() == pytest.approx(3.0, abs=1e-12)


def test_one_ball_with_odds_of_one_point_two() -> None:
    th = torch.zeros(69, dtype=torch.float64)
    th[0] = math.log(1.2)
    drawn = drawn_of([[0, 1, 2, 3, 4], [1, 2, 3, 4, 5]], n=69)
    gains = heads.gain(logits_of(th, 2), drawn) / heads.NATS_PER_BIT
    chance = heads.inclusion(logits_of(th, 2), drawn)[0, 0]
    assert gains.tolist() == pytest.approx([0.242276, -0.0207586], abs=5e-7)
    assert chance.item() == pytest.approx(6 / 70, abs=1e-12)


@pytest.mark.parametrize(
    ("n", "m", "bits"),
    [
        (45, 45, 25.712381),
        (49, 42, 26.255103),
        (53, 42, 26.844778),
        (55, 42, 27.122460),
        (59, 39, 27.540740),
        (59, 35, 27.384621),
        (69, 26, 28.122388),
        (70, 24, 28.113826),
    ],
)
@pytest.mark.parametrize("level", [0.0, 0.3, -7.25])
def test_uniform_logits_gain_exactly_nothing(n: int, m: int, bits: float, level: float) -> None:
    drawn = drawn_of([[0, 1, 2, 3, n - 1]], n=n, bonus=m, m=m)
    assert heads.gain(torch.full((1, n + m), level), drawn).item() == 0.0
    assert math.log2(drawn.sets * drawn.bonuses) == pytest.approx(bits, abs=5e-7)


@given(st.lists(st.floats(-30, 30), min_size=9, max_size=9))
@settings(max_examples=30, deadline=None)
def test_the_probabilities_of_all_sets_sum_to_one(values: list[float]) -> None:
    sets = [list(balls) for balls in itertools.combinations(range(9), 4)]
    logits = torch.tensor([*values, 0.0], dtype=torch.float64).expand(len(sets), -1)
    nats = heads.gain(logits, drawn_of(sets, n=9)) - math.log(math.comb(9, 4))
    assert nats.exp().sum().item() == pytest.approx(1.0, abs=1e-12)


def test_inclusion_is_what_counting_all_sets_gives() -> None:
    th = torch.linspace(-2, 2, 8, dtype=torch.float64)
    sets = [list(balls) for balls in itertools.combinations(range(8), 5)]
    drawn = drawn_of(sets, n=8)
    chance = (heads.gain(logits_of(th, len(sets)), drawn) - math.log(len(sets))).exp()
    brute = (chance.unsqueeze(-1) * hot(drawn, 9)[:, :8]).sum(0)
    exact = heads.inclusion(logits_of(th, len(sets)), drawn)[0, :8]
    assert np.abs((brute - exact).numpy()).max() < 1e-14


def test_the_gradient_by_hand_is_the_derivative() -> None:
    logits = torch.randn(3, 12, dtype=torch.float64, requires_grad=True)
    drawn = drawn_of([[0, 1, 2], [3, 5, 7], [6, 7, 8]], n=9, bonus=2, m=3)
    assert torch.autograd.gradcheck(lambda x: heads.DrawGain.apply(x, drawn), logits)


def test_the_cross_entropy_of_uniform_logits_is_the_originals() -> None:
    drawn = drawn_of([[0, 1, 2, 3, 4]], n=69, m=26)
    nats, _ = heads.cross_entropy_and_gradient(torch.zeros(1, 95), drawn)
    assert nats.item() == pytest.approx(math.log(69) + math.log(26), abs=1e-12)
    assert nats.item() == pytest.approx(7.4922, abs=5e-5)


def test_the_gradient_of_the_cross_entropy_is_its_derivative() -> None:
    logits = torch.randn(2, 12, dtype=torch.float64, requires_grad=True)
    drawn = drawn_of([[0, 1, 2], [3, 5, 7]], n=9, bonus=2, m=3)
    _, slope = heads.cross_entropy_and_gradient(logits.detach(), drawn)
    white = torch.log_softmax(logits[:, :9], -1)
    bonus = torch.log_softmax(logits[:, 9:], -1)
    target = hot(drawn, 12) / torch.tensor([3.0] * 9 + [1.0] * 3)
    (-(target * torch.cat((white, bonus), -1)).sum()).backward()
    assert torch.allclose(logits.grad, slope, atol=1e-14)


def test_balls_a_matrix_lacks_change_nothing() -> None:
    """5 of 69 + 1 of 26 inside the larger 5 of 70 + 1 of 30 scores like 5 of 69 + 1 of 26 alone."""
    logits = torch.randn(1, 95, dtype=torch.float64)
    alone = drawn_of([[1, 20, 33, 50, 68]], n=69, bonus=9, m=26)
    wide = torch.full((1, 100), 50.0, dtype=torch.float64)
    wide[:, :69], wide[:, 70:96] = logits[:, :69], logits[:, 69:]
    inside = drawn_of([[1, 20, 33, 50, 68]], n=70, bonus=9, m=30)
    exists = torch.ones(1, 100, dtype=torch.bool)
    exists[:, 69] = exists[:, 96:] = False
    sets, bonuses = torch.tensor([alone.sets]), torch.tensor([26.0])
    masked = inside._replace(exists=exists, sets=sets.double(), bonuses=bonuses.double())
    nats, slope = heads.gain_and_gradient(wide, masked)
    assert nats.item() == pytest.approx(heads.gain(logits, alone).item(), abs=1e-12)
    assert slope[:, 69].item() == 0.0
    assert slope[:, 96:].abs().max().item() == 0.0


@pytest.mark.parametrize("size", [1e3, 1e30])
def test_extreme_logits_stay_finite(size: float) -> None:
    logits = torch.zeros(1, 95)
    logits[0, :5] = -size
    nats, slope = heads.gain_and_gradient(logits, drawn_of([[0, 1, 2, 3, 4]], n=69, m=26))
    assert torch.isfinite(nats).all()
    assert torch.isfinite(slope).all()
