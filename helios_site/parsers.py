"""The JSON parser of the REST endpoints: bounded in size and depth, and strict.

Stock DRF answers 500 to 100,000 nested lists and accepts NaN and lone surrogates, which
poison every later listing (reliability.md L2, L3).
"""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32


class CarefulJSONParser(BaseParser):
    """application/json in UTF-8, at most 1 MiB and 32 levels, finite numbers only."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ParseError(f"The body is larger than {MAX_BYTES} bytes.")
        try:
            value = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is not valid JSON: {str(error)[:200]}") from error
        _check(value, MAX_DEPTH)
        return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _check(value: Any, depth: int) -> None:
    """Refuse what databases and other readers cannot hold."""
    if depth == 0:
        raise ParseError(f"The body is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise ParseError("Text may not hold NUL or lone surrogates.")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check(key, depth)
            _check(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth - 1)
