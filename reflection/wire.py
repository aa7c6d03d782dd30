"""How a reflection is written as JSON: camelCase names, numbers finite or null."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from memory.wire import camel
from reflection.services import DrawAudit


def as_json(value: Any) -> Any:
    """A dataclass and everything in it as JSON types. Values that are not finite become null."""
    if is_dataclass(value) and not isinstance(value, type):
        shown = (item for item in fields(value) if item.repr)
        return {camel(item.name): as_json(getattr(value, item.name)) for item in shown}
    if isinstance(value, Mapping):
        # The keys of a mapping are data, such as names of models: they stay as they are.
        return {str(name): as_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.isoformat() if isinstance(value, date | datetime) else value


def audit_json(found: DrawAudit) -> dict[str, Any]:
    """An audit with its verdict in words."""
    return {"verdict": found.verdict, "isFair": found.is_fair, **as_json(found)}
