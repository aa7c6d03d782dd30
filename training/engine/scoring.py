"""The end of a run: the best weights, scored once on the test draws."""

import numpy as np
import torch
from torch import Tensor

from registry.networks.calibration import calibration
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
    dates = split.dates[split.test.start :]
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
        test_dates=dates,
        test_calibration=calibration(*_together(data, state, split.test), dates),
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
    # Rows of a baseline on one history are one and the same: the first speaks for all.
    gains = data.learners.gains[rows[0] % len(data.learners.gains)]  # (J, N)
    start = index[0, 0] - part.start  # of this row's history in the tables
    logits = data.learners.logits[start : start + gains.shape[1]]
    here = torch.arange(part.start, part.stop, device=index.device)
    said = baseline_forecast(p["log_prior"][:1, 0], logits, gains, here)
    return said, data.tables.drawn(index[0].expand(len(said.logits), -1))


def gains_of_rows(data: TrainingData, state: State, part: range, rows: list[int]) -> Floats:
    """Bits above chance per draw of the best models of some rows on one history together. (S,)"""
    said, drawn = _forecast(data, state, rows, part)
    return said.gains(drawn).cpu().numpy()


def _gains(data: TrainingData, state: State, part: range, row: int | None = None) -> Floats:
    """Bits above chance per draw, of one row or of all together. Rows on data of their own are
    scored on it and averaged: a mixture would speak about different draws.
    """
    rows = list(range(len(state.rows))) if row is None else [row]
    if row is None and int(data.offsets.max()) > 0:
        gains: Floats = np.mean([_gains(data, state, part, k) for k in rows], 0)
    else:
        gains = gains_of_rows(data, state, part, rows)
    return gains


def _together(data: TrainingData, state: State, part: range) -> tuple[Forecast, Drawn]:
    """What all rows said as one; rows on data of their own cannot, the first speaks for them."""
    rows = [0] if int(data.offsets.max()) > 0 else list(range(len(state.rows)))
    return _forecast(data, state, rows, part)


def _hits(data: TrainingData, state: State, part: range) -> tuple[Ints, Ints]:
    """How many of the likeliest white balls came, and whether the likeliest bonus ball did. (S,)

    Equally likely balls are taken from the lowest number on.
    """
    said, drawn = _together(data, state, part)
    chance, n = said.inclusion(drawn), state.spec.white  # (S, n + m)
    white, bonus = drawn.balls[0, :, :-1], drawn.balls[0, :, -1:] - n  # (S, k), (S, 1)
    found = caught(chance[:, :n], white), caught(chance[:, n:], bonus)
    return found[0].cpu().numpy(), found[1].cpu().numpy()


def caught(chance: Tensor, balls: Tensor) -> Tensor:
    """How many of the drawn balls (..., k) are among the k likeliest of `chance` (..., n). (...,)

    Without sorting, which takes four times as long: what is as likely as the last of the k is
    taken from the lowest number on while there is room.
    """
    k = balls.shape[-1]
    last = chance.topk(k).values[..., -1:]
    room = k - (chance > last).sum(-1, keepdim=True)
    place = (chance == last).cumsum(-1).gather(-1, balls)  # 1, 2, ... of the equally likely
    of_drawn = chance.gather(-1, balls)
    return ((of_drawn > last) | ((of_drawn == last) & (place <= room))).sum(-1)


def baseline_hits(data: TrainingData, state: State, row: int) -> float:
    """White balls per validation draw among the likeliest of one row of a baseline."""
    said, drawn = _forecast(data, state, [row], data.split.val)
    chance = said.inclusion(drawn)[:, : state.spec.white]
    return float(caught(chance, drawn.balls[0, :, :-1]).double().mean())


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
