"""A forecast as a text that never changes: the whole distribution of one draw, and its score.

The text is JSON. Its SHA-256 is what is registered before the draw, so whoever has the text can
check that nothing was changed, and compute the score with a few lines of their own. Its numbers are
rounded: what the text says is the forecast, not what it was rounded from.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reflection.statistics.scores import bonus_gain, gain_range, white_gain, with_floor
from reflection.statistics.subsets import Floats, inclusion

FORMAT = 1
FLOOR = 2.0**-7  # share of uniform in every registered forecast: no draw costs more than 7 bits
_DIGITS = 6  # of a log weight: below 0.00001 bits of a score
_WEIGHT_DIGITS = 9


@dataclass(frozen=True, eq=False)
class FrozenForecast:
    """A mixture of J parts over one draw: `weights` (J,), log weights `white` (J, n), `bonus` (J, m).

    `about` is everything else that the text says. A share `floor` of uniform is mixed in.
    """

    about: Mapping[str, Any]
    picks: int
    floor: float
    weights: Floats
    white: Floats
    bonus: Floats

    def gain(self, white: Sequence[int], bonus: int) -> float:
        """Bits over chance that it gains if these balls come; they are numbered from 1."""
        drawn = np.asarray(white, dtype=np.int64) - 1
        ball = np.full(len(self.bonus), bonus - 1)
        bits = white_gain(self.white, drawn) + bonus_gain(_softmax(self.bonus), ball)
        return float(with_floor(np.log2(self.weights @ np.exp2(bits)), self.floor))

    @property
    def white_chances(self) -> Floats:
        """Probability of each white ball to be drawn, the floor included (n,)."""
        said = self.weights @ inclusion(self.white, self.picks)
        return (1.0 - self.floor) * said + self.floor * self.picks / said.size

    @property
    def bonus_chances(self) -> Floats:
        """Probability of each bonus ball, the floor included (m,)."""
        said = self.weights @ _softmax(self.bonus)
        return (1.0 - self.floor) * said + self.floor / said.size

    @property
    def range(self) -> tuple[float, float]:
        """Bounds in bits on what a draw can gain, known before it; exact for one part."""
        low, high = gain_range(self.white, self.picks)
        size = self.bonus.shape[-1]
        shares = np.log2(_softmax(self.bonus) * size)
        least, most = (low + shares.min(-1)).min(), (high + shares.max(-1)).max()
        floored = with_floor(np.array([least, most]), self.floor)
        return float(floored[0]), float(floored[1])


def freeze(
    *,
    about: Mapping[str, Any],
    picks: int,
    weights: ArrayLike,
    white: ArrayLike,
    bonus: ArrayLike,
    floor: float = FLOOR,
) -> str:
    """The text of a forecast. `about` may not use the names of the numbers."""
    share = np.asarray(weights, dtype=np.float64)
    parts = [
        {"weight": round(float(weight), _WEIGHT_DIGITS), "white": one, "bonus": other}
        for weight, one, other in zip(share, _centred(white), _centred(bonus), strict=True)
        if round(float(weight), _WEIGHT_DIGITS) > 0.0
    ]
    text = {**about, "format": FORMAT, "picks": picks, "floor": floor, "parts": parts}
    return json.dumps(text, sort_keys=True, separators=(",", ":"), allow_nan=False)


def thaw(text: str) -> FrozenForecast:
    """The forecast that a text holds; ValueError if it is none of ours."""
    try:
        said = json.loads(text)
        if said["format"] != FORMAT:
            raise ValueError(f"a forecast of format {said['format']}")
        parts = said["parts"]
        weights = np.array([part["weight"] for part in parts], dtype=np.float64)
        white = np.array([part["white"] for part in parts], dtype=np.float64)
        bonus = np.array([part["bonus"] for part in parts], dtype=np.float64)
        picks, floor = int(said["picks"]), float(said["floor"])
    except (KeyError, TypeError) as error:
        raise ValueError("not a forecast") from error
    about = {
        name: value
        for name, value in said.items()
        if name not in ("format", "parts", "picks", "floor")
    }
    return FrozenForecast(about, picks, floor, weights / weights.sum(), white, bonus)


def _centred(theta: ArrayLike) -> list[list[float]]:
    """Log weights around a mean of 0, rounded: adding a constant to all changes nothing."""
    rows = np.atleast_2d(np.asarray(theta, dtype=np.float64))
    rows = np.round(rows - rows.mean(axis=-1, keepdims=True), _DIGITS) + 0.0  # no minus zero
    return [[float(value) for value in row] for row in rows]


def _softmax(theta: Floats) -> Floats:
    grown = np.exp(theta - theta.max(axis=-1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=-1, keepdims=True))
