"""One setting of a training run: what it is called, what it may be, and how a value is read.

Reading is strict: `True`, `"3"` and `2.5` are not integers, NaN and infinity are not numbers.
Whoever has text (a form, a command line) turns it into numbers first.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Kind = Literal["integer", "number", "choice", "set", "keys", "weekdays", "date", "rows"]
Group = Literal["basic", "data", "advanced"]

KEY_LIMIT = 64  # more eras than any lottery has had
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the settings table; forms, REST fields and command flags are derived from it.

    `minimum` and `maximum` bound numbers (inclusive) and the length of `rows`; a whole number
    is a multiple of `step`.
    `choices` maps the value to what a person reads.
    """

    name: str
    kind: Kind
    default: Any
    label: str
    help: str
    group: Group = "advanced"
    minimum: float | None = None
    maximum: float | None = None
    step: int = 1
    choices: Mapping[str, str] = field(default_factory=dict)

    def read(self, value: object) -> Any:
        """Return `value` in the type of this setting, or raise ValueError with the remedy."""
        return READERS[self.kind](self, value)


def read_integer(setting: Setting, value: object) -> int:
    """A whole number within the bounds; a boolean is not one."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"Must be a whole number{_range(setting)}.")
    if value % setting.step:
        raise ValueError(f"Must be a multiple of {setting.step}.")
    return int(_bounded(setting, value))


def read_number(setting: Setting, value: object) -> float:
    """A finite number within the bounds; whole numbers are welcome."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"Must be a number{_range(setting)}.")
    return float(_bounded(setting, value))


def read_choice(setting: Setting, value: object) -> str:
    """One of the choices."""
    if not isinstance(value, str) or value not in setting.choices:
        raise ValueError(f"Must be one of {', '.join(setting.choices)}.")
    return value


def read_set(setting: Setting, value: object) -> tuple[str, ...]:
    """A subset of the choices, in the order of the table so that equal sets are equal."""
    wanted = {read_choice(setting, item) for item in _items(value)}
    return tuple(name for name in setting.choices if name in wanted)


def read_keys(setting: Setting, value: object) -> tuple[str, ...]:
    """Short names, such as the first days of eras; sorted, each once."""
    keys = {key for key in _items(value) if isinstance(key, str) and 0 < len(key) <= KEY_LIMIT}
    if len(keys) > KEY_LIMIT or not all(key in keys for key in map(str, _items(value))):
        raise ValueError(f"Must be a list of at most {KEY_LIMIT} names.")
    return tuple(sorted(keys))


def read_weekdays(setting: Setting, value: object) -> tuple[int, ...]:
    """Days of the week, Monday = 0; sorted, each once."""
    days = {day for day in _items(value) if type(day) is int and 0 <= day < len(WEEKDAYS)}
    if len(days) != len(_items(value)):
        raise ValueError("Must be a list of different days, Monday = 0 to Sunday = 6.")
    return tuple(sorted(days))


def read_date(setting: Setting, value: object) -> date | None:
    """A day as YYYY-MM-DD; None and "" mean no limit."""
    if value is None or value == "":
        return None
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("Must be a day such as 2015-10-07.") from None


def _items(value: object) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise ValueError("Must be a list.")
    return value


def _bounded(setting: Setting, value: float) -> float:
    low, high = setting.minimum, setting.maximum
    finite = isinstance(value, int) or math.isfinite(value)
    if not finite or (low is not None and value < low) or (high is not None and value > high):
        raise ValueError(f"Must be{_range(setting)}.")
    return value


def _range(setting: Setting) -> str:
    if setting.minimum is None or setting.maximum is None:
        return ""
    return f" from {setting.minimum:,} to {setting.maximum:,}"


READERS: dict[Kind, Callable[[Setting, Any], Any]] = {
    "integer": read_integer,
    "number": read_number,
    "choice": read_choice,
    "set": read_set,
    "keys": read_keys,
    "weekdays": read_weekdays,
    "date": read_date,
}
