"""Arrow columns as numpy arrays and lists, straight from their buffers. Pure.

pyarrow's own conversions import pandas and its compute module, 100 MB that a web process
does not have, and take ten times as long.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


def whole_numbers(column: pa.ChunkedArray, *, null: int) -> Ints:
    """Return an int64 or timestamp column; missing values become `null`."""
    return np.concatenate([_values(chunk, np.int64, null) for chunk in column.chunks])


def names_and_codes(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    """Return a dictionary column as its distinct values and, row by row, their places."""
    places: dict[str, int] = {}
    codes = []
    for chunk in column.chunks:
        known = [places.setdefault(name, len(places)) for name in chunk.dictionary.to_pylist()]
        codes.append(np.array(known, np.int64)[_values(chunk.indices, np.int32, 0)])
    return list(places), np.concatenate(codes)


def texts(column: pa.ChunkedArray, rows: Sequence[int] | None = None) -> list[str]:
    """Return a string column without missing values, or only these rows of its one chunk."""
    (chunk,) = column.chunks
    _, offsets, data = chunk.buffers()
    raw = data.to_pybytes() if data else b""
    ends = np.frombuffer(offsets, np.int32)[chunk.offset :].tolist()
    wanted = range(len(chunk)) if rows is None else rows
    return [raw[ends[row] : ends[row + 1]].decode() for row in wanted]


def floats(column: pa.ChunkedArray) -> Floats:
    """Return a float64 column; missing values become NaN."""
    found: Floats = np.concatenate(
        [_values(chunk, np.float64, np.nan) for chunk in column.chunks]
    )
    return found


def flags(column: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return a boolean column without missing values."""
    found = []
    for chunk in column.chunks:
        bits = np.unpackbits(np.frombuffer(chunk.buffers()[1], np.uint8), bitorder="little")
        found.append(bits[chunk.offset : chunk.offset + len(chunk)] == 1)
    return np.concatenate(found)


def binaries(column: pa.ChunkedArray) -> list[bytes | None]:
    """Return a column of bytes; missing values are None."""
    found: list[bytes | None] = []
    for chunk in column.chunks:
        _, offsets, data = chunk.buffers()
        raw = data.to_pybytes() if data else b""
        ends = np.frombuffer(offsets, np.int32)[chunk.offset :].tolist()
        there = _validity(chunk)
        found += [
            raw[ends[row] : ends[row + 1]] if there is None or there[row] else None
            for row in range(len(chunk))
        ]
    return found


def _values(array: pa.Array, kind: type, null: float) -> np.ndarray[Any, Any]:
    found: np.ndarray[Any, Any] = np.frombuffer(array.buffers()[1], kind)
    found = found[array.offset : array.offset + len(array)]
    there = _validity(array)
    return found if there is None else np.where(there, found, null)


def _validity(array: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]] | None:
    """Which values are there; None when all are."""
    if not array.null_count:
        return None
    bits = np.unpackbits(np.frombuffer(array.buffers()[0], np.uint8), bitorder="little")
    return bits[array.offset : array.offset + len(array)] == 1
