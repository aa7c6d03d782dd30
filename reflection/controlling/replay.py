"""One control through the pipeline: trained and tested as a session is, and walked forward.

Histories are rows of one state, so that a batch of them costs little more than one.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from reflection.walking.data import WalkData
from reflection.walking.folds import Chunk
from reflection.walking.training import begin, train
from registry.networks.forecast import baseline_forecast, network_forecast
from registry.networks.history import History
from registry.networks.powerball_net import views
from training.engine.config import Config
from training.engine.data import TrainingData, prepare_many
from training.engine.fit import fit, start
from training.engine.reports import Diverged
from training.engine.scoring import gains_of_rows
from training.engine.state import State

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tested:
    """What a session on a history would have shown: gains in bits per draw over chance.

    `train_bits` is the total over the `train_draws` draws it was trained on, at the best epoch.
    """

    train_bits: float
    train_draws: int
    test_gains: Floats


def session(config: Config, histories: Sequence[History]) -> tuple[TrainingData, State, Config]:
    """All histories as rows of one session, each with the rows of the configuration."""
    rows = config.rows
    together = config.replace(
        replicas=1, sweep=[dataclasses.asdict(row) for _ in histories for row in rows]
    )
    data = prepare_many([one for one in histories for _ in rows], together)
    return data, start(together, data), together


def train_session(config: Config, data: TrainingData, state: State) -> Iterator[int]:
    """Train all of them, yielding each epoch; those that diverge keep their best epoch."""
    try:
        for report in fit(config, data, state):
            yield report.number
    except Diverged:
        return


def outcomes(data: TrainingData, state: State, histories: int) -> list[Tested]:
    """How each history's models did together, on what they were trained on and on the test draws."""
    each = len(state.rows) // histories
    found = []
    for history in range(histories):
        rows = list(range(history * each, (history + 1) * each))
        inside = gains_of_rows(data, state, data.split.train, rows)
        test = gains_of_rows(data, state, data.split.test, rows)
        found.append(Tested(float(inside.sum()), len(inside), test))
    return found


def walk_chunk(
    config: Config,
    data: WalkData,
    chunk: Chunk,
    state: State | None,
    before: Tensor | None = None,
) -> Iterator[tuple[int, State | None, list[Floats] | None]]:
    """Train and score one chunk: after each epoch its number and state, at the end the gains of
    each history's draws, in bits over chance. `before` are the weights a warm refit goes on from.
    """
    if data.spec.is_baseline:
        yield 1, None, [_weighed(data, chunk, history) for history in range(data.histories)]
        return
    going = begin(config, data, chunk, before) if state is None else state
    for epoch in train(config, data, chunk, going):
        yield epoch, going, None
    each = len(config.rows)
    yield (
        going.epoch,
        going,
        [_forecast(data, chunk, history, going, each) for history in range(data.histories)],
    )


def _forecast(data: WalkData, chunk: Chunk, history: int, state: State, each: int) -> Floats:
    """Gains of what the folds of a chunk said: its rows lie fold by fold, history by history."""
    found = []
    for number, fold in enumerate(chunk):
        first = (number * data.histories + history) * each
        rows = views(state.best[first : first + each], data.spec)
        index = _places(data, fold.cut, fold.stop, history).expand(each, -1)
        said = network_forecast(data.spec, rows, data.tables, index)
        found.append(said.gains(data.tables.drawn(index)))
    return torch.cat(found).cpu().numpy()


def _weighed(data: WalkData, chunk: Chunk, history: int) -> Floats:
    """The same of a baseline, whose learners are weighed anew before every draw."""
    logits, gains = data.learners[history]
    start, stop = chunk[0].cut, chunk[-1].stop
    prior = torch.zeros(len(gains), dtype=torch.float64, device=data.device)
    here = torch.arange(start, stop, device=data.device)
    said = baseline_forecast(prior.unsqueeze(0), logits, gains, here)
    index = _places(data, start, stop, history).expand(len(gains), -1)
    return said.gains(data.tables.drawn(index)).cpu().numpy()


def _places(data: WalkData, start: int, stop: int, history: int) -> Tensor:
    """Where draws of a history lie in the tables. (S,)"""
    return torch.arange(start, stop, device=data.device) + history * data.draws
