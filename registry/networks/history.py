"""A draw history as plain arrays: what every feature, network and baseline looks at. No torch."""

import hashlib
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Strings = NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class History:
    """N draws, oldest first. Balls are numbered from 1, as they are printed.

    Each draw knows its own matrix: `white_size` and `bonus_size` are the balls in the two drums
    that day (69 and 26), `picks` how many white balls are drawn, `era` the key of the matrix.
    `ordinal` is the day as `date.toordinal()`.
    """

    white: Ints  # (N, picks)
    bonus: Ints  # (N,)
    ordinal: Ints  # (N,)
    white_size: Ints  # (N,)
    bonus_size: Ints  # (N,)
    era: Strings  # (N,)

    def __post_init__(self) -> None:
        if self.white.ndim != 2 or any(len(part) != len(self.white) for part in self._parts()):
            raise ValueError("The parts of a history must have one entry per draw.")

    def __len__(self) -> int:
        return len(self.white)

    @property
    def picks(self) -> int:
        """White balls per draw."""
        return int(self.white.shape[1])

    @property
    def weekday(self) -> Ints:
        """Day of the week of each draw, Monday = 0. (N,)"""
        return (self.ordinal + 6) % 7

    def take(self, which: NDArray[np.bool_] | slice) -> "History":
        """Some of the draws, in order."""
        return History(*(part[which] for part in self._parts()))

    def followed_by(
        self, *, ordinal: int, white_size: int, bonus_size: int, era: str
    ) -> "History":
        """This history and one draw more, still unknown, so that a model can forecast it.

        Its balls are placeholders: no forecast of a draw depends on the draw (poison test).
        """
        unknown = (np.arange(1, self.picks + 1), 1, ordinal, white_size, bonus_size, era)
        pairs = zip(self._parts(), unknown, strict=True)
        return History(*(np.concatenate([part, np.array([new])]) for part, new in pairs))

    def problem(self) -> str:
        """Why these draws cannot be, or an empty string."""
        if len(self) and (np.diff(self.ordinal) <= 0).any():
            return "The draws must be in order of their days, one a day."
        ordered = np.sort(self.white, axis=1)
        outside = (ordered[:, :1] < 1) | (ordered[:, -1:] > self.white_size[:, None])
        if outside.any() or (np.diff(ordered, axis=1) == 0).any():
            return "A draw has a white ball twice or one its matrix does not have."
        if ((self.bonus < 1) | (self.bonus > self.bonus_size)).any():
            return "A draw has a bonus ball that its matrix does not have."
        return ""

    def fingerprint(self) -> str:
        """SHA-256 of the draws, in hex: equal histories have equal fingerprints."""
        digest = hashlib.sha256()
        for part in self._parts():
            digest.update(repr(part.tolist()).encode())
        return digest.hexdigest()

    def _parts(self) -> list[Any]:
        return [getattr(self, f.name) for f in fields(self)]
