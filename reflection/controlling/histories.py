"""Histories for controls: the real calendar and matrices with other balls."""

import dataclasses

import numpy as np

from reflection.controlling.catalogue import CONTROLS
from registry.networks.history import History
from training.draws.games import Matrix
from training.draws.simulate import simulate


def control_history(real: History, key: str, seed: int) -> History:
    """The history of a control: same days, same matrices, drawn or shuffled by the seed.

    Shuffling keeps what was drawn in each era and changes only its order. Which ball a bias
    favours depends on the seed, so that no place among the balls is special.
    """
    bias = CONTROLS[key].bias
    if bias is None:
        return _shuffled(real, np.random.default_rng(seed))
    sizes = zip(real.white_size.tolist(), real.bonus_size.tolist(), strict=True)
    matrices = [Matrix(white, real.picks, bonus) for white, bonus in sizes]
    least = min(matrix.white for matrix in matrices), min(matrix.bonus for matrix in matrices)
    planted = dataclasses.replace(
        bias, ball=1 + seed % least[0], bonus_ball=1 + seed % least[1]
    )
    white, bonus_balls = simulate(matrices, seed=seed, bias=planted)
    return dataclasses.replace(real, white=white, bonus=bonus_balls)


def _shuffled(real: History, random: np.random.Generator) -> History:
    order = np.arange(len(real))
    for era in np.unique(real.era):
        places = np.flatnonzero(real.era == era)
        order[places] = random.permutation(places)
    return dataclasses.replace(real, white=real.white[order], bonus=real.bonus[order])
