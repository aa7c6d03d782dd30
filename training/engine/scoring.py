"""The end of a run: the best weights, scored once on the test draws."""

import numpy as np
import torch
from torch import Tensor

from registry.networks.forecast import (
    Forecast,
    arrays,
    baseline_forecast,
    network_forecast,
)
from registry.networks.heads import Drawn
from registry.networks.powerball_net import views
from training.engine.config import Config
from training.engine.data import TrainingData
from training.engine.reports import Floats, Ints, Outcome, RowOutcome
from training.engine.state import State


def finish(config: Config, data: TrainingData, state: State) -> Outcome:
    """Restore each row's best epoch and score the test draws, once."""
    split = data.split
    train, val, test = (
        _gains(data, state, part) for part in (split.train, split.val, split.test)
    )
    hits, bonus_hits = _hits(data, state, split.test)
    return Outcome(
        spec=state.spec.as_dict(),
        weights=arrays(state.spec, state.best),
        best_epoch=state.overall.best_epoch,
        epochs=state.epoch,
        stopped_early=state.epoch < config.epochs and not state.active,
        train_bits=data.fair_bits(split.train) - float(train.mean()),
        val_bits=data.fair_bits(split.val) - float(val.mean()),
        val_gain=float(val.mean()),
        test_gain=float(test.mean()),
        train_gains=train,
        val_gains=val,
        test_gains=test,
        test_dates=split.dates[split.test.start :],
        test_hits=hits,
        test_bonus_hits=bonus_hits,
        rows=tuple(_row(data, state, k) for k in range(len(state.rows))),
        environment=state.environment,
    )


def _forecast(
    data: TrainingData, state: State, rows: list[int], part: range
) -> tuple[Forecast, Drawn]:
    """What the best models of `rows` said together before each draw of a part, and what came."""
    p = views(state.best[rows], state.spec)
    index = data.positions(part)[rows]  # (K, S)
    if data.learners is None:
        return network_forecast(state.spec, p, data.tables, index), data.tables.drawn(index)
    learners = data.learners  # replicas of a baseline are one and the same
    said = baseline_forecast(p["log_prior"][:1, 0], learners.logits, learners.gains, index[0])
    return said, data.tables.drawn(index[0].expand(len(said.logits), -1))


def _gains(data: TrainingData, state: State, part: range, row: int | None = None) -> Floats:
    """Bits above chance per draw, of one row or of all together. Rows on data of their own are
    scored on it and averaged: a mixture would speak about different draws.
    """
    rows = list(range(len(state.rows))) if row is None else [row]
    if row is None and int(data.offsets.max()) > 0:
        gains: Floats = np.mean([_gains(data, state, part, k) for k in rows], 0)
    else:
        said, drawn = _forecast(data, state, rows, part)
        gains = said.gains(drawn).cpu().numpy()
    return gains


def _hits(data: TrainingData, state: State, part: range) -> tuple[Ints, Ints]:
    """How many of the likeliest white balls came, and whether the likeliest bonus ball did. (S,)

    Equally likely balls are taken from the lowest number on.
    """
    rows = [0] if int(data.offsets.max()) > 0 else list(range(len(state.rows)))
    said, drawn = _forecast(data, state, rows, part)
    chance, n = said.inclusion(drawn), state.spec.white  # (S, n + m)
    white, bonus = drawn.balls[0, :, :-1], drawn.balls[0, :, -1:] - n  # (S, k), (S, 1)
    return _caught(chance[:, :n], white), _caught(chance[:, n:], bonus)


def _caught(chance: Tensor, balls: Tensor) -> Ints:
    likeliest = torch.argsort(chance, dim=-1, descending=True, stable=True)[:, : balls.shape[1]]
    caught = likeliest.unsqueeze(-1) == balls.unsqueeze(1)  # (S, k, k)
    return caught.sum((1, 2)).cpu().numpy()


def _row(data: TrainingData, state: State, k: int) -> RowOutcome:
    progress = state.rows[k]
    return RowOutcome(
        seed=progress.row.seed,
        learning_rate=progress.row.learning_rate,
        weight_decay=progress.row.weight_decay,
        best_epoch=progress.stopping.best_epoch,
        best_gain=float(_gains(data, state, data.split.val, k).mean()),
        test_gain=float(_gains(data, state, data.split.test, k).mean()),
        stopped_early=progress.stopping.stop,
        diverged=progress.diverged,
    )
