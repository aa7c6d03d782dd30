"""Folds are rows: all refits of a chunk train together, each on its own past.

Rows lie in the order of their cuts. A larger fold takes more steps an epoch, so the first steps are
taken by all rows and the later ones by fewer and fewer, always the last rows of the tensor. So each
row takes exactly the steps it would take alone, and gets the same bits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from reflection.walking.data import WalkData
from reflection.walking.folds import Chunk, Fold, steps
from registry.networks import heads
from registry.networks.forecast import network_logits
from registry.networks.heads import NATS_PER_BIT
from registry.networks.powerball_net import (
    Dropout,
    forward,
    generator,
    initial,
    keep_all,
    views,
)
from training.engine.config import Config
from training.engine.environment import environment
from training.engine.fit import OBJECTIVES, learning_rate, watch
from training.engine.state import Progress, State
from training.engine.stopping import EarlyStopping, Runaway
from training.engine.workspace import Group, gradients


@dataclass(frozen=True, slots=True)
class Place:
    """What a row of a chunk is: a fold of a history."""

    fold: Fold
    history: int


def places(chunk: Chunk, config: Config, histories: int) -> list[Place]:
    """The rows of a chunk: fold by fold, in it history by history, in it replica by replica."""
    return [
        Place(fold, history)
        for fold in chunk
        for history in range(histories)
        for _ in config.rows
    ]


def begin(config: Config, data: WalkData, chunk: Chunk, before: Tensor | None = None) -> State:
    """The state before a chunk's first epoch: fresh weights, or those (rows, P) of the fold before."""
    where = places(chunk, config, data.histories)
    settings = [row for _ in chunk for _ in range(data.histories) for row in config.rows]
    fresh = before is None
    flat = (
        torch.stack([initial(data.spec, row.seed) for row in settings]).to(data.device)
        if before is None
        else before.to(data.device).clone()
    )
    assert fresh or len(flat) == len(where)
    chances = [
        float(data.fair[place.fold.train(config).start : place.fold.cut].mean())
        for place in where
    ]
    return State(
        spec=data.spec,
        config=config,
        fingerprint=data.of(chunk).fingerprint,
        flat=flat,
        mean=torch.zeros_like(flat),
        square=torch.zeros_like(flat),
        best=flat.clone(),
        rows=[
            Progress(
                row,
                EarlyStopping(config.patience, config.min_delta),
                runaway=Runaway(chance),
            )
            for row, chance in zip(settings, chances, strict=True)
        ],
        overall=EarlyStopping(),
        environment=environment(config, data),
    )


def train(config: Config, data: WalkData, chunk: Chunk, state: State) -> Iterator[int]:
    """Train a chunk from where its state is, yielding the number of each finished epoch.

    The state is at the boundary of that epoch at each yield. A row that diverges stops there and
    keeps its best epoch, which is chance if it had none.
    """
    where = places(chunk, config, data.histories)
    ladder = Ladder(config, data, where, state)
    while not state.finished:
        if ladder.rows != state.active:
            ladder = Ladder(config, data, where, state)
        measured = ladder.epoch()
        state.epoch += 1
        for k, (train_bits, val_bits, norm) in zip(ladder.rows, measured, strict=True):
            if watch(state, state.rows[k], train_bits, val_bits, norm):
                state.best[k] = state.flat[k]
        yield state.epoch


@dataclass(frozen=True, eq=False)
class Rung:
    """Steps `steps` of an epoch, which the rows from `first` on take."""

    first: int
    steps: range
    leaves: dict[str, Tensor]
    inputs: tuple[Tensor, ...]  # the leaves as autograd takes them
    slopes: list[Tensor]


class Ladder:
    """The rows that still train, and the rungs of an epoch."""

    def __init__(
        self, config: Config, data: WalkData, where: Sequence[Place], state: State
    ) -> None:
        self.config, self.data, self.state = config, data, state
        self.rows = state.active
        self.places = [where[k] for k in self.rows]
        whole = [state.flat, state.mean, state.square]
        everyone = len(self.rows) == len(state.rows)
        parts = whole if everyone else [part[self.rows] for part in whole]
        self._copied = [] if everyone else list(zip(whole, parts, strict=True))
        self.flat, self.mean, self.square = parts
        self.gradient = torch.zeros_like(self.flat)
        self.steps = [steps(place.fold, config) for place in self.places]
        taken = [float(state.epoch * count) for count in self.steps]
        self.taken = [torch.tensor(count, device=data.device) for count in taken]
        self.rungs = [self._rung(first, reach) for first, reach in self._reaches()]
        self.seeds = [state.rows[k].row.seed for k in self.rows]
        starts = [place.history * data.draws for place in self.places]
        self.offsets = torch.tensor(starts, device=data.device).unsqueeze(1)  # (K, 1)

    def _reaches(self) -> Iterator[tuple[int, range]]:
        """From which row on each stretch of an epoch's steps is taken."""
        done = 0
        for row, count in enumerate(self.steps):
            if count > done:
                yield row, range(done, count)
                done = count

    def _rung(self, first: int, reach: range) -> Rung:
        spec = self.data.spec
        leaves = views(self.flat[first:].detach(), spec)
        inputs = tuple(leaf.requires_grad_() for leaf in leaves.values())
        return Rung(
            first, reach, leaves, inputs, list(views(self.gradient[first:], spec).values())
        )

    def epoch(self) -> list[list[float]]:
        """One epoch of every row: its training bits, validation bits and mean gradient length."""
        order = self._order()
        groups = self._groups()
        device, batch = self.data.device, self.config.batch_size
        gained = torch.zeros(len(self.rows), dtype=torch.float64, device=device)
        norms = torch.zeros(len(self.rows), device=device)
        number, rate = self.state.epoch + 1, self.config.dropout
        drop = Dropout(rate, self.seeds, number, device) if rate else None
        generators = drop.generators if drop else []
        for rung in self.rungs:
            if drop:
                drop.generators = generators[rung.first :]
            for step in rung.steps:
                index = order[rung.first :, step * batch : (step + 1) * batch]
                gain, norm = self._step(rung, index, groups, drop)
                gained[rung.first :] += gain
                norms[rung.first :] += norm
        for whole, part in self._copied:
            whole[self.rows] = part
        count = torch.tensor(self.steps, device=device)
        found = (gained / (count * batch), self._validate(), norms.double() / count)
        return self._in_bits(torch.stack(found, 1).tolist())

    def _step(
        self, rung: Rung, index: Tensor, groups: list[Group], drop: Dropout | None
    ) -> tuple[Tensor, Tensor]:
        """One optimizer step of the rows of a rung on the draws at `index` (K, B)."""
        tables, config = self.data.tables, self.config
        logits = forward(self.data.spec, rung.leaves, tables.inputs(index), drop or keep_all)
        _, slope, gain = OBJECTIVES[config.loss](logits.detach(), tables.drawn(index))
        slope = slope.div_(logits.shape[1]).to(logits.dtype)
        torch._foreach_copy_(rung.slopes, gradients(logits, slope, rung.inputs))
        gradient = self.gradient[rung.first :]
        norm = torch.linalg.vector_norm(gradient, dim=1)
        if config.grad_clip:
            gradient.mul_((config.grad_clip / (norm + 1e-6)).clamp(max=1.0).unsqueeze(1))
        taken = self.taken[rung.first :]
        torch._foreach_add_(taken, 1.0)
        for group, count in zip(groups[rung.first :], taken, strict=True):
            group.step([count])
        return gain.sum(1), norm

    def _groups(self) -> list[Group]:
        """Each row's optimizer at this epoch's learning rate; rows differ in the steps they took."""
        epoch = self.state.epoch + 1
        parts = (self.flat, self.gradient, self.mean, self.square)
        progress = [self.state.rows[k] for k in self.rows]
        return [
            Group(
                learning_rate(self.config, one, epoch),
                one.row.weight_decay,
                *([part[k]] for part in parts),
            )
            for k, one in enumerate(progress)
        ]

    def _order(self) -> Tensor:
        """Each row's own order of its training draws, as positions in the tables. (K, longest)

        As long as whole batches need: it begins again at its end. Rows with fewer steps are filled up.
        """
        longest, batch = self.steps[-1], self.config.batch_size
        found = torch.zeros(len(self.rows), longest * batch, dtype=torch.int64)
        for k, (place, seed) in enumerate(zip(self.places, self.seeds, strict=True)):
            train = place.fold.train(self.config)
            random = generator(seed, "order", self.state.epoch + 1)
            order = torch.randperm(len(train), generator=random) + train.start
            length = self.steps[k] * batch
            found[k, :length] = order.repeat(-(-length // len(order)))[:length]
        return found.to(self.data.device) + self.offsets

    def _validate(self) -> Tensor:
        """Mean gain of each row on its own validation draws, in nats. (K,)"""
        parts = [place.fold.val(self.config) for place in self.places]
        longest = max(len(part) for part in parts)
        device = self.data.device
        ends = torch.tensor([part.stop for part in parts], device=device).unsqueeze(1)
        counts = torch.tensor([len(part) for part in parts], device=device).unsqueeze(1)
        back = torch.arange(-longest, 0, device=device)  # the newest draws of all rows are real
        index = (ends + back).clamp(min=self.config.window) + self.offsets
        leaves = self.rungs[0].leaves
        logits = network_logits(self.data.spec, leaves, self.data.tables, index)
        gains = heads.gain(logits, self.data.tables.drawn(index))
        real = back >= -counts
        return (gains * real).sum(1) / counts.squeeze(1)

    def _in_bits(self, measured: list[list[float]]) -> list[list[float]]:
        """Gains in nats as bits per draw, each against the fair drum of its own draws."""
        fair, rows = self.data.fair, []
        for place, (train, val, norm) in zip(self.places, measured, strict=True):
            parts = place.fold.train(self.config), place.fold.val(self.config)
            chance = [float(fair[part.start : part.stop].mean()) for part in parts]
            rows.append(
                [chance[0] - train / NATS_PER_BIT, chance[1] - val / NATS_PER_BIT, norm]
            )
        return rows
