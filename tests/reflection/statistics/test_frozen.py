"""A forecast as a text: its score, its floor, and that nothing is lost."""

import json
from math import comb, log2

import numpy as np
import pytest

from reflection.statistics.frozen import FLOOR, freeze, thaw
from reflection.statistics.scores import with_floor

DRAW = [4, 12, 30, 51, 69], 7


def frozen(parts: int = 1, sd: float = 0.3, seed: int = 0):
    rng = np.random.default_rng(seed)
    shares = np.arange(1.0, parts + 1)
    text = freeze(
        about={"draw": {"date": "2026-11-25"}},
        picks=5,
        weights=shares / shares.sum(),
        white=rng.normal(0, sd, (parts, 69)),
        bonus=rng.normal(0, sd, (parts, 26)),
    )
    return text, thaw(text)


def test_uniform_gains_nothing():
    text = freeze(about={}, picks=5, weights=[1.0], white=np.zeros((1, 69)), bonus=np.zeros(26))
    assert thaw(text).gain(*DRAW) == pytest.approx(0.0, abs=1e-12)
    assert len(text) < 1000


def test_one_ball_with_odds_of_1_2_scores_the_golden_bits():
    white = np.zeros((1, 69))
    white[0, 3] = np.log(1.2)
    said = thaw(freeze(about={}, picks=5, weights=[1], white=white, bonus=np.zeros(26)))
    assert said.gain(*DRAW) == pytest.approx(float(with_floor(0.242276)), abs=1e-5)
    missed = said.gain([5, 12, 30, 51, 69], 7)
    assert missed == pytest.approx(float(with_floor(-0.0207586)), abs=1e-5)


def test_the_score_is_that_of_the_mixture_by_brute_force():
    text, said = frozen(parts=3)
    total = 0.0
    for part in json.loads(text)["parts"]:
        w, b = np.exp(part["white"]), np.exp(part["bonus"])
        e = np.zeros(6)
        e[0] = 1.0
        for x in w:
            e[1:] = e[1:] + e[:-1] * x
        p = np.prod(w[np.array(DRAW[0]) - 1]) / e[5] * b[DRAW[1] - 1] / b.sum()
        total += part["weight"] * p
    ratio = (1 - FLOOR) * total * comb(69, 5) * 26 + FLOOR
    assert said.gain(*DRAW) == pytest.approx(log2(ratio), abs=1e-7)


def test_no_draw_costs_more_than_seven_bits():
    _, said = frozen(sd=8.0)
    worst = np.argsort(said.white[0])[:5] + 1
    cost = said.gain(worst.tolist(), int(said.bonus[0].argmin()) + 1)
    assert -7.0 <= cost < -6.9
    least, most = said.range
    assert least == pytest.approx(cost)
    assert most < 28.2


def test_chances_sum_to_the_balls_drawn_and_none_is_impossible():
    _, said = frozen(parts=2, sd=8.0)
    assert said.white_chances.sum() == pytest.approx(5)
    assert said.bonus_chances.sum() == pytest.approx(1)
    assert said.white_chances.min() > FLOOR * 5 / 69 * 0.99


def test_on_a_fair_drum_the_ratio_is_one_on_average():
    """The floor and the rounding keep it a fair bet: exactly, over all sets of a small drum."""
    rng = np.random.default_rng(1)
    text = freeze(
        about={}, picks=2, weights=[0.5, 0.5], white=rng.normal(size=(2, 6)),
        bonus=rng.normal(size=(2, 3)),
    )  # fmt: skip
    said = thaw(text)
    sets = [[a, b] for a in range(1, 7) for b in range(a + 1, 7)]
    ratios = [2 ** said.gain(one, ball) for one in sets for ball in (1, 2, 3)]
    assert np.mean(ratios) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format":2}', '{"format":1,"parts":[{}]}'])
def test_another_text_is_no_forecast(text):
    with pytest.raises(ValueError, match="forecast|Expecting"):
        thaw(text)
