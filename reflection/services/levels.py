"""What each value of a setting went with: the mean result of its sessions, with its interval."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reflection.services.setting_effects import NOT_ASKED
from reflection.services.trials import SAME_DRAWS
from reflection.statistics.intervals import Interval, t_interval
from training.engine.config import SETTINGS
from training.models import TrainingSession

MOST = 5  # levels of one setting: more numbers than these are put into thirds


@dataclass(frozen=True)
class Level:
    """Sessions with one value, or one third of the values, of a setting."""

    text: str
    gain: Interval


@dataclass(frozen=True)
class SettingLevels:
    """A setting whose value differs among comparable sessions."""

    label: str
    levels: tuple[Level, ...]


def setting_levels(rows: Sequence[TrainingSession]) -> tuple[SettingLevels, ...]:
    """Every setting that varies among the most sessions that chose their epoch by the same draws.

    Means with Student's interval, one look each: they describe, and say nothing of which setting
    made the difference (`reflection.statistics.effects` does).
    """
    groups: dict[str, list[TrainingSession]] = defaultdict(list)
    for row in rows:
        groups[repr([row.config.get(name) for name in SAME_DRAWS])].append(row)
    alike = max(groups.values(), key=len, default=[])
    gains = np.array([float(row.best_gain or 0.0) for row in alike])
    found = []
    for name, setting in SETTINGS.items():
        values = [row.config.get(name) for row in alike]
        if name in NOT_ASKED or len({repr(value) for value in values}) < 2:
            continue
        found.append(SettingLevels(setting.label, _levels(values, gains)))
    return tuple(found)


def _levels(values: Sequence[object], gains: np.ndarray) -> tuple[Level, ...]:
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    if len(numbers) == len(values) and len(set(numbers)) > MOST:
        return _thirds(np.array(numbers), gains)
    keys = [_text(value) for value in values]
    return tuple(
        _level(key, gains[[place for place, one in enumerate(keys) if one == key]])
        for key in sorted(set(keys))
    )


def _thirds(numbers: np.ndarray, gains: np.ndarray) -> tuple[Level, ...]:
    order = np.array_split(np.argsort(numbers, kind="stable"), 3)
    return tuple(
        _level(f"{numbers[part[0]]:.3g} to {numbers[part[-1]]:.3g}", gains[part])
        for part in order
    )


def _level(text: str, gains: np.ndarray) -> Level:
    interval = t_interval(gains)
    assert interval is not None
    return Level(text, interval)


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else "none" if value is None else str(value)
