"""A list of models as a file: all rows of exactly the filter and order that a page shows."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from memory.exports import safe_cell
from registry.queries import ModelFilter, list_rows
from registry.serializers import model_dict

PAGE = 500


def rows_of(wanted: ModelFilter) -> Iterator[dict[str, Any]]:
    """Every matching model as REST tells it, read page by page."""
    found = wanted.queryset()
    while rows := list_rows(found[:PAGE]):
        yield from map(model_dict, rows)
        found = wanted.after(wanted.cursor_of(rows[-1]))


def csv_of(wanted: ModelFilter) -> str:
    """The same as CSV with one line of names; intervals are two columns each."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    head: list[str] = []
    for row in rows_of(wanted):
        flat = _flat(row)
        if not head:
            head = list(flat)
            writer.writerow(head)
        writer.writerow([_cell(flat[name]) for name in head])
    return text.getvalue()


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in row.items():
        if name.endswith("Interval"):
            low, high = value or (None, None)
            found |= {f"{name}Low": low, f"{name}High": high}
        elif name == "aliases":
            found[name] = ", ".join(f"{alias} v{number}" for alias, number in value.items())
        else:
            found[name] = ", ".join(value) if name == "tags" else value
    return found


def _cell(value: Any) -> str:
    """A value as CSV text."""
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else str(safe_cell(value))
