"""The reference skeptics, against what statistics.md 3.4 says they are."""

import math

import numpy as np
import pytest
import torch

from registry.networks import baselines
from registry.networks.features import tables
from registry.networks.heads import NATS_PER_BIT
from registry.networks.history import History
from registry.networks.spec import COMPONENTS, SHRINKAGE, NetSpec
from tests.registry.networks.histories import fair_history, two_eras


def bits(history: History, encoder: str) -> np.ndarray:
    """Bits above chance at each draw, from even prior weights."""
    spec = NetSpec(
        encoder=encoder,
        white=int(history.white_size.max()),
        bonus=int(history.bonus_size.max()),
    )
    gains = baselines.learner_gains(
        baselines.learner_logits(history, spec), tables([history], spec)
    )
    even = torch.zeros(1, COMPONENTS[encoder])
    return baselines.mixture_gains(even, gains)[0].numpy() / NATS_PER_BIT


@pytest.mark.parametrize("history", [fair_history(50), two_eras(60)])
def test_uniform_gains_exactly_nothing(history: History) -> None:
    assert (bits(history, "uniform") == 0.0).all()


@pytest.mark.parametrize("seed", range(5))
def test_counts_never_fall_further_behind_than_their_prior(seed: int) -> None:
    """The fair drum is one of five learners: at most log2(5) = 2.32 bits, whatever is drawn."""
    wealth = bits(fair_history(600, seed=seed), "counts").cumsum()
    assert wealth.min() >= -math.log2(len(SHRINKAGE))


def test_counts_find_a_loaded_drum() -> None:
    history = fair_history(400)
    low = np.sort(np.random.default_rng(1).random((400, 40)).argsort(1)[:, :5], 1) + 1
    loaded = History(**{**vars(history), "white": low})
    assert bits(loaded, "counts").cumsum()[-1] > 100


def test_counts_are_the_weights_of_the_book() -> None:
    """c_i + s k / n by a plain loop, up to a common factor."""
    history, spec = fair_history(30), NetSpec(encoder="counts", white=69, bonus=26)
    seen = np.zeros(69)
    for white in history.white[:20]:
        seen[white - 1] += 1
    logits = baselines.learner_logits(history, spec)[20, 1, :69]  # s = 300
    th = 12 * torch.tanh(logits / 12)
    expected = np.log(seen + 300 * 5 / 69)
    assert np.ptp(th.numpy() - expected) < 1e-12


def test_counts_start_afresh_with_a_new_matrix() -> None:
    history = two_eras(60)
    spec = NetSpec(encoder="counts", white=69, bonus=35)
    assert baselines.learner_logits(history, spec)[30].abs().max().item() == 0.0


def test_overlap_finds_a_drum_that_repeats() -> None:
    history = fair_history(300)
    white = history.white.copy()
    for t in range(1, len(white), 2):  # every other draw keeps two balls of the one before
        fresh = [ball for ball in white[t] if ball not in white[t - 1]][:3]
        kept = [ball for ball in white[t - 1] if ball not in fresh][: 5 - len(fresh)]
        white[t] = sorted([*kept, *fresh])
    assert bits(History(**{**vars(history), "white": white}), "overlap").cumsum()[-1] > 20


def test_overlap_speaks_of_the_previous_draw_only() -> None:
    history, spec = fair_history(30), NetSpec(encoder="overlap", white=69, bonus=26)
    logits = baselines.learner_logits(history, spec)
    touched = torch.nonzero(logits[10, 5]).flatten() + 1
    assert touched.tolist() == history.white[9].tolist()
    assert logits[0].abs().max().item() == 0.0
