"""The loop: `start`, then iterate `fit`, then `finish`. Whoever iterates saves, writes rows and stops."""

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from statistics import fmean
from typing import NamedTuple

import psutil
import torch
from torch import Tensor

from registry.networks import baselines, heads
from registry.networks.forecast import network_logits
from registry.networks.heads import NATS_PER_BIT, Drawn
from registry.networks.powerball_net import Dropout, forward, generator, keep_all, views
from training.engine.config import Config
from training.engine.data import TrainingData
from training.engine.reports import Diverged, EpochReport, RowReport
from training.engine.scoring import baseline_hits, caught, finish
from training.engine.selection import DataError
from training.engine.state import Progress, State, new_state
from training.engine.stopping import learning_rate_factor
from training.engine.workspace import Workspace

__all__ = ["State", "finish", "fit", "set_threads", "start"]


class Measured(NamedTuple):
    """What one epoch measured, per active row, still on the device: all (K,)."""

    train_gain: Tensor  # nats above chance per draw, over the epoch's steps
    val_gain: Tensor  # nats above chance per draw, after the epoch
    loss: Tensor  # nats per draw
    norm: Tensor  # mean length of the gradient
    hits: Tensor  # white balls per validation draw among the model's likeliest


Objective = Callable[[Tensor, Drawn], tuple[Tensor, Tensor, Tensor]]


def set_threads(threads: int) -> None:
    """Let torch use so many threads; call it once per process, before anything else."""
    torch.set_num_threads(threads)


def start(config: Config, data: TrainingData) -> State:
    """The state before the first epoch."""
    return new_state(config, data)


def fit(config: Config, data: TrainingData, state: State) -> Iterator[EpochReport]:
    """Train from where the state is, yielding a report after each epoch, until the last one.

    The state is at the boundary of that epoch at each yield; saving it there and going on later
    gives the same bits. Raises Diverged when no row is left that has not diverged.
    """
    if state.fingerprint != data.fingerprint:
        raise DataError({"dataset": "These are not the draws this run began with."})
    workspace = Workspace(state)
    while not state.finished:
        began = time.perf_counter()
        if workspace.rows != state.active:
            workspace = Workspace(state)
        rates = [learning_rate(config, state.rows[k], state.epoch + 1) for k in workspace.rows]
        decays = [state.rows[k].row.weight_decay for k in workspace.rows]
        workspace.set_rates(list(zip(rates, decays, strict=True)))
        run = _judge if state.spec.is_baseline else _train
        with without_denormals():
            measured = run(config, data, state, workspace)
        yield _conclude(data, state, workspace, measured, rates, time.perf_counter() - began)


@contextmanager
def without_denormals() -> Iterator[None]:
    """Let what is smaller than a normal float (1.2e-38) be 0.

    The moments of units that never fire fade into such numbers, and a processor needs many times
    as long for them: after 20 epochs a quarter of a small network's time. Set for each epoch, as
    the mode belongs to the thread and nobody else asked for it.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def _train(config: Config, data: TrainingData, state: State, work: Workspace) -> Measured:
    """One epoch of steps: no input or output, no synchronisation, nothing read back."""
    objective = OBJECTIVES[config.loss]
    seeds = [state.rows[k].row.seed for k in work.rows]
    drop = (
        Dropout(config.dropout, seeds, state.epoch + 1, data.device)
        if config.dropout
        else keep_all
    )
    rows = torch.tensor(work.rows, device=data.device)
    gains, losses, norms = [], [], []
    for inputs, drawn in data.batches(
        _order(data, seeds, state.epoch + 1), config.batch_size, rows
    ):
        logits = forward(state.spec, work.leaves, inputs, drop)  # (K, B, n + m)
        loss, slope, gain = objective(logits.detach(), drawn)  # (K, B), like logits, (K, B)
        work.backward(logits, slope.div_(logits.shape[1]).to(logits.dtype))
        norm = torch.linalg.vector_norm(work.gradient, dim=1)  # (K,)
        if config.grad_clip:
            work.clip(norm, config.grad_clip)
        work.adamw()
        state.step += 1
        gains.append(gain)
        losses.append(loss)
        norms.append(norm)
    work.store()
    index = data.positions(data.split.val)[rows]
    logits = network_logits(state.spec, work.leaves, data.tables, index)
    drawn = data.tables.drawn(index)
    val, chance = heads.gain_and_chances(logits, drawn)
    hits = caught(chance[..., : drawn.white], drawn.balls[..., :-1]).double().mean(1)
    total = [torch.cat(parts, 1).mean(1) for parts in (gains, losses)]
    return Measured(total[0], val.mean(1), total[1], torch.stack(norms, 1).mean(1), hits)


def _judge(config: Config, data: TrainingData, state: State, work: Workspace) -> Measured:
    """One epoch of a baseline: there is nothing to fit, its learners are weighed draw by draw."""
    assert data.learners is not None
    prior, own = views(work.flat, state.spec)["log_prior"][:, 0], data.learners.gains
    gained = own if len(own) == 1 else own[work.rows]  # (1 or K, J, N)
    gains = baselines.mixture_gains(prior, gained)  # (K, N)
    train, val = data.split.train, data.split.val
    gain = gains[:, train.start : train.stop].mean(1)
    loss = data.fair_bits(train) * NATS_PER_BIT - gain
    hits = [_hits_of_baseline(data, state, k) for k in work.rows]
    norm, of_val = torch.zeros_like(gain), gains[:, val.start : val.stop].mean(1)
    return Measured(gain, of_val, loss, norm, gain.new_tensor(hits))


def _hits_of_baseline(data: TrainingData, state: State, row: int) -> float:
    """Counted in its first epoch: what a baseline says never changes."""
    last = state.rows[row].last
    return baseline_hits(data, state, row) if last is None or last.hits is None else last.hits


def _by_bernoulli(logits: Tensor, drawn: Drawn) -> tuple[Tensor, Tensor, Tensor]:
    """Minus the log-probability of the drawn set: loss (K, B), its slope by the logits, gain (K, B)."""
    gain, slope = heads.gain_and_gradient(logits, drawn)
    fair = torch.log(torch.as_tensor(drawn.sets * drawn.bonuses))
    return fair - gain, slope.neg_(), gain


def _by_cross_entropy(logits: Tensor, drawn: Drawn) -> tuple[Tensor, Tensor, Tensor]:
    """The original's loss; the gain is still that of the exact probability."""
    loss, slope = heads.cross_entropy_and_gradient(logits, drawn)
    return loss, slope, heads.gain(logits, drawn)


OBJECTIVES: dict[str, Objective] = {
    "conditional_bernoulli": _by_bernoulli,
    "cross_entropy": _by_cross_entropy,
}


def _order(data: TrainingData, seeds: list[int], epoch: int) -> Tensor:
    """Each row's own order of the training draws (K, S), drawn on the CPU: the same on every device."""
    train = data.split.train
    orders = [
        torch.randperm(len(train), generator=generator(seed, "order", epoch)) for seed in seeds
    ]
    return (torch.stack(orders) + train.start).to(data.device)


def learning_rate(config: Config, progress: Progress, epoch: int) -> float:
    """The learning rate of a row in `epoch` (1, 2, ...)."""
    factor = learning_rate_factor(config.schedule, epoch, config.epochs, config.warmup_epochs)
    return progress.row.learning_rate * factor * progress.plateau.scale


def _conclude(
    data: TrainingData,
    state: State,
    work: Workspace,
    measured: Measured,
    rates: list[float],
    seconds: float,
) -> EpochReport:
    """Feed every rule its number, keep the best rows, and say what happened."""
    state.epoch += 1
    values = torch.stack(
        [part.double() for part in measured], 1
    ).tolist()  # the epoch's one read-back
    fair = data.fair_bits(data.split.train), data.fair_bits(data.split.val)
    for k, (train, val, _, norm, hits), rate in zip(work.rows, values, rates, strict=True):
        bits = fair[0] - train / NATS_PER_BIT, fair[1] - val / NATS_PER_BIT
        progress = state.rows[k]
        best = watch(state, progress, *bits, norm)
        if best:
            state.best[k] = state.flat[k]
        gain = val / NATS_PER_BIT
        progress.last = RowReport(
            *(*bits, gain, norm, rate, best, progress.active, progress.diverged),
            hits=None if progress.diverged else hits,
        )
    losses = [row[2] for row in values if math.isfinite(row[2])]
    report = _report(state, work.rows, fmean(losses or [math.nan]), seconds)
    if all(progress.diverged for progress in state.rows):
        reason = state.rows[0].runaway.reason
        raise Diverged(
            epoch=state.epoch,
            first_bad=state.rows[0].runaway.since,
            best_epoch=state.overall.best_epoch,
            reason=reason,
        )
    return report


def watch(state: State, progress: Progress, train: float, val: float, norm: float) -> bool:
    """Whether this is the row's best epoch so far; marks the row when it has diverged."""
    sound = math.isfinite(train + val + norm)
    progress.diverged = progress.runaway.feed(train if sound else math.nan, norm)
    if not sound:
        return False
    if state.config.schedule == "plateau":
        progress.plateau.feed(val)
    return progress.stopping.feed(state.epoch, val)


def _report(state: State, trained: list[int], loss: float, seconds: float) -> EpochReport:
    rows = tuple(progress.last for progress in state.rows if progress.last is not None)
    sound = [row for row in rows if not row.diverged] or list(rows)
    val = fmean(row.val_bits for row in sound)
    hits = [row.hits for row in sound if row.hits is not None]
    return EpochReport(
        number=state.epoch,
        train_bits=fmean(row.train_bits for row in sound),
        val_bits=val,
        gain=fmean(row.gain for row in sound),
        learning_rate=fmean(rows[k].learning_rate for k in trained),
        grad_norm=fmean(row.grad_norm for row in sound),
        seconds=seconds,
        best=state.overall.feed(state.epoch, val),
        rows=rows,
        loss=loss,
        hits=fmean(hits) if hits else None,
        memory_bytes=_process(os.getpid()).memory_info().rss,
    )


@cache
def _process(pid: int) -> psutil.Process:
    """This process; made once in each, as workers are forked."""
    return psutil.Process(pid)
