"""Arrow columns as numpy arrays and lists, straight from their buffers. Pure.

pyarrow's own conversions import pandas and its compute module, 100 MB that a web process
does not have, and take ten times as long.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

Ints = np.ndarray[Any, np.dtype[np.int64]]


def whole_numbers(column: pa.ChunkedArray, *, null: int) -> Ints:
    """Return an int64 or timestamp column; missing values become `null`."""
    return np.concatenate([_ints(chunk, np.int64, null) for chunk in column.chunks])


def names_and_codes(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    """Return a dictionary column as its distinct values and, row by row, their places."""
    places: dict[str, int] = {}
    codes = []
    for chunk in column.chunks:
        known = [places.setdefault(name, len(places)) for name in chunk.dictionary.to_pylist()]
        codes.append(np.array(known, np.int64)[_ints(chunk.indices, np.int32, 0)])
    return list(places), np.concatenate(codes)


def texts(column: pa.ChunkedArray, rows: Sequence[int] | None = None) -> list[str]:
    """Return a string column without missing values, or only these rows of its one chunk."""
    (chunk,) = column.chunks
    _, offsets, data = chunk.buffers()
    raw = data.to_pybytes() if data else b""
    ends = np.frombuffer(offsets, np.int32)[chunk.offset :].tolist()
    wanted = range(len(chunk)) if rows is None else rows
    return [raw[ends[row] : ends[row + 1]].decode() for row in wanted]


def _ints(array: pa.Array, kind: type, null: int) -> np.ndarray[Any, Any]:
    validity, values = array.buffers()[:2]
    begin, end = array.offset, array.offset + len(array)
    found: np.ndarray[Any, Any] = np.frombuffer(values, kind)[begin:end]
    if array.null_count:
        bits = np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")
        found = np.where(bits[begin:end] == 1, found, null)
    return found
