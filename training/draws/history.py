"""A draw history as arrays, and the fingerprint of its content."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.draws.games import Era, Game, Matrix

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class DrawHistory:
    """N draws in the order of time; every array is int64 and read-only.

    `ordinal` (N,) is the proleptic day of the date, `white` (N, 5) is ascending, and each draw
    carries the sizes of its own matrix, so that eras need no special case later.
    """

    ordinal: Integers
    white: Integers
    bonus: Integers
    white_size: Integers
    bonus_size: Integers
    picks: int = 5

    def __len__(self) -> int:
        return len(self.ordinal)

    @property
    def dates(self) -> list[dt.date]:
        return [dt.date.fromordinal(day) for day in self.ordinal.tolist()]


def eras_of(game: Game, first_date: dt.date | None, matrix: Matrix | None) -> tuple[Era, ...]:
    """The eras of a dataset: the game's own, or a single one with a simulated matrix."""
    if matrix is None or first_date is None:
        return game.eras
    return (Era(str(first_date), first_date, matrix, "simulated"),)


def build_history(
    ordinal: Integers, white: Integers, bonus: Integers, eras: tuple[Era, ...]
) -> DrawHistory:
    """Arrays in the order of time -> a history that knows the matrix of every draw."""
    starts = np.array([era.start.toordinal() for era in eras])
    place = np.searchsorted(starts, ordinal, side="right") - 1  # (N,)
    sizes = np.array([(era.matrix.white, era.matrix.bonus) for era in eras], dtype=np.int64)
    arrays = (ordinal, white, bonus, sizes[place, 0], sizes[place, 1])
    for array in arrays:
        array.setflags(write=False)
    return DrawHistory(*arrays, picks=eras[-1].matrix.picks)


def fingerprint(game: str, draws: Iterable[tuple[dt.date, tuple[int, ...], int]]) -> str:
    """SHA-256 of every date, white set and bonus ball, whatever order they came in.

    The multiplier is left out: sources differ in knowing it and no model is trained on it.
    """
    lines = sorted(
        f"{day.isoformat()} {' '.join(map(str, sorted(white)))} + {bonus}"
        for day, white, bonus in draws
    )
    return hashlib.sha256("\n".join([game, *lines]).encode()).hexdigest()
