"""What planted biases do to the evidence: the reference, sections 3.2 and 3.4.

Tolerances are two to three simulation errors of the reference's runs and of these.
"""

import numpy as np
import pytest

from reflection.statistics.evidence import hedged_wealth, tempered_wealth, wealth
from reflection.statistics.scores import white_gain
from tests.reflection.statistics.drums import CHANCE, ball_counts, bits_of, draws

TWENTY = np.log2(20)


def quantiles_of_crossing(paths: np.ndarray) -> tuple[float, float]:
    """Draws until half, and until 80 %, of the histories have passed 20."""
    passed = paths >= TWENTY
    first = np.where(passed.any(axis=1), passed.argmax(axis=1) + 1, np.inf)
    return float(np.quantile(first, 0.5)), float(np.quantile(first, 0.8))


@pytest.mark.parametrize(
    ("change", "half", "most"), [(0.2, 1526, 3054), (0.5, 250, 522), (1.0, 77, 154)]
)
def test_who_knows_the_ball_finds_it(change: float, half: int, most: int) -> None:
    rng = np.random.default_rng(2)
    hit = rng.random((600, 4 * most, 1), dtype=np.float32) < CHANCE * (1 + change)
    found = quantiles_of_crossing(bits_of(change, hit.cumsum(axis=1, dtype=np.int32))[..., 0])
    assert found == pytest.approx((half, most), rel=0.15)


@pytest.mark.parametrize(
    ("change", "histories", "half", "most"), [(0.5, 80, 700, 1146), (1.0, 150, 195, 317)]
)
def test_who_bets_on_all_balls_finds_it_later(
    change: float, histories: int, half: int, most: int
) -> None:
    rng = np.random.default_rng(1)
    counts = ball_counts(rng, histories, 2 * most, CHANCE * (1 + change))
    mixed = np.log2(np.exp2(bits_of(change, counts)).mean(axis=-1))
    assert quantiles_of_crossing(mixed) == pytest.approx((half, most), rel=0.15)


# Final bits of raw, hedged and tempered wealth, and how often raw and hedged passed 20.
TABLE = {
    "right": ((23.3, 20.3, 20.9), (1.00, 1.00)),
    "loud": ((-94.9, 19.6, 20.0), (0.26, 1.00)),
    "noisy": ((-86.9, 3.3, 2.5), (0.15, 0.44)),
    "loud and noisy": ((-193.9, 15.2, 12.3), (0.07, 0.97)),
}


@pytest.mark.parametrize("model", TABLE)
def test_hedges_find_what_raw_wealth_loses_to_over_confidence(model: str) -> None:
    rng, runs = np.random.default_rng(2), 20
    truth = np.zeros(69)
    truth[17] = np.log(1.6)
    bits, crossed = np.zeros((runs, 3)), np.zeros((runs, 2))
    for run in range(runs):
        said = truth * (3.0 if "loud" in model else 1.0)
        said = said + rng.normal(0.0, 0.15, 69) * ("noisy" in model)
        drawn = draws(rng, 1500, truth)
        gains = white_gain(said, drawn)
        raw, hedged = wealth(gains), hedged_wealth(gains)
        bits[run] = raw[-1], hedged[-1], tempered_wealth(said, drawn)[-1]
        crossed[run] = raw.max() >= TWENTY, hedged.max() >= TWENTY
    expected, shares = TABLE[model]
    error = bits.std(axis=0, ddof=1) / np.sqrt(runs)
    assert (np.abs(bits.mean(axis=0) - expected) < 3 * error + 1.0).all()
    assert crossed.mean(axis=0) == pytest.approx(shares, abs=0.25)
