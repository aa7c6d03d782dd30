"""Socrata's JSON exports -> names and lines of cells.

The API answers with a list of objects; "Download JSON" gives
`{"meta": {"view": {"columns": [...]}}, "data": [[...], ...]}`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from training.draws.rows import MAX_LINES, Unreadable

_EXPORT_AGAIN = "export it again as JSON or CSV"
_GAP = re.compile(r"[\s,]*")


def read_items(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Column names, and for every draw the line where it begins and its cells as text."""
    try:
        names, start = _columns(text)
        items = list(_items(text, start))
    except json.JSONDecodeError as error:
        reason = f"this is not well-formed JSON: {error.msg}"
        raise Unreadable(error.lineno, "file", reason, _EXPORT_AGAIN) from None
    except ValueError:  # Python reads no number of more than 4,300 digits
        reason = "a number in this JSON is longer than any of a draw"
        raise Unreadable(1, "file", reason, _EXPORT_AGAIN) from None
    except RecursionError:
        reason = "the JSON is nested too deeply to be a draw history"
        raise Unreadable(1, "file", reason, _EXPORT_AGAIN) from None
    if not names:
        names = list(
            dict.fromkeys(key for _, item in items if type(item) is dict for key in item)
        )
    return names, [(line, _cells(item, names, line)) for line, item in items]


def _columns(text: str) -> tuple[list[str], int]:
    """The names that the file itself gives, and where its list of draws begins."""
    if text.lstrip().startswith("["):
        return [], text.index("[")
    lists = [match.end() - 1 for match in re.finditer(r'"data"\s*:\s*\[', text)]
    content = json.loads(text)
    try:
        names = [column["name"] for column in content["meta"]["view"]["columns"]]
        return [str(name) for name in names], lists[-1]
    except (KeyError, TypeError, IndexError):
        raise Unreadable(1, "file", "this JSON holds no list of draws", _EXPORT_AGAIN) from None


def _items(text: str, start: int) -> list[tuple[int, Any]]:
    """The items of the list that opens at `start`, each with its line."""
    decoder = json.JSONDecoder()
    found: list[tuple[int, Any]] = []
    place, line, counted = start + 1, 1, 0
    while True:
        place = _GAP.match(text, place).end()  # type: ignore[union-attr]  # matches "" too
        if text[place : place + 1] == "]":
            return found
        line += text.count("\n", counted, place)
        counted = place
        item, place = decoder.raw_decode(text, place)
        found.append((line, item))
        if len(found) > MAX_LINES:
            reason = f"the file has more than {MAX_LINES:,} rows"
            raise Unreadable(line, "file", reason, "remove what is not a draw")


def _cells(item: Any, names: list[str], line: int) -> list[str]:
    if isinstance(item, dict):
        item = [item.get(name) for name in names]
    if not isinstance(item, list):
        raise Unreadable(line, "file", "this item is not a draw", _EXPORT_AGAIN)
    return ["" if value is None else str(value).strip() for value in item]
