"""Which draws a run uses, and which of them train, validate and test. Imports no torch.

Apart from `data.py` so that the web process can say before a start what is wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import comb, log2
from statistics import fmean

import numpy as np

from registry.networks.history import History
from training.engine.config import Config

LEAST_TRAIN, LEAST_HELD_OUT = 16, 8  # draws; fewer can teach and show nothing


class DataError(ValueError):
    """Draws that this configuration cannot train on; `fields` says per setting what to do."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in fields.items()))
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class Split:
    """Positions among the selected draws: train < val < test, strictly in time.

    The first `window` draws are looked back on but never forecast.
    """

    train: range
    val: range
    test: range
    dates: tuple[str, ...]  # of every selected draw, ISO
    fair_bits: tuple[float, ...]  # what a fair drum costs at every selected draw
    fair_hits: tuple[float, ...]  # white balls of any ticket that a fair drum hits, likewise

    def as_dict(self) -> dict[str, dict[str, int | float | str]]:
        """First and last day, number of draws and chance of each part, as JSON types."""
        parts = {"train": self.train, "val": self.val, "test": self.test}
        return {
            name: {
                "first": self.dates[part.start],
                "last": self.dates[part.stop - 1],
                "start": part.start,
                "stop": part.stop,
                "draws": len(part),
                "chance_bits": fmean(self.fair_bits[part.start : part.stop]),
                "chance_hits": fmean(self.fair_hits[part.start : part.stop]),
            }
            for name, part in parts.items()
        }


def select(history: History, config: Config) -> History:
    """The draws of the eras, days and dates the configuration asks for."""
    if not len(history):
        raise DataError({"eras": "The dataset has no draws."})
    if text := history.problem():
        raise DataError({"eras": text})
    eras = config.eras or (str(history.era[-1]),)
    if unknown := sorted(set(eras) - set(history.era.tolist())):
        there = ", ".join(dict.fromkeys(history.era.tolist()))
        raise DataError({"eras": f"No draws of {', '.join(unknown)}; there are {there}."})
    wanted = np.isin(history.era, eras)
    if config.date_from:
        wanted &= history.ordinal >= config.date_from.toordinal()
    if config.date_to:
        wanted &= history.ordinal <= config.date_to.toordinal()
    if config.weekdays:
        wanted &= np.isin(history.weekday, config.weekdays)
    return history.take(wanted)


def split_by_time(history: History, config: Config) -> Split:
    """The newest draws test, those before them validate, the rest trains."""
    n = len(history)
    test, val = int(n * config.test_fraction), int(n * config.val_fraction)
    left = n - test - val - config.window
    if left < LEAST_TRAIN or min(test, val) < LEAST_HELD_OUT:
        text = f"Only {n} draws are selected: {max(left, 0)} to train, {val} to validate and {test} to test"
        least = f"at least {LEAST_TRAIN}, {LEAST_HELD_OUT} and {LEAST_HELD_OUT} are needed"
        raise DataError({"window": f"{text}; {least}. Choose more draws or a shorter window."})
    bounds = (config.window, n - test - val, n - test, n)
    parts = [range(*pair) for pair in zip(bounds, bounds[1:], strict=False)]
    days = tuple(date.fromordinal(int(day)).isoformat() for day in history.ordinal)
    return Split(parts[0], parts[1], parts[2], days, fair_bits(history), fair_hits(history))


def fair_bits(history: History) -> tuple[float, ...]:
    """-log2 of the chance of each draw's numbers in its own matrix: log2(C(n, picks) m)."""
    sizes = zip(history.white_size.tolist(), history.bonus_size.tolist(), strict=True)
    return tuple(log2(comb(white, history.picks) * bonus) for white, bonus in sizes)


def fair_hits(history: History) -> tuple[float, ...]:
    """How many balls of a ticket each draw's own matrix hits on average: picks^2 / white."""
    return tuple(history.picks**2 / white for white in history.white_size.tolist())
