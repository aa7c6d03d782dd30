"""Free metadata as canonical JSON text, which is stored and hashed as it is.

Pure. What another reader could understand otherwise, or a database could not keep, is refused.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

MAX_BYTES = 64 * 1024  # of one entry's metadata, as canonical UTF-8
MAX_DEPTH = 16  # of nested lists and objects
MAX_EXACT_INT = 2**53  # beyond it a JSON reader that uses doubles changes the number
_MAX_ITEMS = MAX_BYTES  # a list of more items than bytes cannot fit


class Unstorable(ValueError):
    """Metadata that cannot become canonical JSON. `path` names the place within it."""

    def __init__(self, path: str, problem: str, *, too_large: bool = False) -> None:
        super().__init__(f"{path} {problem}")
        self.path = path
        self.problem = problem
        self.too_large = too_large


def plain(value: Any, *, path: str = "metadata", depth: int = 0) -> Any:
    """Return value as plain JSON data that every reader understands alike.

    Integers beyond 2**53 become strings and tuples become lists; text with a lone
    surrogate or NUL, a number that is not finite, a key that is not text, nesting deeper
    than MAX_DEPTH and any other type raise Unstorable.
    """
    if depth > MAX_DEPTH:
        raise Unstorable(path, f"is nested deeper than {MAX_DEPTH} levels.")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, int):
        return value if abs(value) <= MAX_EXACT_INT else _big(value, path)
    if isinstance(value, float):
        return _finite(value, path)
    if isinstance(value, Mapping):
        _bound(value, path)
        return {
            _key(key, path): plain(item, path=f"{path}.{key}"[:200], depth=depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        _bound(value, path)
        return [
            plain(item, path=f"{path}[{index}]"[:200], depth=depth + 1)
            for index, item in enumerate(value)
        ]
    raise Unstorable(path, f"holds a {type(value).__name__}, which is not JSON.")


def metadata_text(metadata: Mapping[str, Any]) -> str:
    """Return the canonical text of free metadata, or raise Unstorable."""
    text = _dump(plain(metadata))
    if len(text) > MAX_BYTES or len(text.encode()) > MAX_BYTES:
        problem = f"is larger than {MAX_BYTES // 1024} KiB as JSON."
        raise Unstorable("metadata", problem, too_large=True)
    return text


_encoder = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)
_dump = _encoder.encode


def _text(value: str, path: str) -> str:
    """Return value when UTF-8 and PostgreSQL can hold it."""
    if "\x00" in value:
        raise Unstorable(path, "holds a NUL character.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Unstorable(path, "holds a lone surrogate, which is not text.") from None
    return value


def _key(key: object, path: str) -> str:
    if not isinstance(key, str):
        raise Unstorable(path, f"has a key that is not text: {key!r}"[:120])
    return _text(key, path)


def _finite(value: float, path: str) -> float:
    if not math.isfinite(value):
        raise Unstorable(path, f"is {value}, which is not a finite number.")
    return float(value)


def _big(value: int, path: str) -> str:
    if value.bit_length() > 4096:
        raise Unstorable(path, "is a number of more than 1,200 digits.")
    return str(value)


def _bound(value: Mapping[Any, Any] | list[Any] | tuple[Any, ...], path: str) -> None:
    if len(value) > _MAX_ITEMS:
        raise Unstorable(path, f"holds more than {_MAX_ITEMS} items.", too_large=True)
