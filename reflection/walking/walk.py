"""The whole replay as one call, for whoever needs no progress and no checkpoints: controls, tests."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from reflection.walking.data import WalkData, gather
from reflection.walking.folds import Chunk, Protocol, chunks
from reflection.walking.scoring import Scored, score, score_baseline
from reflection.walking.training import begin, train
from registry.networks.history import History
from training.engine.config import Config
from training.engine.reports import Floats


@dataclass(frozen=True, eq=False)
class Walked:
    """A replay of one history: `gains` (N - first,) are bits above chance of draws `first`, ...

    Positions count among the draws that the configuration selects.
    """

    first: int
    gains: Floats


def walk(
    histories: Sequence[History], config: Config, protocol: Protocol | None = None
) -> list[Walked]:
    """Replay histories of equal length together: their folds are rows of one state.

    Pure: the same histories and settings give the same bits, however many are replayed at once.
    """
    protocol = protocol or Protocol()
    data = gather(histories, config, protocol)
    parts: list[list[Scored]] = [[] for _ in histories]
    for scored in scores(config, data, protocol):
        for own, one in zip(parts, scored, strict=True):
            own.append(one)
    return [Walked(own[0].first, np.concatenate([one.gains for one in own])) for own in parts]


def scores(config: Config, data: WalkData, protocol: Protocol) -> Iterator[list[Scored]]:
    """Train and score chunk after chunk."""
    before: torch.Tensor | None = None
    chunked: list[Chunk] = chunks(data.draws, config, protocol, data.spec, data.histories)
    for chunk in chunked:
        if data.spec.is_baseline:
            yield score_baseline(data, chunk)
            continue
        state = begin(config, data, chunk, before)
        for _ in train(config, data, chunk, state):
            pass
        before = state.best if protocol.warm else None
        yield score(config, data, chunk, state)
