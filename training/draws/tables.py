"""Bytes of a file -> lines of cells: encodings, line ends, delimiters, quotes and JSON."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from training.draws.json_items import read_items
from training.draws.rows import MAX_LINES, Unreadable

MAX_BYTES = 5_000_000
_OPEN = "a quotation mark is opened and not closed"
_SAVE_AS = "save it as plain text in UTF-8 (in a spreadsheet: CSV UTF-8)"


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one line, and where it begins in the file."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """`kind` is delimited, text or json. Only JSON says what its columns are called."""

    kind: str
    names: list[str] | None
    records: list[Record]


def decode(data: bytes) -> str:
    """UTF-8 text with `\\n` line ends; everything else is refused with its line."""
    if len(data) > MAX_BYTES:
        raise Unreadable(
            0,
            "file",
            f"{len(data):,} bytes are more than the {MAX_BYTES:,} that Helios reads at once",
            "a whole history has about 100,000 bytes: remove what is not a draw",
        )
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable(1, "file", "the file is UTF-16 text", _SAVE_AS)
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if data.count(b"\n") > MAX_LINES:
        reason = f"the file has more than {MAX_LINES:,} lines"
        raise Unreadable(0, "file", reason, "remove what is not a draw")
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + 1
        raise Unreadable(line, "file", "the line holds a NUL byte: this is not text", _SAVE_AS)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"byte 0x{data[error.start]:02x} is not UTF-8 text (Latin-1?)"
        raise Unreadable(line, "file", reason, _SAVE_AS) from None


def read_table(text: str) -> Table:
    """The lines of a text with their cells; empty lines are left out."""
    if re.match(r"\s*(?:\{|\[\s*[\[{\]])", text):
        names, items = read_items(text)
        table = Table("json", names, [Record(line, cells) for line, cells in items])
    elif delimiter := _delimiter(text):
        table = Table("delimited", None, list(_delimited(text, delimiter)))
    else:
        table = Table("text", None, list(_spaced(text)))
    if not table.records:
        raise Unreadable(0, "file", "the file holds no line", "choose a file with draws")
    return table


def _delimiter(text: str) -> str:
    """The separator that the first line with text has most of; "" for columns of spaces."""
    first = re.sub(r'"[^"\n]*"', "", text.lstrip().partition("\n")[0])
    best = max(",;\t", key=first.count)
    return best if first.count(best) else ""


def _delimited(text: str, delimiter: str) -> Iterator[Record]:
    reader = csv.reader(text.split("\n"), delimiter=delimiter, strict=True)
    before = 0
    try:
        for cells in reader:
            # A draw is one line: a record that goes on is a quotation mark without its twin
            if reader.line_num > before + 1:
                raise csv.Error(_OPEN)
            before = reader.line_num
            if any(cell.strip() for cell in cells):
                yield Record(before, [cell.strip() for cell in cells])
    except csv.Error as error:
        reason = _OPEN if "end of data" in str(error) else str(error)
        raise Unreadable(before + 1, "quotes", reason, "mend the quotation marks") from None


def _spaced(text: str) -> Iterator[Record]:
    """Columns of spaces, as the text file of powerball.com has them."""
    lines = ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
    for number, line in lines:
        # The header's only name of two words
        yield Record(number, re.sub(r"(?i)\bdraw(?:ing)? date\b", "Date", line).split())
