"""What is kept of the test draws beside their gains."""

import numpy as np
import pytest

from tests.registry.networks.histories import two_eras
from tests.training.engine.conftest import small, train

ERAS = ("2012-01-18", "2015-10-07")


@pytest.mark.parametrize("encoder", ["mlp", "counts"])
def test_the_kept_sums_are_those_of_the_scored_draws(encoder: str) -> None:
    _, outcome, _ = train(small(encoder=encoder))
    kept = outcome.test_calibration
    itself, chance = (kept["scales"].index(b) for b in (1.0, 0.0))
    scored = sum(block["gains"][itself] for block in kept["blocks"])
    # A network is itself at scale 1; a mixture of learners is taken as the set distribution like it.
    exact = 1e-9 if encoder == "mlp" else 0.02
    assert scored == pytest.approx(outcome.test_gains.sum(), abs=exact)
    assert [block["gains"][chance] for block in kept["blocks"]] == pytest.approx([0.0])
    assert [block["draws"] for block in kept["blocks"]] == [len(outcome.test_gains)]
    assert sum(kept["observed"]) == 6 * len(outcome.test_gains)
    assert sum(kept["expected"]) == pytest.approx(6 * len(outcome.test_gains), abs=1e-3)


def test_balls_that_a_matrix_does_not_have_are_neither_drawn_nor_expected() -> None:
    _, outcome, _ = train(small(eras=ERAS, test_fraction=0.5, val_fraction=0.1), two_eras(200))
    kept = outcome.test_calibration
    early = train(small(eras=ERAS[:1]), two_eras(200))[1].test_calibration
    assert kept["observed"][59] + kept["observed"][65] > 0
    assert len(early["expected"]) == 59 + 35
    assert np.isfinite([block["means"] for block in kept["blocks"]]).all()
    assert all(variance >= 0.0 for variance in kept["variance"])
