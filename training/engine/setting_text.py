"""Settings as a person types them: text of a form or a command line -> typed values.

`Config.parse` is strict on purpose; this is the one place that turns text into numbers.
"""

import json
from typing import Any

from training.engine.config import SETTINGS
from training.engine.setting import Setting


def read_texts(texts: dict[str, Any]) -> dict[str, Any]:
    """`{name: text or list of texts}` -> values for `Config.parse`; empty texts are left out.

    A text that is no number stays as it is, so that `Config.parse` names the field.
    """
    return {
        name: _value(SETTINGS[name], text)
        for name, text in texts.items()
        if name in SETTINGS and text not in ("", None, [])
    }


def _value(setting: Setting, text: Any) -> Any:
    if setting.kind == "integer":
        return _number(text, int)
    if setting.kind == "number":
        return _number(text, float)
    if setting.kind in ("set", "keys", "weekdays"):
        items = text.replace(",", " ").split() if isinstance(text, str) else list(text)
        return [_number(item, int) for item in items] if setting.kind == "weekdays" else items
    if setting.kind == "rows":
        return _json(text)
    return text


def _number(text: Any, kind: type) -> Any:
    """The number in a text; ASCII digits only, without the 1_000 that Python would read."""
    plain = isinstance(text, str) and text.isascii() and "_" not in text
    try:
        return kind(text) if plain else text
    except ValueError:
        return text


def _json(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text
