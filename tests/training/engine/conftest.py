"""Small runs: seconds, not minutes."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from registry.networks.history import History
from tests.registry.networks.histories import fair_history
from training.engine.config import Config
from training.engine.data import TrainingData, prepare
from training.engine.fit import finish, fit, start
from training.engine.reports import EpochReport, Outcome
from training.engine.state import State

SMALL: dict[str, Any] = {"epochs": 6, "batch_size": 32, "hidden_size": 16, "window": 5}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """What a worker does before it trains."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def small(**settings: Any) -> Config:
    return Config.parse({**SMALL, **settings})


def begin(config: Config, history: History | None = None) -> tuple[TrainingData, State]:
    data = prepare(history or fair_history(160), config)
    return data, start(config, data)


def train(
    config: Config, history: History | None = None
) -> tuple[list[EpochReport], Outcome, State]:
    data, state = begin(config, history)
    reports = list(fit(config, data, state))
    return reports, finish(config, data, state), state
