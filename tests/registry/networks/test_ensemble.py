"""Several models that speak as one: their weights, their bound, and no look ahead."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
import torch

from reflection.statistics.ensembles import bayes_mixture
from registry.networks.ensemble import PRIOR, EnsembleSpec, Member, read_spec, tensors_of
from registry.networks.forecast import forecast_at
from registry.networks.history import History
from registry.networks.pooling import ensemble_forecast, forecast_coming
from registry.networks.spec import NetSpec, layout

FIRST = dt.date(2025, 1, 1)
MLP = NetSpec(encoder="mlp", white=69, bonus=26, window=3, hidden=8)
GRU = NetSpec(encoder="gru", white=69, bonus=26, window=5, hidden=8, features=("window",))
COUNTS = NetSpec(encoder="counts", white=69, bonus=26)
SINCE = 30  # draws before the mixture begins to weigh


def history(draws: int = 60, seed: int = 1) -> History:
    random = np.random.default_rng(seed)
    balls = np.array([random.choice(69, 5, replace=False) + 1 for _ in range(draws)])
    days = FIRST.toordinal() + 3 * np.arange(draws)
    return History(
        np.sort(balls), random.integers(1, 27, draws), days, np.full(draws, 69),
        np.full(draws, 26), np.full(draws, "2015-10-07"),
    )  # fmt: skip


def ensemble(
    pool: str = "mixture", specs=((MLP, 1), (GRU, 2), (COUNTS, 1)), scale: float = 1.0
):
    """An ensemble of random models, and their weights."""
    random = np.random.default_rng(0)
    members = tuple(Member(f"m{i} v1", "ab" * 32, k, net) for i, (net, k) in enumerate(specs))
    spec = EnsembleSpec(pool, FIRST + dt.timedelta(days=3 * SINCE), members)
    weights = {
        name: (scale * random.normal(size=(1, *shape))).astype(np.float32)
        for name, shape in tensors_of(spec)
    }
    half = np.full(len(specs), 0.5 / len(specs))
    weights[PRIOR] = np.log(np.append(half, 0.5))[None].astype(np.float32)
    return spec, weights


def gains_of_members(spec, weights, past, index) -> np.ndarray:
    rows = []
    for place, member in enumerate(spec.members):
        own = {
            name: weights[f"members.{place}.{name}"][0] for name, _ in layout(member.network)
        }
        said, drawn = forecast_at(member.network, own, past, index)
        rows.append(said.gains(drawn).numpy())
    return np.array(rows)


def test_its_specification_survives_json():
    spec, _ = ensemble()
    assert read_spec(spec.as_dict()) == spec
    assert spec.window == 20  # of the counts, who look back furthest
    assert read_spec(MLP.as_dict()) == MLP


def test_a_mixture_is_the_bayes_mixture_of_its_members():
    spec, weights = ensemble()
    past = history()
    said, drawn = ensemble_forecast(spec, weights, past)
    index = torch.arange(SINCE, 60)
    wanted = bayes_mixture(gains_of_members(spec, weights, past, index))
    assert said.gains(drawn).numpy() == pytest.approx(wanted.gains, abs=1e-6)
    inclusion = said.inclusion(drawn)
    assert inclusion[:, :69].sum(1).numpy() == pytest.approx(5.0)
    assert inclusion[:, 69:].sum(1).numpy() == pytest.approx(1.0)


def test_a_mixture_never_falls_more_than_a_bit_behind_chance():
    spec, weights = ensemble(scale=20.0)
    said, drawn = ensemble_forecast(spec, weights, history(200))
    worst = said.gains(drawn).numpy().cumsum().min()
    assert -1.0 - 1e-6 <= worst < -0.9  # these members are wild: the bound is all that holds


@pytest.mark.parametrize("pool", ["mixture", "linear", "log-linear"])
def test_what_comes_changes_nothing_that_was_said(pool):
    """The poison test: other balls in the draw that is forecast, the same forecast."""
    specs = ((MLP, 1), (GRU, 1)) if pool == "log-linear" else ((MLP, 2), (COUNTS, 1))
    spec, weights = ensemble(pool, specs)
    past = history()
    said, _ = forecast_coming(spec, weights, past)
    white, bonus = past.white.copy(), past.bonus.copy()
    white[-1], bonus[-1] = [1, 2, 3, 4, 5], 1
    other, _ = forecast_coming(spec, weights, replace(past, white=white, bonus=bonus))
    assert torch.equal(said.logits, other.logits)
    assert torch.equal(said.log_weights, other.log_weights)


def test_before_its_day_a_mixture_holds_its_prior():
    spec, weights = ensemble()
    said, _ = forecast_coming(spec, weights, history(SINCE))
    assert float(said.log_weights[-1, 0].exp()) == pytest.approx(0.5)


def test_a_linear_pool_keeps_its_weights():
    spec, weights = ensemble("linear")
    said, drawn = forecast_coming(spec, weights, history())
    members = gains_of_members(spec, weights, history(), torch.tensor([59]))
    wanted = np.log2((2**members).sum(0) / 6 + 0.5)
    assert said.gains(drawn).numpy() == pytest.approx(wanted, abs=1e-6)


def test_one_head_gains_no_less_than_its_members_on_average():
    """A weighted geometric mean, normalised, is at least the mean of the logarithms."""
    spec, weights = ensemble("log-linear", ((MLP, 1), (GRU, 1)))
    past = history()
    said, drawn = forecast_coming(spec, weights, past)
    assert len(said.logits) == 1
    members = gains_of_members(spec, weights, past, torch.tensor([59]))
    assert float(said.gains(drawn)) >= float(members.sum(0)[0]) / 4 - 1e-9
