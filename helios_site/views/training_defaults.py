"""What the tab Training defaults shows: how the Train form begins, and presets of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from training.engine.config import PRESETS, SETTINGS
from training.engine.setting import Setting
from training.engine.setting_text import read_texts
from training.forms import GROUPS, as_text, label_of
from training.models import Dataset, SavedPreset
from training.services.defaults import OFFERED, defaults_of


@dataclass(frozen=True, slots=True)
class Choice:
    """A setting that can have a default: what is typed, and what is wrong with it."""

    setting: Setting
    text: str
    error: str


@dataclass(frozen=True, slots=True)
class Held:
    """A preset of one's own, with what it changes in words."""

    preset: SavedPreset
    words: str


def shown(
    request: HttpRequest,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The tab's context: as saved, or as it was typed with what is wrong."""
    wrong, held = problems or {}, defaults_of(request.user)
    if typed is None:
        texts = {name: str(as_text(value)) for name, value in held.values.items()}
        typed = {"preset": held.preset, "dataset": held.dataset, **texts}
    return {
        "typed": typed,
        "groups": [_group(key, typed, wrong) for key in GROUPS],
        "built_in": PRESETS.values(),
        "own": [Held(one, _words(one.values)) for one in SavedPreset.objects.all()],
        "datasets": Dataset.objects.filter(draw_count__gt=0),
        "complaints": [(label_of(name), f"#id_{name}", text) for name, text in wrong.items()],
        "wrong": wrong,
        "is_set": bool(held.preset or held.dataset or held.values),
    }


def sent(post: Mapping[str, str]) -> dict[str, Any]:
    """The form as `save_defaults` takes it; an empty field leaves it to the preset."""
    texts = {name: post.get(name, "").strip() for name in OFFERED}
    return {
        "preset": post.get("preset", ""),
        "dataset": post.get("dataset", ""),
        "settings": read_texts(texts),
    }


def _group(
    key: str, typed: Mapping[str, str], wrong: Mapping[str, str]
) -> tuple[str, list[Choice], bool]:
    """A group's title, its settings, and whether it has to be open."""
    fields = [
        Choice(SETTINGS[name], typed.get(name, ""), wrong.get(name, ""))
        for name in OFFERED
        if SETTINGS[name].group == key
    ]
    in_use = any(field.text or field.error for field in fields)
    return GROUPS[key][0], fields, key == "basic" or in_use


def _words(values: Mapping[str, Any]) -> str:
    """What a preset changes: `Epochs 9, Window 7`."""
    return (
        ", ".join(f"{label_of(name)} {_plain(value)}" for name, value in values.items())
        or "the defaults"
    )


def _plain(value: Any) -> str:
    text = as_text(value)
    return " + ".join(text) if isinstance(text, list) else text
