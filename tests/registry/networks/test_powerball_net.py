"""One network, configured: shapes, its classic twin, and rows that do not touch each other."""

import dataclasses
import math

import pytest
import torch
from torch import nn

from registry.networks.features import tables
from registry.networks.forecast import arrays, parameters
from registry.networks.powerball_net import (
    Dropout,
    Inputs,
    forward,
    initial,
    row_length,
    views,
)
from registry.networks.recurrence import recur
from registry.networks.spec import FEATURES, NETWORKS, NetSpec, layout, parameter_count
from tests.registry.networks.histories import fair_history

SPECS = [
    NetSpec(encoder="mlp", white=69, bonus=26),
    NetSpec(
        encoder="mlp", white=69, bonus=26, window=5, hidden=32, layers=3, features=FEATURES
    ),
    NetSpec(
        encoder="gru", white=69, bonus=26, window=5, hidden=24, layers=2, features=FEATURES
    ),
    NetSpec(encoder="gru", white=69, bonus=26, window=5, hidden=24, features=("window",)),
    NetSpec(encoder="transformer", white=69, bonus=26, window=5, layers=2, features=FEATURES),
]
INDEX = torch.arange(20, 36).view(2, 8)


def states(spec: NetSpec, *seeds: int) -> torch.Tensor:
    flat = torch.stack([initial(spec, seed) for seed in seeds])
    views(flat, spec)["head.weight"].normal_(0, 0.1, generator=torch.Generator().manual_seed(1))
    return flat


def test_the_quick_network_has_18847_parameters() -> None:
    assert parameter_count(SPECS[0]) == 18_847


def test_the_gru_of_the_measurements_has_129919_parameters() -> None:
    spec = NetSpec(encoder="gru", white=69, bonus=26, hidden=160, features=("window",))
    assert parameter_count(spec) == 129_919


@pytest.mark.parametrize("spec", SPECS)
def test_every_parameter_has_its_place_in_the_flat_row(spec: NetSpec) -> None:
    flat = torch.arange(row_length(spec), dtype=torch.float32).expand(1, -1)
    seen = torch.cat([part.flatten() for part in views(flat, spec).values()])
    assert torch.equal(seen, flat[0, : parameter_count(spec)])
    assert row_length(spec) % 32 == 0


@pytest.mark.parametrize("spec", SPECS)
def test_an_untrained_network_says_uniform(spec: NetSpec) -> None:
    encoded = tables([fair_history(60)], spec)
    flat = torch.stack([initial(spec, 0), initial(spec, 1)])
    assert forward(spec, views(flat, spec), encoded.inputs(INDEX)).abs().max().item() == 0.0
    assert not torch.equal(flat[0], flat[1])


@pytest.mark.parametrize("spec", SPECS)
def test_a_row_says_what_it_says_alone(spec: NetSpec) -> None:
    encoded, flat = tables([fair_history(60)], spec), states(spec, 5, 6)
    together = forward(spec, views(flat, spec), encoded.inputs(INDEX))
    for k in range(2):
        alone = forward(spec, views(flat[k : k + 1], spec), encoded.inputs(INDEX[k : k + 1]))
        assert torch.equal(together[k : k + 1], alone)


@pytest.mark.parametrize("spec", SPECS)
def test_weights_survive_the_way_to_arrays_and_back(spec: NetSpec) -> None:
    flat = states(spec, 5, 6)
    restored = parameters(spec, arrays(spec, flat))
    assert all(torch.equal(part, restored[name]) for name, part in views(flat, spec).items())


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        parameters(SPECS[1], arrays(SPECS[0], states(SPECS[0], 1)))


def test_the_gru_is_torchs_gru() -> None:
    spec, size = SPECS[3], 24
    p = views(states(spec, 3), spec)
    twin = nn.GRU(64, size, batch_first=True)
    named = {"weight_ih_l0": "input.weight", "weight_hh_l0": "hidden.weight"}
    with torch.no_grad():
        for theirs, ours in named.items():
            getattr(twin, theirs).copy_(p[f"gru.0.{ours}"][0].T)
            bias = theirs.replace("weight", "bias")
            getattr(twin, bias).copy_(p[f"gru.0.{ours.replace('weight', 'bias')}"][0, 0])
        window = tables([fair_history(60)], spec).inputs(INDEX[:1]).window
        assert window is not None
        seen = torch.relu(window[0].transpose(0, 1) @ p["embed.weight"][0] + p["embed.bias"][0])
        expected = twin(seen)[0][:, -1] @ p["head.weight"][0] + p["head.bias"][0]
        assert torch.allclose(forward(spec, p, Inputs(window, None))[0], expected, atol=1e-5)


def test_the_way_back_through_time_is_the_derivative() -> None:
    sizes = [(2, 4, 3, 15), (2, 5, 15), (2, 1, 15)]
    parts = [torch.randn(size, dtype=torch.float64, requires_grad=True) for size in sizes]
    assert torch.autograd.gradcheck(recur, parts)


@pytest.mark.parametrize("encoder", NETWORKS)
def test_dropout_depends_on_seed_and_epoch_only(encoder: str) -> None:
    spec = dataclasses.replace(SPECS[1], encoder=encoder, dropout=0.5)
    encoded, flat = tables([fair_history(60)], spec), states(spec, 5, 6)

    def say(rows: slice, epoch: int) -> torch.Tensor:
        drop = Dropout(0.5, [5, 6][rows], epoch, torch.device("cpu"))
        return forward(spec, views(flat[rows], spec), encoded.inputs(INDEX[rows]), drop)

    both = say(slice(0, 2), 1)
    assert torch.equal(both[1:], say(slice(1, 2), 1))
    assert not torch.equal(both[1:], say(slice(1, 2), 2))


def test_dropout_keeps_the_mean() -> None:
    ones = torch.ones(1, 200, 100)
    dropped = Dropout(0.25, [0], 1, torch.device("cpu"))(ones)
    assert dropped.mean().item() == pytest.approx(1.0, abs=4 * math.sqrt(1 / 3 / 20_000))
    assert dropped.unique().tolist() == pytest.approx([0.0, 4 / 3])


def test_a_layout_names_every_parameter_once() -> None:
    names = [name for name, _ in layout(SPECS[4])]
    assert len(names) == len(set(names))
