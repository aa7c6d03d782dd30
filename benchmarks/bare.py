"""The loops that the engine is measured against, in plain PyTorch: the best one and a naive one.

They train the same network on the same draws with the same loss as the engine.
"""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from benchmarks.reporting import clock
from registry.networks import heads
from registry.networks.heads import DrawGain, Drawn
from registry.networks.history import History
from training.engine.config import Config
from training.engine.data import TrainingData, prepare
from training.engine.fit import fit, start

BATCH = 64
DRAWS, WINDOW, WHITE, BONUS = 1800, 20, 69, 26

Epochs = Callable[[], float]  # trains some epochs, returns the median seconds of one


def fair_draws(seed: int = 0, n: int = DRAWS) -> History:
    """Simulated draws of 5 of 69 + 1 of 26, one every third day."""
    random = np.random.default_rng(seed)
    return History(
        white=np.sort(random.random((n, WHITE)).argsort(1)[:, :5], 1) + 1,
        bonus=random.integers(1, BONUS + 1, n),
        ordinal=735_878 + 3 * np.arange(n),
        white_size=np.full(n, WHITE),
        bonus_size=np.full(n, BONUS),
        era=np.full(n, "today"),
    )


class Mlp(nn.Module):
    """197 aggregate features -> 64 -> 95: 18,847 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(197, 64)
        self.head = nn.Linear(64, WHITE + BONUS)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 197) -> (B, 95)."""
        return self.head(torch.relu(self.hidden(x)))


class Gru(nn.Module):
    """Window of 20 draws -> 64 -> GRU 160 -> 95: 129,919 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(WHITE + BONUS, 64)
        self.gru = nn.GRU(64, 160, batch_first=True)
        self.head = nn.Linear(160, WHITE + BONUS)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 20, 95) -> (B, 95)."""
        return self.head(self.gru(torch.relu(self.embed(x)))[0][:, -1])


NETWORKS = {"mlp": Mlp, "gru": Gru}
SETTINGS = {
    "mlp": {"window": WINDOW, "test_fraction": 0.02, "val_fraction": 0.02, "epochs": 10_000},
    "gru": {"encoder": "gru", "hidden_size": 160, "features": ["window"]},
}
SETTINGS["gru"] = {**SETTINGS["mlp"], **SETTINGS["gru"]}


@dataclass(frozen=True)
class Samples:
    """Encoded draws as every other trainer wants them: features and targets, row by row."""

    x: Tensor  # (S, ...)
    balls: Tensor  # (S, 6) positions among the 95
    val_x: Tensor
    val_balls: Tensor

    @classmethod
    def of(cls, data: TrainingData) -> "Samples":
        """The engine's own training and validation draws."""
        seen = data.tables.context
        if seen is None:
            back = torch.arange(len(data.tables.hot)).unsqueeze(1) + torch.arange(-WINDOW, 0)
            seen = data.tables.hot[back.clamp(min=0)]
        train, val = data.split.train, data.split.val
        balls = data.tables.balls
        return cls(
            seen[train.start : train.stop],
            balls[train.start : train.stop],
            seen[val.start : val.stop],
            balls[val.start : val.stop],
        )


def loss(logits: Tensor, balls: Tensor) -> Tensor:
    """Minus the mean exact gain, as the engine trains on."""
    return -DrawGain.apply(logits, drawn(balls)).mean()


def drawn(balls: Tensor) -> Drawn:
    """Targets with today's matrix."""
    return Drawn(balls, None, 11_238_513.0, float(BONUS), WHITE, 5)


def engine(kind: str, epochs: int, /, **settings: object) -> Epochs:
    """Helios' engine; settings such as replicas over those of the network."""
    config = Config.parse({**SETTINGS[kind], **settings})
    data = prepare(fair_draws(), config)
    reports = fit(config, data, start(config, data))
    return timed(lambda: next(reports), epochs)


def index_batches(kind: str, epochs: int) -> Epochs:
    """The best plain loop: resident tensors, index batches, fused AdamW, validation each epoch."""
    samples = Samples.of(prepare(fair_draws(), Config.parse(SETTINGS[kind])))
    module = NETWORKS[kind]()
    adamw = torch.optim.AdamW(module.parameters(), lr=1e-3, weight_decay=0.01, fused=True)

    def epoch() -> None:
        order, total = torch.randperm(len(samples.x)), torch.zeros(())
        for i in range(0, len(order), BATCH):
            batch = order[i : i + BATCH]
            adamw.zero_grad(set_to_none=True)
            value = loss(module(samples.x[batch]), samples.balls[batch])
            value.backward()
            adamw.step()
            total = total + value.detach()
        with torch.no_grad():
            val = heads.gain(module(samples.val_x), drawn(samples.val_balls)).mean()
        assert torch.isfinite(total + val)

    return timed(epoch, epochs)


class Naive(Dataset):
    """A first version: every item encoded in Python, every time."""

    def __init__(self, history: History) -> None:
        self.white, self.bonus = history.white.tolist(), history.bonus.tolist()

    def __len__(self) -> int:
        return len(self.bonus) - WINDOW

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        window = torch.zeros(WINDOW, WHITE + BONUS)
        for t in range(WINDOW):
            for ball in self.white[i + t]:
                window[t, ball - 1] = 1.0
            window[t, WHITE + self.bonus[i + t] - 1] = 1.0
        balls = [ball - 1 for ball in self.white[i + WINDOW]]
        balls.append(WHITE + self.bonus[i + WINDOW] - 1)
        return torch.cat([window.mean(0), window.mean(0), torch.zeros(7)]), torch.tensor(balls)


def naive(epochs: int) -> Epochs:
    """The small MLP fed by a Dataset that encodes in Python."""
    module = Mlp()
    adamw = torch.optim.AdamW(module.parameters(), lr=1e-3, weight_decay=0.01)
    loader = DataLoader(Naive(fair_draws()), batch_size=BATCH, shuffle=True)

    def epoch() -> None:
        for x, balls in loader:
            adamw.zero_grad()
            loss(module(x), balls).backward()
            adamw.step()

    return timed(epoch, epochs, warm=0)


def timed(epoch: Callable[[], object], epochs: int, warm: int = 1) -> Epochs:
    """A piece of work for `in_turns`: `epochs` epochs, after `warm` the first time."""
    waiting = [warm]

    def work() -> float:
        for _ in range(waiting.pop() if waiting else 0):
            epoch()
        seconds = []
        for _ in range(epochs):
            began = clock()
            epoch()
            seconds.append(clock() - began)
        return statistics.median(seconds)

    return work
