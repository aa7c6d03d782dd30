"""A draw history as arrays, and the fingerprint of its content."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from registry.networks.history import History
from training.draws.games import Era, Game, Matrix

Integers = NDArray[np.int64]


def eras_of(game: Game, first_date: dt.date | None, matrix: Matrix | None) -> tuple[Era, ...]:
    """The eras of a dataset: the game's own, or a single one with a simulated matrix."""
    if matrix is None or first_date is None:
        return game.eras
    return (Era(str(first_date), first_date, matrix, "simulated"),)


def build_history(
    ordinal: Integers, white: Integers, bonus: Integers, eras: tuple[Era, ...]
) -> History:
    """Arrays in the order of time -> a history that knows the matrix of every draw."""
    starts = np.array([era.start.toordinal() for era in eras])
    place = np.searchsorted(starts, ordinal, side="right") - 1  # (N,)
    sizes = np.array([(era.matrix.white, era.matrix.bonus) for era in eras], dtype=np.int64)
    keys = np.array([era.key for era in eras])
    parts = (white, bonus, ordinal, sizes[place, 0], sizes[place, 1], keys[place])
    for part in parts:
        part.setflags(write=False)
    return History(*parts)


def fingerprint(game: str, draws: Iterable[tuple[dt.date, tuple[int, ...], int]]) -> str:
    """SHA-256 of every date, white set and bonus ball, whatever order they came in.

    The multiplier is left out: sources differ in knowing it and no model is trained on it.
    """
    lines = []
    for (
        day,
        white,
        bonus,
    ) in draws:  # one format a line: joining five balls takes half as long again
        a, b, c, d, e = sorted(white)
        lines.append(f"{day} {a} {b} {c} {d} {e} + {bonus}")
    lines.sort()
    return hashlib.sha256("\n".join([game, *lines]).encode()).hexdigest()
