"""Look for entries in archive segments: which match a filter, how many per facet. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from memory.archive import EPOCH, NAMES, NO_SESSION, open_segment
from memory.columns import names_and_codes, texts, whole_numbers
from memory.filters import JournalFilter
from memory.words import finder

_QUARTER = 900_000_000  # microseconds: no time zone has days that begin within one
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Rows = np.ndarray[Any, np.dtype[np.int64]]


def matching(path: Path, sha256: str, first: int, wanted: JournalFilter) -> Rows:
    """Return the numbers of the entries that match, ascending."""
    keys = _keys(path, sha256)
    mask = _mask(keys, first, wanted)
    if wanted.words and mask.any():
        mask &= _text_mask(path, sha256, wanted.words)
    return first + np.flatnonzero(mask)


def count(
    path: Path, sha256: str, rows: Rows, facets: Sequence[str]
) -> Counter[tuple[str, ...]]:
    """Count rows of a segment by the values of facets."""
    keys = _keys(path, sha256)
    columns = [keys.names[facet] for facet in facets]
    shape = [len(names) for names, _ in columns]
    codes = np.ravel_multi_index(tuple(codes[rows] for _, codes in columns), shape)
    found, numbers = np.unique(codes, return_counts=True)
    places = zip(*(place.tolist() for place in np.unravel_index(found, shape)), strict=True)
    return Counter(
        {
            tuple(names[code] for (names, _), code in zip(columns, place, strict=True)): number
            for place, number in zip(places, numbers.tolist(), strict=True)
        }
    )


def quarters(path: Path, sha256: str, rows: Rows) -> Iterator[tuple[datetime, int]]:
    """Count rows of a segment by quarter of an hour."""
    at = _keys(path, sha256).at[rows]
    found, numbers = np.unique(at // _QUARTER, return_counts=True)
    for quarter, number in zip(found.tolist(), numbers.tolist(), strict=True):
        yield datetime.fromtimestamp(quarter * _QUARTER / 1e6, UTC), number


@dataclass(frozen=True)
class _Keys:
    """The columns of a segment that filters look at, as compact arrays."""

    at: np.ndarray[Any, np.dtype[np.int64]]  # microseconds since 1970
    session_id: np.ndarray[Any, np.dtype[np.int64]]
    names: dict[str, tuple[list[str], np.ndarray[Any, Any]]]  # distinct values, codes


@lru_cache(maxsize=24)  # about 1 MB each at 50,000 entries
def _keys(path: Path, sha256: str) -> _Keys:
    table = open_segment(path, sha256).read(["at", "session_id", *NAMES])
    names = {}
    for name in NAMES:
        values, codes = names_and_codes(table[name])
        names[name] = (values, codes.astype(np.uint8 if len(values) < 256 else np.int32))
    return _Keys(
        at=whole_numbers(table["at"], null=0),
        session_id=whole_numbers(table["session_id"], null=NO_SESSION),
        names=names,
    )


def _mask(keys: _Keys, first: int, wanted: JournalFilter) -> Mask:
    """Return which rows match everything but the text."""
    mask = np.ones(len(keys.at), dtype=bool)
    choices = {
        "model_name": (wanted.model_name,) if wanted.model_name else (),
        "event_type": wanted.event_types,
        "level": (wanted.level,) if wanted.level else (),
        "actor": (wanted.actor,) if wanted.actor else (),
    }
    for name, values in choices.items():
        if values:
            names, codes = keys.names[name]
            mask &= np.isin(codes, [names.index(value) for value in values if value in names])
    if wanted.session_id is not None:
        mask &= keys.session_id == wanted.session_id
    if wanted.start:
        mask &= keys.at >= _micros(wanted.start)
    if wanted.end:
        mask &= keys.at < _micros(wanted.end)
    if wanted.until is not None:
        mask[max(0, wanted.until - first + 1) :] = False
    return mask


@lru_cache(maxsize=256)  # a page asks a dozen times; 50 kB each at 50,000 entries
def _text_mask(path: Path, sha256: str, words: tuple[str, ...]) -> Mask:
    """Return which rows hold all the words."""
    file = open_segment(path, sha256)
    matches = finder(words)
    return np.array(
        [
            matches(payload)
            for group in range(file.num_row_groups)
            for payload in texts(file.read_row_group(group, ["payload"])["payload"])
        ],
        dtype=bool,
    )


def _micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)
