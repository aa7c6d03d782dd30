"""The same start, or the same preset, as a command line and as a call of the API."""

import json
import shlex
from collections.abc import Sequence
from typing import Any

from memory.wire import camel
from training.engine.config import SETTINGS, Config


def changed(config: Config) -> dict[str, Any]:
    """The settings that differ from their defaults, as JSON types."""
    values = config.as_dict()
    usual = Config().as_dict()
    return {name: values[name] for name in SETTINGS if values[name] != usual[name]}


def command_line(
    *,
    model_name: str,
    dataset: str,
    values: dict[str, Any],
    preset: str = "",
    note: str = "",
    tags: Sequence[str] = (),
) -> str:
    """`manage.py train` with these settings."""
    words = ["python", "manage.py", "train", model_name or "NAME", "--dataset", dataset]
    if preset:
        words += ["--preset", preset]
    words += _flags(values)
    words += [f"--note={note}"] if note else []
    words += [f"--tag={tag}" for tag in tags]
    return shlex.join(words)


def api_call(
    *,
    address: str,
    model_name: str,
    dataset: str,
    values: dict[str, Any],
    preset: str = "",
    note: str = "",
    tags: Sequence[str] = (),
) -> str:
    """curl that starts the same session; `address` is this server's."""
    body = {
        "modelName": model_name or "NAME",
        "dataSource": dataset,
        **({"preset": preset} if preset else {}),
        **{camel(name): value for name, value in values.items()},
        **({"note": note} if note else {}),
        **({"tags": list(tags)} if tags else {}),
    }
    return _posted(f"{address}api/train/start", body)


def preset_line(values: dict[str, Any]) -> str:
    """`manage.py preset save` of these settings."""
    return shlex.join(["python", "manage.py", "preset", "save", "NAME", *_flags(values)])


def preset_call(address: str, values: dict[str, Any]) -> str:
    """curl that saves the same preset."""
    settings = {camel(key): value for key, value in values.items()}
    return _posted(f"{address}api/train/presets", {"name": "NAME", "settings": settings})


def _flags(values: dict[str, Any]) -> list[str]:
    return [
        word
        for name, value in values.items()
        for word in ("--" + name.replace("_", "-"), _text(value))
    ]


def _posted(address: str, body: dict[str, Any]) -> str:
    return (
        f"curl -X POST {address} \\\n"
        '  -H "Authorization: Bearer $HELIOS_TOKEN" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d {shlex.quote(json.dumps(body))}"
    )


def _text(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return json.dumps(value)
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)
