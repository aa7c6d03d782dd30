"""What an account's Train form begins with: read, change, forget.

They are a person's, for the form alone: REST and commands start what they are told.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User

from memory.refusals import Invalid
from training.engine.config import SETTINGS, Config, ConfigError
from training.models import Dataset, TrainingDefaults
from training.services.presets import preset_values

OFFERED = tuple(
    name
    for name, setting in SETTINGS.items()
    if setting.kind in ("integer", "number", "choice")
)


def defaults_of(user: Any) -> TrainingDefaults:
    """The account's defaults; empty ones where nothing was chosen."""
    found = TrainingDefaults.objects.filter(pk=user.pk).first()
    return found or TrainingDefaults(user_id=user.pk)


def as_dict(defaults: TrainingDefaults) -> dict[str, Any]:
    """The defaults as `save_defaults` takes them."""
    return {
        "preset": defaults.preset,
        "dataset": defaults.dataset,
        "settings": dict(defaults.values),
    }


def save_defaults(
    *, user: User, preset: str, dataset: str, settings: Mapping[str, Any]
) -> TrainingDefaults:
    """Keep what the form begins with; `settings` stand over those of the preset.

    Raises Invalid naming the fields: an unknown preset or dataset, or what `Config.parse`
    refuses of the two together.
    """
    problems = {
        name: "Cannot have a default; save a preset instead."
        for name in settings
        if name not in OFFERED
    }
    if dataset and not Dataset.objects.filter(name=dataset).exists():
        problems["data_source"] = "There is no such dataset."
    try:
        base = preset_values(preset)
        Config.parse({**base, **{name: settings[name] for name in settings if name in OFFERED}})
    except (Invalid, ConfigError) as error:
        problems |= error.fields
    if problems:
        raise Invalid(fields=problems)
    chosen = {"preset": preset, "dataset": dataset, "values": dict(settings)}
    saved, _ = TrainingDefaults.objects.update_or_create(user=user, defaults=chosen)
    return saved


def forget_defaults(*, user: User) -> None:
    """Begin as usual again."""
    TrainingDefaults.objects.filter(user=user).delete()
