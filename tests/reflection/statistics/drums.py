"""Simulated drums for the tests: sets of balls from 0, and what static forecasts gain on them."""

import numpy as np

from reflection.statistics.scores import white_gain

FAIR = np.zeros(69)
CHANCE = 5 / 69


def draws(rng: np.random.Generator, count: int, theta: np.ndarray = FAIR) -> np.ndarray:
    """Plackett-Luce draws `(count, 5)`: the largest of theta + Gumbel noise."""
    return np.argpartition(-(theta + rng.gumbel(size=(count, 69))), 5, axis=-1)[:, :5]


def gains_of_noise(
    rng: np.random.Generator, models: int, sd: float, pool: int, theta: np.ndarray = FAIR
) -> np.ndarray:
    """What `models` static noise forecasts gain on one pool of draws, `(models, pool)`."""
    drawn = draws(rng, pool, theta)
    return np.stack([white_gain(rng.normal(0.0, sd, 69), drawn) for _ in range(models)])


def drawn_again(rng: np.random.Generator, gains: np.ndarray, *shape: int) -> np.ndarray:
    """Histories taken from a pool of scored draws; models on the first axis share them."""
    return gains[..., rng.integers(0, gains.shape[-1], size=shape)]


def ball_counts(
    rng: np.random.Generator, histories: int, length: int, chance: float = CHANCE
) -> np.ndarray:
    """Running counts of every ball `(histories, length, 69)`; ball 0 comes with `chance`."""
    keys = rng.random((histories * length, 69), dtype=np.float32)
    keys[:, 0] = np.where(rng.random(len(keys)) < chance, -1.0, 2.0)
    seen = np.zeros(keys.shape, dtype=np.int16)
    np.put_along_axis(seen, np.argpartition(keys, 5, axis=1)[:, :5], 1, axis=1)
    return seen.reshape(histories, length, 69).cumsum(axis=1, dtype=np.int16)


def bits_of(change: float, counts: np.ndarray) -> np.ndarray:
    """Log2 wealth, after each draw, of believing that a ball has `change` more chance.

    `counts` `(..., draws, balls)` are running counts of one ball or of many.
    """
    q, draw = CHANCE * (1.0 + change), np.arange(1, counts.shape[-2] + 1)[:, None]
    hit, miss = np.log2(q / CHANCE), np.log2((1.0 - q) / (1.0 - CHANCE))
    return counts * hit + (draw - counts) * miss
