"""How often a fair drum is accused, looking after every draw: the reference, section 3.3.

Each history has the 1,436 draws of an era; the threshold is 20 unless said otherwise.
"""

from collections.abc import Callable

import numpy as np
import pytest

from reflection.statistics.audit import fair_statistics, two_sided
from reflection.statistics.evidence import (
    TEMPERATURES,
    hedged_wealth,
    mixture_wealth,
    wealth,
)
from reflection.statistics.scores import POWERBALL, white_gain
from tests.reflection.statistics.drums import (
    CHANCE,
    ball_counts,
    bits_of,
    drawn_again,
    draws,
    gains_of_noise,
)

TWENTY, LENGTH = np.log2(20), 1436


def one_ball(rng: np.random.Generator) -> np.ndarray:
    return bits_of(0.2, (rng.random((2000, LENGTH, 1)) < CHANCE).cumsum(axis=1))[..., 0]


def noise(rng: np.random.Generator) -> np.ndarray:
    return wealth(drawn_again(rng, gains_of_noise(rng, 1, 0.1, 200_000)[0], 2000, LENGTH))


def hedged(rng: np.random.Generator) -> np.ndarray:
    pool = gains_of_noise(rng, 1, 0.1, 200_000)[0]
    return hedged_wealth(drawn_again(rng, pool, 2000, LENGTH))


def tempered(rng: np.random.Generator) -> np.ndarray:
    theta, drawn = rng.normal(0.0, 0.1, 69), draws(rng, 50_000)
    pool = np.stack([white_gain(a * theta, drawn) for a in TEMPERATURES])
    paths = wealth(drawn_again(rng, pool, 300, LENGTH))
    return mixture_wealth(paths, np.full(len(pool), 1.0 / len(pool)))


def any_ball(rng: np.random.Generator) -> np.ndarray:
    counts = ball_counts(rng, 60, LENGTH)
    return np.log2(np.exp2(bits_of(0.2, counts)).mean(axis=-1))


def any_ball_of_any_size(rng: np.random.Generator) -> np.ndarray:
    counts = ball_counts(rng, 40, LENGTH)
    wealths = [np.exp2(bits_of(d, counts)).mean(axis=-1) for d in (-0.5, -0.2, 0.2, 0.5, 1.0)]
    return np.log2(np.mean(wealths, axis=0))


# Shares that the reference found.
CASES = {
    one_ball: 0.024,
    noise: 0.043,
    hedged: 0.023,
    tempered: 0.037,
    any_ball: 0.0015,
    any_ball_of_any_size: 0.021,
}


@pytest.mark.parametrize(("alternative", "share"), CASES.items())
def test_a_fair_drum_is_seldom_accused(
    alternative: Callable[[np.random.Generator], np.ndarray], share: float
) -> None:
    paths = alternative(np.random.default_rng(2))
    accused = (paths.max(axis=1) >= TWENTY).mean()
    assert accused <= 0.05
    assert accused == pytest.approx(share, abs=0.02)


@pytest.fixture(scope="module")
def twenty() -> np.ndarray:
    """Log2 wealth of twenty noise forecasts in 400 fair histories, `(20, 400, draws)`."""
    rng = np.random.default_rng(6)
    return wealth(drawn_again(rng, gains_of_noise(rng, 20, 0.1, 50_000), 400, LENGTH))


def test_the_average_of_twenty_models_keeps_its_promise(twenty: np.ndarray) -> None:
    average = mixture_wealth(twenty, np.full(20, 0.05))
    assert (average.max(axis=1) >= TWENTY).mean() == pytest.approx(0.041, abs=0.02)


def test_the_best_of_twenty_needs_twenty_times_the_wealth(twenty: np.ndarray) -> None:
    best = twenty.max(axis=(0, 2))
    assert (best >= np.log2(400)).mean() == pytest.approx(0.039, abs=0.02)
    assert (best >= TWENTY).mean() == pytest.approx(0.592, abs=0.05)


def test_what_other_ways_of_looking_would_claim() -> None:
    rng = np.random.default_rng(7)
    best_of_twenty = rng.normal(size=(2000, 20)).max(axis=1) > 1.645
    assert best_of_twenty.mean() == pytest.approx(0.635, abs=0.03)
    seen, draw = (rng.random((2000, 1500)) < CHANCE).cumsum(axis=1), np.arange(1, 1501)
    z = (seen - draw * CHANCE) / np.sqrt(draw * CHANCE * (1 - CHANCE))
    peeked = (np.abs(z[:, 49:]) > 1.96).any(axis=1)
    assert peeked.mean() == pytest.approx(0.374, abs=0.04)
    least = two_sided(fair_statistics(POWERBALL, LENGTH, rounds=400)).min(axis=1)
    assert (least < 0.05).mean() == pytest.approx(0.301, abs=0.05)
