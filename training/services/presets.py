"""Presets of a person's own: save, find, delete. Names of the built-in ones are taken."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from memory import services as journal
from memory.refusals import Invalid, NotFound
from registry.names import RULE, is_spelled_right, key_of
from training.engine.config import PRESETS, Config, ConfigError
from training.models import SavedPreset
from training.twins import changed

MOST = 50


def save_preset(*, name: str, settings: Mapping[str, Any], actor: str) -> SavedPreset:
    """Keep settings under a name; a name that is held gets the new settings.

    Raises Invalid naming the fields: the name, or what `Config.parse` refuses.
    """
    if not is_spelled_right(name) or key_of(name) in PRESETS:
        taken = f"{name} is built in; choose another name." if key_of(name) in PRESETS else RULE
        raise Invalid(fields={"preset_name": taken})
    try:
        values = changed(Config.parse(settings))
    except ConfigError as error:
        raise Invalid(fields=error.fields) from error
    with transaction.atomic():
        held = SavedPreset.objects.exclude(key=key_of(name)).count()
        if held >= MOST:
            raise Invalid(
                fields={"preset_name": f"There are {MOST} presets; delete one first."}
            )
        facts = {"name": name, "values": values, "actor": actor, "saved_at": timezone.now()}
        preset, _ = SavedPreset.objects.update_or_create(key=key_of(name), defaults=facts)
        metadata = {"preset": name, "settings": values}
        journal.append(event_type="preset_saved", actor=actor, metadata=metadata)
    return preset


def delete_preset(*, name: str, actor: str) -> None:
    """Forget a preset; sessions that began with it keep their settings. Raises NotFound."""
    with transaction.atomic():
        preset = find_preset(name)
        preset.delete()
        journal.append(
            event_type="preset_deleted",
            actor=actor,
            metadata={"preset": preset.name, "settings": preset.values},
        )


def find_preset(name: str) -> SavedPreset:
    """The saved preset of this name, or NotFound."""
    found = SavedPreset.objects.filter(key=key_of(name)).first()
    if found is None:
        raise NotFound(f"No preset is called {name[:80]}.", fields={"preset": "Unknown."})
    return found


def preset_values(name: str) -> Mapping[str, Any]:
    """The settings of a preset; none for "". Invalid names the presets there are."""
    if not name:
        return {}
    if name in PRESETS:
        return PRESETS[name].values
    found = SavedPreset.objects.filter(key=key_of(name)).first()
    if found is None:
        held = [*PRESETS, *SavedPreset.objects.values_list("name", flat=True)[:MOST]]
        raise Invalid(fields={"preset": f"Must be one of {', '.join(held)}."})
    values: dict[str, Any] = found.values
    return values
