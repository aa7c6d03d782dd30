"""A short history of today's matrix, and settings that train on it in a blink."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from registry.networks.history import History
from training.draws.games import POWERBALL
from training.draws.history import build_history
from training.engine.config import Config

FIRST = 736_000  # some day of today's matrix


def history(seed: int, draws: int = 190, favourite: int | None = None) -> History:
    """Fair draws; `favourite` comes every other time."""
    rng = np.random.default_rng(seed)
    white = np.array([rng.choice(69, 5, replace=False) + 1 for _ in range(draws)])
    if favourite is not None:
        for row in white[::2]:
            if favourite not in row:
                row[0] = favourite
    ordinal = FIRST + 3 * np.arange(draws)
    bonus = rng.integers(1, 27, draws)
    return build_history(ordinal, np.sort(white, axis=1), bonus, POWERBALL.eras)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """What a worker does before it trains."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def small() -> Config:
    return Config.parse(
        {"epochs": 4, "hidden_size": 8, "window": 5, "batch_size": 16, "learning_rate": 0.01}
    )
