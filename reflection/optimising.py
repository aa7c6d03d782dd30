"""Optuna over sessions that are stored: the only module that imports it. No Django.

Workers and commands import it; the web process shows what they found. The study is rebuilt from
the journal's sessions each time, so there is one truth and no second database.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from reflection.statistics.search_space import Axis, Space

optuna.logging.set_verbosity(optuna.logging.ERROR)

Settings = Mapping[str, Any]


def propose(
    space: Space,
    tried: Sequence[Settings],
    outcomes: Sequence[float],
    *,
    count: int,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Settings that TPE would try next, to three digits; higher outcomes are better."""
    study = _study(space, tried, outcomes, seed)
    kinds = _distributions(space)
    asked = (study.ask(kinds).params for _ in range(count))
    return [{name: _rounded(value) for name, value in one.items()} for one in asked]


def importances(
    space: Space, tried: Sequence[Settings], outcomes: Sequence[float]
) -> dict[str, float]:
    """The share of the outcomes that PED-ANOVA ascribes to each setting that varies.

    The shares sum to 1 on pure noise as well, so they are shown only for settings that pass
    `reflection.statistics.effects`. Their own permutation test is no gate: PED-ANOVA looks at the
    best tenth of the trials, and with 8 settings and 40 trials it missed one that explained nine
    tenths of the spread.
    """
    moving = tuple(a for a in space if len({str(one[a.name]) for one in tried}) > 1)
    if not moving or len(set(outcomes)) == 1:
        return {}
    study = _study(moving, tried, outcomes, seed=0)
    found = optuna.importance.get_param_importances(study, params=[a.name for a in moving])
    return {name: float(share) for name, share in found.items()}


def _study(
    space: Space, tried: Sequence[Settings], outcomes: Sequence[float], seed: int
) -> optuna.Study:
    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed)
    )
    kinds = _distributions(space)
    study.add_trials(
        [
            optuna.trial.create_trial(
                params={axis.name: _value(axis, one[axis.name]) for axis in space},
                distributions=kinds,
                value=float(outcome),
            )
            for one, outcome in zip(tried, outcomes, strict=True)
        ]
    )
    return study


def _rounded(value: Any) -> Any:
    return float(f"{value:.3g}") if isinstance(value, float) else value


def _value(axis: Axis, value: Any) -> Any:
    if axis.choices:
        return str(value)
    return int(value) if axis.whole else axis.inside(value)


def _distributions(space: Space) -> dict[str, BaseDistribution]:
    return {axis.name: _distribution(axis) for axis in space}


def _distribution(axis: Axis) -> BaseDistribution:
    if axis.choices:
        return CategoricalDistribution(axis.choices)
    if axis.whole:
        return IntDistribution(int(axis.low), int(axis.high), step=axis.step)
    return FloatDistribution(axis.low, axis.high, log=axis.log)
