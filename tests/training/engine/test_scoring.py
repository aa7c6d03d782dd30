"""What is kept of the test draws beside their gains."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.registry.networks.histories import two_eras
from tests.training.engine.conftest import begin, small, train
from training.engine.fit import finish, fit
from training.engine.scoring import caught

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


@given(st.lists(st.integers(0, 4), min_size=12, max_size=12), st.permutations(range(12)))
def test_hits_are_those_of_the_likeliest_of_equal_ones_the_lowest(likely, order) -> None:
    chance, balls = torch.tensor([likely], dtype=torch.float64), torch.tensor([order[:5]])
    best = sorted(range(12), key=lambda ball: (-likely[ball], ball))[:5]
    assert caught(chance, balls).tolist() == [len(set(best) & set(order[:5]))]


@pytest.mark.parametrize("encoder", ["mlp", "counts"])
def test_the_hits_of_an_epoch_are_counted_as_those_of_a_version(encoder: str) -> None:
    """The state right after its best epoch, scored by `finish`, says the same of the same draws."""
    config = small(encoder=encoder, epochs=1)
    data, state = begin(config)
    (report,) = fit(config, data, state)
    held_out = replace(data, split=replace(data.split, test=data.split.val))
    assert report.hits == finish(config, held_out, state).test_hits.mean()
    assert report.rows[0].hits == report.hits


def test_the_chance_of_hits_is_that_of_each_draw_s_own_matrix() -> None:
    data, _ = begin(small(eras=ERAS, test_fraction=0.4, val_fraction=0.4), two_eras(200))
    said = data.split.as_dict()
    assert said["train"]["chance_hits"] == pytest.approx(25 / 59)
    assert said["test"]["chance_hits"] == pytest.approx(25 / 69)
    assert 25 / 69 < said["val"]["chance_hits"] < 25 / 59


def test_an_epoch_says_what_the_process_holds() -> None:
    reports, _, _ = train(small(epochs=1))
    assert 20e6 < reports[0].memory_bytes < 100e9
