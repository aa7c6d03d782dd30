"""The poison test: with every draw from t on replaced by garbage, the forecast of t has the same bits."""

from dataclasses import dataclass, replace

import numpy as np

from reflection.walking.data import WalkData, gather
from reflection.walking.folds import Chunk, Fold, Protocol, folds
from reflection.walking.scoring import Scored, score, score_baseline
from reflection.walking.training import begin, train
from registry.networks.history import History
from training.draws.games import Matrix
from training.draws.simulate import simulate
from training.engine.config import Config


@dataclass(frozen=True)
class Probe:
    """One poisoned replay. `at` is the position of the first draw that was replaced.

    `same`: every forecast up to and with that draw kept its bits. `noticed`: later ones did not,
    so the garbage was really seen (a model that never changes its mind cannot notice).
    """

    at: int
    same: bool
    noticed: bool


def poisoned(history: History, at: int, seed: int = 0) -> History:
    """The same draws before position `at`, simulated ones from it on; days and matrices stay."""
    sizes = zip(history.white_size.tolist(), history.bonus_size.tolist(), strict=True)
    garbage = simulate(
        [Matrix(white, history.picks, bonus) for white, bonus in sizes], seed=seed
    )
    white, bonus = history.white.copy(), history.bonus.copy()
    white[at:], bonus[at:] = garbage[0][at:], garbage[1][at:]
    return replace(history, white=white, bonus=bonus)


def probe(history: History, config: Config, protocol: Protocol, at: int) -> Probe:
    """Replay the selected draws as they are and poisoned, side by side, as far as `at` needs."""
    data = gather([history, poisoned(history, at)], config, protocol)
    every = [fold for fold in folds(data.draws, protocol) if fold.cut <= at]
    clean, bent = _replay(config, data, protocol, every)
    known = at - clean.first + 1
    return Probe(
        at=at,
        same=np.array_equal(clean.logits[:known], bent.logits[:known]),
        noticed=not np.array_equal(clean.logits[known:], bent.logits[known:]),
    )


def _replay(
    config: Config, data: WalkData, protocol: Protocol, every: list[Fold]
) -> list[Scored]:
    """The last of these folds on each history; a warm refit needs those before it."""
    if data.spec.is_baseline:
        return score_baseline(data, tuple(every))
    before, found = None, []
    for fold in every if protocol.warm else every[-1:]:
        chunk: Chunk = (fold,)
        state = begin(config, data, chunk, before)
        for _ in train(config, data, chunk, state):
            pass
        before, found = state.best, score(config, data, chunk, state)
    return found
