"""The state of a run: K models as rows of flat tensors, and what each row has been through.

The state *is* the checkpoint: nothing else is needed to go on, not even a random generator.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from registry.networks.powerball_net import initial
from registry.networks.spec import NetSpec
from training.engine.config import Config, Row
from training.engine.data import TrainingData
from training.engine.environment import environment
from training.engine.reports import RowReport
from training.engine.stopping import EarlyStopping, Plateau, Runaway


@dataclass(slots=True)
class Progress:
    """One model's settings and the memory of its rules."""

    row: Row
    stopping: EarlyStopping
    plateau: Plateau = field(default_factory=Plateau)
    runaway: Runaway = field(default_factory=Runaway)
    last: RowReport | None = None
    diverged: bool = False

    @property
    def active(self) -> bool:
        """Whether the model still trains."""
        return not (self.diverged or self.stopping.stop)


@dataclass(slots=True, eq=False)
class State:
    """Mutated in place by `fit`, always at an epoch boundary when anybody else sees it."""

    spec: NetSpec
    config: Config
    fingerprint: str  # of the draws
    flat: Tensor  # (K, P) float32 parameters
    mean: Tensor  # (K, P) AdamW's first moment
    square: Tensor  # (K, P) AdamW's second moment
    best: Tensor  # (K, P) parameters of each model's best epoch
    rows: list[Progress]
    overall: EarlyStopping  # the best epoch of the rows together
    epoch: int = 0
    step: int = 0
    environment: dict[str, str | int] = field(default_factory=dict)

    @property
    def active(self) -> list[int]:
        """The rows that still train."""
        return [k for k, progress in enumerate(self.rows) if progress.active]

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to train."""
        return self.epoch >= self.config.epochs or not self.active


def new_state(config: Config, data: TrainingData) -> State:
    """K untrained models; row k depends on its own seed only."""
    flat = torch.stack([initial(data.spec, row.seed) for row in config.rows]).to(data.device)
    chance = data.fair_bits(data.split.train)
    rows = [
        Progress(row, EarlyStopping(config.patience, config.min_delta), runaway=Runaway(chance))
        for row in config.rows
    ]
    return State(
        spec=data.spec,
        config=config,
        fingerprint=data.fingerprint,
        flat=flat,
        mean=torch.zeros_like(flat),
        square=torch.zeros_like(flat),
        best=flat.clone(),
        rows=rows,
        overall=EarlyStopping(),
        environment=environment(config, data),
    )
