"""The journal as CSV and JSON lines, page by page, so that memory stays bounded."""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

from asgiref.sync import sync_to_async

from memory.models import JournalEntry
from memory.serializers import WIRE, entry_dict

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


def safe_cell(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets a quote; numbers stay as they are."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def csv_chunks(pages: Iterable[list[JournalEntry]]) -> Iterator[str]:
    """Yield CSV text: a head line, then a chunk for each page. Metadata is one JSON cell."""
    yield _csv([list(WIRE)])
    for page in pages:
        yield _csv([[_cell(value) for value in entry_dict(entry).values()] for entry in page])


def jsonl_chunks(pages: Iterable[list[JournalEntry]]) -> Iterator[str]:
    """Yield one JSON object a line, in a chunk for each page."""
    for page in pages:
        lines = (json.dumps(entry_dict(entry), ensure_ascii=False) for entry in page)
        yield "".join(f"{line}\n" for line in lines)


async def in_threads(chunks: Iterator[str]) -> AsyncIterator[str]:
    """The same chunks for an ASGI server, which would otherwise gather them all first."""
    step = sync_to_async(lambda: next(chunks, None))
    while (chunk := await step()) is not None:
        yield chunk


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    """A value as CSV text."""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(safe_cell(value))
