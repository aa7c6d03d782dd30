"""Draw histories made up for tests."""

import dataclasses
from datetime import date

import numpy as np

from registry.networks.history import History

FIRST_DAY = date(2015, 10, 7).toordinal()


def fair_history(
    n: int = 200, *, seed: int = 0, white: int = 69, bonus: int = 26, era: str = "2015-10-07"
) -> History:
    """Fair draws, one every third day."""
    random = np.random.default_rng(seed)
    return History(
        white=np.sort(random.random((n, white)).argsort(1)[:, :5], 1) + 1,
        bonus=random.integers(1, bonus + 1, n),
        ordinal=FIRST_DAY + 3 * np.arange(n),
        white_size=np.full(n, white),
        bonus_size=np.full(n, bonus),
        era=np.full(n, era),
    )


def two_eras(n: int = 120) -> History:
    """Half the draws from 5 of 59 + 1 of 35, the other half from 5 of 69 + 1 of 26."""
    old = fair_history(n // 2, seed=1, white=59, bonus=35, era="2012-01-18")
    new = fair_history(n // 2, seed=2)
    new = dataclasses.replace(new, ordinal=new.ordinal + 3 * len(old))
    fields = [f.name for f in dataclasses.fields(History)]
    return History(*(np.concatenate([getattr(old, f), getattr(new, f)]) for f in fields))


def poisoned(history: History, t: int) -> History:
    """The same past, but other balls from draw `t` on and other days and matrices after it."""
    other = fair_history(len(history), seed=99, white=40, bonus=20, era="poison")
    here = np.arange(len(history))
    future, after = here >= t, here > t
    days = history.ordinal + np.where(after, 2, 0)
    return History(
        white=np.where(future[:, None], other.white, history.white),
        bonus=np.where(future, other.bonus, history.bonus),
        ordinal=days,
        white_size=np.where(after, 69, history.white_size),
        bonus_size=np.where(after, 20, history.bonus_size),
        era=np.where(after, "poison", history.era),
    )
