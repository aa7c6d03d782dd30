"""How names and values cross the wire: camelCase outside, snake_case inside, strict types.

On the lowest floor, because the REST endpoints of every app use it.
"""

import re
from collections.abc import Mapping
from typing import Any

from memory.refusals import Invalid


def camel(name: str) -> str:
    """`learning_rate` -> `learningRate`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def snake(name: str) -> str:
    """`learningRate` -> `learning_rate`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def read_body(data: Any) -> dict[str, Any]:
    """A JSON object with its keys (also those of nested objects) in snake_case."""
    if not isinstance(data, Mapping):
        raise Invalid("The body must be a JSON object.", fields={"body": "Must be an object."})
    return {snake(str(key)): _deep(value) for key, value in data.items()}


def _deep(value: Any) -> Any:
    if isinstance(value, Mapping):
        return read_body(value)
    return [_deep(item) for item in value] if isinstance(value, list) else value


def text_field(body: Mapping[str, Any], name: str, *, required: bool = True) -> str:
    """A piece of text of the body."""
    value = body.get(name, "")
    if not isinstance(value, str) or (required and not value):
        raise Invalid(fields={name: "Must be given, as text."})
    return value


def read_count(text: str, name: str, *, low: int, high: int) -> int:
    """A whole number of the query string; digits only, so that no number is too long to read."""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high):
        raise Invalid(fields={name: f"Must be a whole number from {low} to {high}."})
    return int(text)
