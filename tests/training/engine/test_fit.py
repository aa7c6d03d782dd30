"""The loop: it learns, it stops, it restores the best, and rows do not touch each other."""

import dataclasses
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch

from registry.networks.history import History
from registry.networks.powerball_net import forward
from registry.networks.spec import ENCODERS, FEATURES
from tests.registry.networks.histories import fair_history, two_eras
from tests.training.engine.conftest import begin, small, train
from training.engine.data import prepare_many
from training.engine.fit import finish, fit, start
from training.engine.reports import Diverged
from training.engine.workspace import Workspace

SEQUENCE = {"features": FEATURES, "dropout": 0.1, "epochs": 3}
KINDS: dict[str, dict[str, Any]] = {
    "mlp": {},
    "mlp with all features": SEQUENCE,
    "gru": {"encoder": "gru", **SEQUENCE},
    "transformer": {"encoder": "transformer", **SEQUENCE},
}


def loaded_history(n: int = 400) -> History:
    """A drum that only ever gives the balls 1 to 40."""
    low = np.sort(np.random.default_rng(3).random((n, 40)).argsort(1)[:, :5], 1) + 1
    return dataclasses.replace(fair_history(n), white=low)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_every_encoder_trains_through_the_same_loop(encoder: str) -> None:
    reports, outcome, _ = train(small(encoder=encoder, features=FEATURES, epochs=2))
    assert [report.number for report in reports] == [1, 2]
    assert all(math.isfinite(report.val_bits) for report in reports)
    assert len(outcome.test_gains) == len(outcome.test_hits) == len(outcome.test_dates) == 24
    assert outcome.best_epoch in (1, 2)


def test_uniform_scores_exactly_chance() -> None:
    (report,), outcome, _ = train(small(encoder="uniform", epochs=1))
    assert report.gain == outcome.test_gain == 0.0
    assert report.val_bits == pytest.approx(28.122388, abs=5e-7)
    assert (outcome.test_gains == 0.0).all()


@pytest.mark.parametrize("encoder", ["mlp", "gru", "transformer", "counts"])
def test_a_loaded_drum_is_found(encoder: str) -> None:
    config = small(encoder=encoder, features=FEATURES, learning_rate=0.01, epochs=12)
    _, outcome, _ = train(config, loaded_history())
    assert outcome.test_gain > 1.0
    assert outcome.test_hits.mean() > 25 / 69


def test_training_bits_fall() -> None:
    reports, _, _ = train(small(epochs=20, learning_rate=0.01))
    assert reports[-1].train_bits < reports[0].train_bits - 0.5


def test_the_original_loss_starts_at_its_uniform_value() -> None:
    (report,), _, _ = train(small(loss="cross_entropy", epochs=1, learning_rate=1e-7))
    assert report.loss == pytest.approx(7.4922, abs=1e-3)
    assert report.train_bits == pytest.approx(28.1224, abs=1e-3)


def test_eras_of_different_size_train_together() -> None:
    config = small(eras=["2012-01-18", "2015-10-07"], features=FEATURES)
    reports, outcome, _ = train(config, two_eras(300))
    assert 27.3 < reports[0].train_bits < 28.2
    assert outcome.val_bits == pytest.approx(28.12, abs=0.3)


def test_the_same_configuration_gives_the_same_bits() -> None:
    (first, one, a), (second, two, b) = train(small()), train(small())
    assert torch.equal(a.flat, b.flat)
    assert one.test_gain == two.test_gain
    assert [r.val_bits for r in first] == [r.val_bits for r in second]


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_of_a_sweep_has_the_bits_of_the_model_alone(kind: str) -> None:
    rows = [
        {"seed": 3, "learning_rate": 0.01, "weight_decay": 0.0},
        {"seed": 4, "learning_rate": 0.001},
        {"seed": 5, "learning_rate": 0.01, "weight_decay": 0.0},
    ]
    sweep = small(**KINDS[kind], sweep=rows, grad_clip=0.5)
    together, _, state = train(sweep)
    for k in range(3):
        alone, _, single = train(sweep.alone(k))
        assert torch.equal(state.flat[k], single.flat[0])
        assert torch.equal(state.best[k], single.best[0])
        assert [report.rows[k] for report in together] == [report.rows[0] for report in alone]


def test_a_row_that_stops_early_has_the_bits_of_the_model_alone() -> None:
    rows = [{"seed": 0, "learning_rate": 0.05}, {"seed": 1, "learning_rate": 1e-4}]
    sweep = small(sweep=rows, patience=2, epochs=12, schedule="plateau")
    together, outcome, state = train(sweep, loaded_history())
    assert len(together) == 12
    assert outcome.rows[0].stopped_early
    alone, _, single = train(sweep.alone(0), loaded_history())
    assert len(alone) < 12
    assert torch.equal(state.flat[0], single.flat[0])
    assert together[-1].rows[0].val_bits == alone[-1].val_bits


def test_early_stopping_ends_the_run_and_restores_the_best() -> None:
    config = small(epochs=200, patience=3, learning_rate=0.01)
    data, state = begin(config)
    reports = list(fit(config, data, state))
    outcome = finish(config, data, state)
    best = min(reports, key=lambda report: report.val_bits)
    assert len(reports) == best.number + 3
    assert outcome.stopped_early
    assert outcome.best_epoch == best.number
    assert outcome.val_bits == pytest.approx(best.val_bits, abs=1e-9)
    assert [r.number for r in reports if r.best][-1] == best.number


def test_a_run_that_explodes_says_so_and_keeps_its_best() -> None:
    config = small(learning_rate=1.0, epochs=60, weight_decay=0.0)
    data, state = begin(config)
    state.flat *= 1e3
    with pytest.raises(Diverged, match="bits above the best"):
        list(fit(config, data, state))
    assert state.finished
    assert math.isfinite(finish(config, data, state).val_bits)


def test_weights_that_are_no_numbers_are_divergence() -> None:
    config = small()
    data, state = begin(config)
    reports = fit(config, data, state)
    next(reports)
    state.flat[:] = math.nan
    with pytest.raises(Diverged, match="not finite") as refusal:
        list(reports)
    assert refusal.value.best_epoch == 1
    assert math.isfinite(finish(config, data, state).val_bits)


def test_one_diverged_row_does_not_end_the_others() -> None:
    config = small(replicas=2)
    data, state = begin(config)
    state.flat[1] = math.nan
    reports = list(fit(config, data, state))
    assert len(reports) == 6
    assert [row.diverged for row in reports[-1].rows] == [False, True]
    assert math.isfinite(reports[-1].val_bits)
    alone, _, _ = train(small())
    assert reports[-1].val_bits == alone[-1].val_bits


def test_clipping_bounds_every_step() -> None:
    config = small(grad_clip=0.01)
    data, state = begin(config)
    work = Workspace(state)
    work.gradient.normal_()
    work.clip(torch.linalg.vector_norm(work.gradient, dim=1), 0.01)
    assert torch.linalg.vector_norm(work.gradient).item() == pytest.approx(0.01, rel=1e-3)
    assert data.spec == state.spec


def test_moments_that_fade_become_nothing_and_cost_no_time() -> None:
    data, state = begin(small(epochs=1))
    state.mean.fill_(1.3e-38)  # a step later: below what a normal float can be
    list(fit(state.config, data, state))
    smallest = torch.finfo(torch.float32).smallest_normal
    assert not ((state.mean != 0) & (state.mean.abs() < smallest)).any()
    assert (state.mean == 0).any()
    assert float(torch.full((8,), 1e-39).mul(1.0).max()) > 0  # the mode ended with the epoch


def test_the_private_kernel_is_torchs_adamw() -> None:
    """`torch._fused_adamw_` has no public name: this fails the day it changes."""
    data, state = begin(small(weight_decay=0.1))
    work = Workspace(state)
    twin = state.flat.clone().requires_grad_()
    optimizer = torch.optim.AdamW([twin], lr=0.01, weight_decay=0.1, fused=True)
    work.set_rates([(0.01, 0.1)])
    for seed in range(3):
        work.gradient.normal_(generator=torch.Generator().manual_seed(seed))
        twin.grad = work.gradient.clone()
        work.adamw()
        optimizer.step()
    assert torch.equal(state.flat, twin.detach())
    assert data.fingerprint == state.fingerprint


def test_the_private_way_back_is_torchs_grad() -> None:
    """`Variable._execution_engine` has no public name: this fails the day it changes."""
    data, state = begin(small())
    work = Workspace(state)
    inputs = data.tables.inputs(data.positions(data.split.val))
    slope = torch.randn(1, 24, state.spec.balls)
    work.backward(forward(state.spec, work.leaves, inputs), slope)
    again = forward(state.spec, work.leaves, inputs)
    found = torch.autograd.grad(again, list(work.leaves.values()), slope)
    filled = torch.cat([part.flatten() for part in found])
    assert torch.equal(work.gradient[0, : len(filled)], filled)


def test_a_first_epoch_imports_nothing_large() -> None:
    """sympy alone delayed the first epoch of a new worker by half a second."""
    script = (
        "import sys; from tests.training.engine.conftest import small, train; "
        "train(small(epochs=1)); print([m for m in ('sympy', 'torch._dynamo') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_replicas_forecast_together() -> None:
    _, outcome, _ = train(small(replicas=3))
    assert {array.shape[0] for array in outcome.weights.values()} == {3}
    singles = [row.test_gain for row in outcome.rows]
    assert outcome.test_gain >= sum(singles) / 3 - 1e-12  # a mixture beats its average member


@pytest.mark.parametrize("encoder", ["mlp", "counts", "overlap"])
def test_controls_train_side_by_side_on_their_own_draws(encoder: str) -> None:
    histories = [fair_history(160, seed=seed) for seed in (0, 7)]
    config = small(encoder=encoder, sweep=[{"seed": 0}, {"seed": 0}])
    data = prepare_many(histories, config)
    state = start(config, data)
    reports = list(fit(config, data, state))
    outcome = finish(config, data, state)
    alone, single, _ = train(small(encoder=encoder), histories[1])
    assert reports[-1].rows[1].val_bits == alone[-1].val_bits
    assert outcome.rows[1].test_gain == single.test_gain
    assert outcome.rows[0].test_gain != single.test_gain
