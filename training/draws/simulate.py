"""Simulated histories: a fair drum, or one with a planted bias, on the real calendar.

White balls come out one after the other, each with a chance proportional to its weight
(Plackett-Luce, as balls leave a drum), which is not the model that is later fitted to them.
Everything is decided by the seed: the same arguments give the same draws for ever.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.draws.games import Game, Matrix, calendar, latest_draw_dates
from training.draws.history import Integers

MAX_DRAWS = 50_000
Floats = NDArray[np.float64]


class BadBias(ValueError):
    """A bias that cannot be planted. `fields` names each wrong value and the remedy."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in fields.items()))
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Bias:
    """What is planted. The defaults are a fair drum.

    `weight` is the weight of white ball `ball` (others 1), `lognormal` the standard deviation
    of the logarithm of every white ball's weight, `repeat_odds` the factor on the weights of
    the previous draw's balls, `bonus_weight` the weight of bonus ball `bonus_ball`. `starts` is
    the share of the history that is fair before the bias begins.
    """

    ball: int = 1
    weight: float = 1.0
    lognormal: float = 0.0
    repeat_odds: float = 1.0
    bonus_ball: int = 1
    bonus_weight: float = 1.0
    starts: float = 0.0

    @property
    def is_fair(self) -> bool:
        factors = (self.weight, self.repeat_odds, self.bonus_weight)
        return factors == (1.0, 1.0, 1.0) and self.lognormal == 0.0

    def as_dict(self) -> dict[str, Any]:
        """What differs from a fair drum, for the record."""
        default = Bias()
        return {
            item.name: getattr(self, item.name)
            for item in fields(self)
            if getattr(self, item.name) != getattr(default, item.name)
        }

    def check(self, white: int, bonus: int) -> None:
        """Raise `BadBias` for values that no drum can have (NaN included)."""
        wrong = {
            name: f"must lie between 0.01 and 100, not {value}"
            for name, value in asdict(self).items()
            if name in ("weight", "repeat_odds", "bonus_weight") and not 0.01 <= value <= 100
        }
        if not 0 <= self.lognormal <= 3:
            wrong["lognormal"] = f"must lie between 0 and 3, not {self.lognormal}"
        if not 0 <= self.starts < 1:
            wrong["starts"] = f"must lie between 0 and 1, not {self.starts}"
        if not 1 <= self.ball <= white:
            wrong["ball"] = f"must lie between 1 and {white}, not {self.ball}"
        if not 1 <= self.bonus_ball <= bonus:
            wrong["bonus_ball"] = f"must lie between 1 and {bonus}, not {self.bonus_ball}"
        if wrong:
            raise BadBias(wrong)


def plan(
    game: Game, *, last: dt.date, draws: int | None = None, matrix: Matrix | None = None
) -> tuple[list[dt.date], list[Matrix]]:
    """Dates and matrices of a simulated history that ends at `last`.

    Without `draws` and `matrix` it is the game's whole history, era by era; with a `matrix` it
    is the latest `draws` draw days (by default those of the current era), all with that matrix.
    """
    if matrix is None:
        days = calendar(game, game.eras[0].start, last)
        days = days if draws is None else days[-draws:]
        return days, [era.matrix for day in days if (era := game.era_of(day))]
    if draws is None:
        days = calendar(game, game.current_era.start, last)
    else:
        days = latest_draw_dates(game, draws, last)
    return days, [matrix] * len(days)


def simulate(
    matrices: list[Matrix], *, seed: int, bias: Bias | None = None
) -> tuple[Integers, Integers]:
    """White balls (N, 5), ascending, and bonus balls (N,) of one draw per matrix."""
    bias = bias or Bias()
    bias.check(min(m.white for m in matrices), min(m.bonus for m in matrices))
    random = np.random.default_rng(seed)
    count = len(matrices)
    white_size = np.array([matrix.white for matrix in matrices])
    bonus_size = np.array([matrix.bonus for matrix in matrices])
    biased = np.arange(count) >= round(bias.starts * count)  # (N,)
    white_weight, bonus_weight = _weights(bias, white_size.max(), bonus_size.max(), random)
    # Exponential races: the k smallest of E_i / w_i are a Plackett-Luce sample of k.
    races = random.exponential(size=(count, white_size.max()))  # (N, W)
    races[biased] /= white_weight
    races[np.arange(white_size.max()) >= white_size[:, None]] = np.inf
    white = _first_five(races, biased, bias.repeat_odds)
    bonus_races = random.exponential(size=(count, bonus_size.max()))  # (N, B)
    bonus_races[biased] /= bonus_weight
    bonus_races[np.arange(bonus_size.max()) >= bonus_size[:, None]] = np.inf
    return white, bonus_races.argmin(axis=1) + 1


def _weights(
    bias: Bias, white: int, bonus: int, random: np.random.Generator
) -> tuple[Floats, Floats]:
    white_weight = np.exp(bias.lognormal * random.standard_normal(white))
    white_weight[bias.ball - 1] *= bias.weight
    bonus_weight = np.ones(bonus)
    bonus_weight[bias.bonus_ball - 1] = bias.bonus_weight
    return white_weight, bonus_weight


def _first_five(races: Floats, biased: NDArray[np.bool_], repeat_odds: float) -> Integers:
    """The five winners of every race; with repeats the previous winners have a lead."""
    if repeat_odds == 1.0:
        return np.sort(np.argpartition(races, 5, axis=1)[:, :5], axis=1) + 1
    winners = np.empty((len(races), 5), dtype=np.int64)
    for number, race in enumerate(races):
        if number and biased[number]:
            race[winners[number - 1]] /= repeat_odds
        winners[number] = np.argpartition(race, 5)[:5]
    return np.sort(winners, axis=1) + 1
