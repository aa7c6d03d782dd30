"""Does a setting move the outcome? Asked by permutation, because importances always sum to 1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc

from reflection.statistics.comparing import holm
from reflection.statistics.subsets import Floats, Ints

FEWEST = 8  # outcomes below which nothing is asked


@dataclass(frozen=True)
class Effect:
    """How much of the outcome's spread a setting explains, and how often luck explains as much."""

    name: str
    explained: float
    p: float
    corrected_p: float

    @property
    def is_measurable(self) -> bool:
        """Whether luck explains it in less than 5 % of cases, all settings considered."""
        return self.corrected_p < 0.05


def effects(
    settings: Mapping[str, Sequence[object]],
    outcomes: ArrayLike,
    *,
    rounds: int = 999,
    seed: int = 0,
) -> tuple[Effect, ...]:
    """The effect of every setting that varies, strongest first; empty below 8 outcomes.

    Numbers are compared by rank correlation squared where they take more than 5 values, other
    settings by the share of variance between their groups. The outcomes are permuted
    `rounds` times; p is Holm's over the settings.
    """
    values = _ranks(np.asarray(outcomes, dtype=np.float64))
    if values.size < FEWEST or np.ptp(values) == 0.0:
        return ()
    varying = {name: row for name, row in settings.items() if len({repr(v) for v in row}) > 1}
    rng = np.random.default_rng(seed)
    shuffled = rng.permuted(np.tile(values, (rounds, 1)), axis=1)
    every = np.vstack([values, shuffled])
    found = []
    for name, row in varying.items():
        explained = _explained(row, every)
        p = float((explained >= explained[0] - 1e-12).mean())
        found.append((name, float(explained[0]), p))
    corrected = holm([p for _, _, p in found])
    rows = [Effect(*one, c) for one, c in zip(found, corrected, strict=True)]
    return tuple(sorted(rows, key=lambda effect: (effect.p, -effect.explained)))


def _explained(row: Sequence[object], outcomes: Floats) -> Floats:
    """Share of the variance of each row of outcomes that the setting explains, 0 to 1."""
    centred = outcomes - outcomes.mean(axis=1, keepdims=True)
    total = (centred**2).sum(axis=1)
    keys = [repr(value) for value in row]
    numbers = [value for value in row if isinstance(value, int | float)]
    if len(numbers) == len(row) and len(set(keys)) > 5:
        ranks = _ranks(np.asarray(numbers, dtype=np.float64))
        ranks = ranks - ranks.mean()
        return np.asarray((centred @ ranks) ** 2 / (total * (ranks**2).sum()))
    _, group = np.unique(keys, return_inverse=True)
    member = np.eye(int(group.max()) + 1)[group]
    means = centred @ member
    return np.asarray((means**2 / member.sum(axis=0)).sum(axis=1) / total)


def _ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean_rank: Floats = last - (counts - 1) / 2.0
    places: Ints = inverse
    return np.asarray(mean_rank[places])


@dataclass(frozen=True)
class SeedNoise:
    """How far sessions of equal settings lie apart by their seed, beside how far settings do.

    Deviations in bits per draw; `p` of the one-way analysis of variance: how often seeds alone
    would set the settings this far apart.
    """

    settings: int
    sessions: int
    between_seeds: float
    between_settings: float
    p: float


def seed_noise(groups: Sequence[Sequence[float]]) -> SeedNoise | None:
    """Compare groups of sessions that differ in their seed alone; None below two groups of three."""
    rows = [np.asarray(group, dtype=np.float64) for group in groups if len(group) >= 3]
    if len(rows) < 2:
        return None
    count = sum(row.size for row in rows)
    centre = sum(float(row.sum()) for row in rows) / count
    between = sum(row.size * (float(row.mean()) - centre) ** 2 for row in rows)
    within = sum(float(((row - row.mean()) ** 2).sum()) for row in rows)
    free = (len(rows) - 1, count - len(rows))
    means = np.array([float(row.mean()) for row in rows])
    if within == 0.0:
        p = 0.0 if between > 0.0 else 1.0
    else:
        ratio = (between / free[0]) / (within / free[1])
        p = float(betainc(free[1] / 2.0, free[0] / 2.0, free[1] / (free[1] + free[0] * ratio)))
    spread = float(np.sqrt(within / free[1]))
    return SeedNoise(len(rows), count, spread, float(means.std(ddof=1)), p)
