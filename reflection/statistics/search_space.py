"""The settings that an experiment may change, as axes from 0 to 1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log, sqrt
from typing import Any

import numpy as np

from reflection.statistics.subsets import Floats


@dataclass(frozen=True)
class Axis:
    """One setting: a number from `low` to `high` (`log`: by its logarithm; `whole`: in steps of
    `step`), or one of `choices`.
    """

    name: str
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    whole: bool = False
    step: int = 1
    choices: tuple[str, ...] = ()

    def holding(self, values: Sequence[Any]) -> "Axis":
        """The same axis, wide enough for values that were tried; new choices come last."""
        if self.choices:
            new = sorted({str(value) for value in values} - set(self.choices))
            return replace(self, choices=(*self.choices, *new))
        numbers = [self.inside(value) for value in values]
        return replace(self, low=min([self.low, *numbers]), high=max([self.high, *numbers]))

    def inside(self, value: Any) -> float:
        """A number as the axis can hold it: the logarithm of 0 is not there."""
        return max(float(value), self.low) if self.log else float(value)

    def columns(self, values: Sequence[Any]) -> Floats:
        """Values as columns `(n, 1)` from 0 to 1; of choices `(n, choices)`, 1 apart from each other."""
        if self.choices:
            place = {choice: number for number, choice in enumerate(self.choices)}
            return np.eye(len(self.choices))[[place[str(v)] for v in values]] / sqrt(2.0)
        numbers = np.array([self.inside(value) for value in values])
        low, high = self.low, self.high
        if self.log:
            numbers, low, high = np.log(numbers), log(low), log(high)
        return ((numbers - low) / ((high - low) or 1.0))[:, None]


Space = tuple[Axis, ...]


def matrix(space: Space, settings: Sequence[Mapping[str, Any]]) -> Floats:
    """Settings as rows `(n, columns)` in which equal steps matter about equally."""
    return np.hstack([axis.columns([one[axis.name] for one in settings]) for axis in space])
