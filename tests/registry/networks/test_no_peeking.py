"""The poison test: whatever happens from draw t on, the forecast of draw t keeps its bits."""

import dataclasses

import numpy as np
import pytest
import torch

from registry.networks import baselines
from registry.networks.features import context, seen_by_last, tables
from registry.networks.forecast import forecast_at, forecast_next
from registry.networks.heads import Drawn
from registry.networks.history import History
from registry.networks.powerball_net import forward, initial, row_length, views
from registry.networks.spec import BASELINES, ENCODERS, FEATURES, NETWORKS, NetSpec, layout
from tests.registry.networks.histories import fair_history, poisoned, two_eras

T = 80
SPEC = NetSpec(encoder="mlp", white=69, bonus=35, window=7, hidden=16, features=FEATURES)


@pytest.mark.parametrize("history", [fair_history(120), two_eras(120)])
@pytest.mark.parametrize("feature", ["frequency", "recency", "calendar"])
def test_a_feature_does_not_see_its_own_draw(feature: str, history: History) -> None:
    spec = dataclasses.replace(SPEC, features=(feature,))
    clean, dirty = context(history, spec), context(poisoned(history, T), spec)
    assert clean is not None
    assert dirty is not None
    assert np.array_equal(clean[: T + 1], dirty[: T + 1])
    assert not np.array_equal(clean[T + 1 :], dirty[T + 1 :])


@pytest.mark.parametrize("encoder", NETWORKS)
def test_a_network_does_not_see_the_draw_it_forecasts(encoder: str) -> None:
    spec = dataclasses.replace(SPEC, encoder=encoder)
    flat = torch.randn(2, row_length(spec)) * 0.1
    said = []
    for history in (two_eras(120), poisoned(two_eras(120), T)):
        inputs = tables([history], spec).inputs(torch.tensor([[T - 1, T], [T, T]]))
        said.append(forward(spec, views(flat, spec), inputs))
    assert torch.equal(*said)


@pytest.mark.parametrize("encoder", BASELINES)
def test_a_baseline_does_not_see_the_draw_it_forecasts(encoder: str) -> None:
    spec = dataclasses.replace(SPEC, encoder=encoder)
    prior = torch.stack([initial(spec, 0)[: dict(layout(spec))["log_prior"][0]]])
    said = []
    for history in (two_eras(120), poisoned(two_eras(120), T)):
        logits = baselines.learner_logits(history, spec)
        gains = baselines.learner_gains(logits, tables([history], spec))
        weights = baselines.learner_weights(prior, gains)
        said.append((logits[: T + 1], weights[..., : T + 1]))
    assert torch.equal(said[0][0], said[1][0])
    assert torch.equal(said[0][1], said[1][1])


@pytest.mark.parametrize("encoder", ENCODERS)
def test_the_next_draw_can_be_forecast_before_it_happens(encoder: str) -> None:
    spec = dataclasses.replace(SPEC, encoder=encoder, bonus=26)
    history = fair_history(90)
    random = np.random.default_rng(0)
    weights = {name: random.normal(0, 0.1, (2, *shape)) for name, shape in layout(spec)}
    day = {"ordinal": int(history.ordinal[-1]) + 3, "era": "2015-10-07"}
    ahead = history.followed_by(**day, white_size=69, bonus_size=26)
    said, drawn = forecast_next(spec, weights, ahead)
    chance = said.inclusion(drawn)
    assert isinstance(drawn, Drawn)
    assert chance[0, :69].sum().item() == pytest.approx(5.0)
    assert chance[0, 69:].sum().item() == pytest.approx(1.0)


@pytest.mark.parametrize("history", [fair_history(400), two_eras(500), fair_history(9)])
@pytest.mark.parametrize("encoder", NETWORKS)
def test_the_next_forecast_has_the_bits_of_the_whole_history(
    encoder: str, history: History
) -> None:
    spec = dataclasses.replace(SPEC, encoder=encoder, bonus=35)
    random = np.random.default_rng(3)
    weights = {k: random.normal(size=(2, *s)).astype("f4") for k, s in layout(spec)}
    whole, _ = forecast_at(spec, weights, history, torch.tensor([len(history) - 1]))
    said, drawn = forecast_next(spec, weights, history)
    assert torch.equal(said.logits, whole.logits)
    assert drawn.balls[0, 0].tolist()[-1] == spec.white + history.bonus[-1] - 1
    assert len(seen_by_last(history, spec)) < len(history) or len(history) < 10
