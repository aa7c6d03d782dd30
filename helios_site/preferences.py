"""Reading and changing how the pages look for an account; the forms, REST and the theme button."""

import zoneinfo
from collections.abc import Mapping
from typing import Any, Final

from django.db import models

from helios_site.models import Preferences
from memory.list_columns import Columns
from memory.refusals import Invalid
from registry.columns import COLUMNS as MODEL_COLUMNS
from registry.models import ModelArtifact
from training.session_columns import COLUMNS as SESSION_COLUMNS

DECIMALS: Final = range(2, 7)
ON: Final = ("on", "true", "1")
OFF: Final = ("off", "false", "0", "")
# The columns that an account chose last, by the preference that holds them.
COLUMNS: Final[Mapping[str, Columns]] = {
    "model_columns": MODEL_COLUMNS,
    "session_columns": SESSION_COLUMNS,
}
NAMES: Final = (
    *("theme", "density", "time_zone", "dates", "decimals"),
    *("announcements", "motion", "shortcuts", *COLUMNS),
)


def preferences_of(user: Any) -> Preferences:
    """The account's preferences, as usual where nothing was chosen."""
    return Preferences.objects.filter(pk=user.pk).first() or Preferences(user_id=user.pk)


def save_preferences(*, user: Any, changes: Mapping[str, Any]) -> Preferences:
    """Change some preferences; raises Invalid naming every bad one, and then changes nothing."""
    read, problems = {}, {}
    for name, value in changes.items():
        try:
            read[name] = _read(name, value)
        except ValueError as error:
            problems[name] = str(error)
    if problems:
        raise Invalid(fields=problems)
    saved, _ = Preferences.objects.update_or_create(user=user, defaults=read)
    return saved


def note_reflection(*, user: Any) -> None:
    """Remember that the account has looked at what was learned, once there was something.

    It is the last of the first steps, and nothing else records it.
    """
    if ModelArtifact.objects.exists():
        Preferences.objects.update_or_create(user=user, defaults={"has_reflected": True})


def as_dict(preferences: Preferences) -> dict[str, Any]:
    """The preferences by name."""
    return {name: getattr(preferences, name) for name in NAMES}


def zones() -> list[str]:
    """The names of time zones that a person may look for."""
    return sorted(
        name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC"
    )


def _read(name: str, value: Any) -> Any:
    if name not in NAMES:
        raise ValueError("There is no such preference.")
    if name == "decimals":
        return _decimals(value)
    if name == "shortcuts":
        return _switch(value)
    if name in COLUMNS:
        return _columns(COLUMNS[name], value)
    if name == "time_zone":
        return _zone(value)
    field = Preferences._meta.get_field(name)
    assert isinstance(field, models.CharField)
    known = [key for key, _ in field.choices or ()]
    if value not in known:
        raise ValueError(f"Must be one of {', '.join(known)}.")
    return value


def _decimals(value: Any) -> int:
    number = int(value) if isinstance(value, str) and value.isdecimal() else value
    if isinstance(number, bool) or number not in DECIMALS:
        raise ValueError(f"Must be a whole number from {DECIMALS[0]} to {DECIMALS[-1]}.")
    return int(number)


def _switch(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value not in (*ON, *OFF):
        raise ValueError("Must be on or off.")
    return value in ON


def _columns(known: Columns, value: Any) -> list[str]:
    """Keys of columns in their order; none are the usual ones."""
    if not isinstance(value, list) or not all(isinstance(key, str) for key in value):
        raise ValueError("Must be a list of names of columns.")
    try:
        return known.checked(value)
    except Invalid as error:
        raise ValueError(error.fields["cols"]) from error


def _zone(value: Any) -> str:
    if value in ("", Preferences.BROWSER_ZONE):
        return str(value)
    if not isinstance(value, str) or value not in zoneinfo.available_timezones():
        raise ValueError('Must be a name such as Europe/Vienna, "browser", or empty.')
    return value
