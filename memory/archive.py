"""Archive segments: ranges of the journal as Parquet files that pandas and DuckDB open.

Pure, and the only module that imports pyarrow (30 MB of memory), which is why
`memory.recall` and `memory.archiving` import it when there is an archive to read.

A file holds every entry of its range, so row i is entry first + i. Leaves and heads are
not stored: they are hashed again from the verbatim payloads, starting at `before`.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from memory import chain
from memory.chain import Head, Link
from memory.filters import JournalFilter

ROW_GROUP = 5_000
_NAMES = ("event_type", "level", "actor", "model_name")
_NAME = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("seq", pa.int64()),
        ("at", pa.timestamp("us", tz="UTC")),
        *((name, _NAME) for name in _NAMES),
        ("session_id", pa.int64()),
        ("reason", pa.string()),
        ("payload", pa.string()),
    ]
)
_NO_SESSION = -1
_QUARTER = 900_000_000  # microseconds: no time zone has days that begin within one
Mask = np.ndarray[Any, np.dtype[np.bool_]]


class BadSegment(Exception):
    """A segment file that is missing, damaged or not the one that was sealed."""


@dataclass(frozen=True)
class Sealed:
    """A segment file as it was written, and read back."""

    first: int
    last: int
    first_at: datetime  # earliest and latest time: clocks jump, so not those of the ends
    last_at: datetime
    before: bytes  # the chain's head before the first entry and after the last
    after: bytes
    sha256: str
    size_bytes: int
    facts: dict[str, list[str]]  # distinct values of the columns that are filtered on


def write_segment(path: Path, links: Iterable[Link], before: Head) -> Sealed:
    """Write links to a Parquet file, read it back and put it into place.

    Raises BadSegment when what was read back is not the chain from `before` to the last
    link. A file that is there already is replaced: writing again after a crash is safe.
    """
    part = path.with_suffix(".part")
    last = Head(before.seq, before.digest)
    with pq.ParquetWriter(part, SCHEMA, compression="zstd", compression_level=9) as writer:
        for page in _pages(links, ROW_GROUP):
            writer.write_table(_table(page), row_group_size=ROW_GROUP)
            last = Head(page[-1].seq, bytes(page[-1].head))
    _sync(part)
    sealed = _describe(part, before, last)
    part.replace(path)
    _sync(path.parent)
    return sealed


def read_links(path: Path, sha256: str, before: Head) -> Iterator[Link]:
    """Yield the entries of a segment with their hashes made again; BadSegment when damaged."""
    file = _open(path, sha256)
    digest = before.digest
    for group in range(file.num_row_groups):
        for row in _rows(file, group):
            leaf = chain.leaf_of(row["payload"])
            digest = chain.head_of(row["seq"], digest, leaf)
            yield Link(**row, leaf=leaf, head=digest)


def read_rows(path: Path, sha256: str, seqs: Sequence[int], first: int) -> list[dict[str, Any]]:
    """Return the entries with these numbers as column values; only their row groups are read."""
    file = _open(path, sha256)
    groups: dict[int, set[int]] = {}
    for seq in seqs:
        groups.setdefault((seq - first) // ROW_GROUP, set()).add(seq)
    return [
        row
        for group, wanted in sorted(groups.items())
        for row in _rows(file, group, [(seq - first) % ROW_GROUP for seq in sorted(wanted)])
    ]


def matching(
    path: Path, sha256: str, first: int, wanted: JournalFilter, fold: Callable[[str], str]
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the numbers of the entries that match, ascending.

    `fold` is how the database folds case when it looks for text.
    """
    keys = _keys(path, sha256)
    mask = _mask(keys, first, wanted)
    if wanted.words and mask.any():
        mask &= _text_mask(path, sha256, mask, [fold(text) for text in wanted.needles], fold)
    return first + np.flatnonzero(mask)


def count(
    path: Path,
    sha256: str,
    first: int,
    seqs: np.ndarray[Any, np.dtype[np.int64]],
    facet: str,
    day_of: Callable[[datetime], str],
) -> Counter[str]:
    """Count entries of a segment by the value of a facet; "day" is told by `day_of`."""
    keys = _keys(path, sha256)
    rows = seqs - first
    if facet == "day":
        quarters, numbers = np.unique(keys.at[rows] // _QUARTER, return_counts=True)
        days: Counter[str] = Counter()
        for quarter, number in zip(quarters.tolist(), numbers.tolist(), strict=True):
            days[day_of(datetime.fromtimestamp(quarter * _QUARTER / 1e6, UTC))] += number
        return days
    names, codes = keys.names[facet]
    numbers = np.bincount(codes[rows], minlength=len(names)).tolist()
    return Counter(
        {name: number for name, number in zip(names, numbers, strict=True) if number}
    )


@dataclass(frozen=True)
class _Keys:
    """The columns of a segment that filters look at, as compact arrays."""

    at: np.ndarray[Any, np.dtype[np.int64]]  # microseconds since 1970
    session_id: np.ndarray[Any, np.dtype[np.int64]]
    names: dict[str, tuple[list[str], np.ndarray[Any, Any]]]  # distinct values, codes


@lru_cache(maxsize=24)  # about 1 MB each at 50,000 entries
def _keys(path: Path, sha256: str) -> _Keys:
    table = _open(path, sha256).read(["at", "session_id", *_NAMES]).combine_chunks()
    sessions = table["session_id"].fill_null(_NO_SESSION).to_numpy()
    names = {}
    for name in _NAMES:
        column = table[name].unify_dictionaries().combine_chunks()
        column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
        codes = column.indices.to_numpy()
        small = np.uint8 if len(column.dictionary) < 256 else np.int32
        names[name] = (column.dictionary.to_pylist(), codes.astype(small))
    return _Keys(table["at"].cast(pa.int64()).to_numpy(), sessions, names)


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


def _text_mask(
    path: Path, sha256: str, mask: Mask, needles: list[str], fold: Callable[[str], str]
) -> Mask:
    """Return which of the rows in mask hold every needle in their payload."""
    file = _open(path, sha256)
    found = np.zeros(len(mask), dtype=bool)
    for group in range(file.num_row_groups):
        begin = group * ROW_GROUP
        rows = np.flatnonzero(mask[begin : begin + ROW_GROUP])
        if len(rows):
            texts = file.read_row_group(group, ["payload"])["payload"].take(pa.array(rows))
            for row, text in zip(rows.tolist(), texts.to_pylist(), strict=True):
                folded = fold(text)
                found[begin + row] = all(needle in folded for needle in needles)
    return found


def _describe(path: Path, before: Head, last: Head) -> Sealed:
    """Read a file back, check it against the chain and say what it holds."""
    sha256 = _sha256(path)
    reached = chain.verify(read_links(path, sha256, before), before)
    if reached.fault or reached.head != last:
        raise BadSegment(f"{path.name} does not read back as it was written")
    keys = _keys(path, sha256)
    return Sealed(
        first=before.seq + 1,
        last=last.seq,
        first_at=_moment(int(keys.at.min())),
        last_at=_moment(int(keys.at.max())),
        before=before.digest,
        after=last.digest,
        sha256=sha256,
        size_bytes=path.stat().st_size,
        facts={name: sorted(keys.names[name][0]) for name in _NAMES},
    )


def _open(path: Path, sha256: str) -> pq.ParquetFile:
    """Open a segment once its hash is known to be right."""
    try:
        if _sha256(path) != sha256:
            raise BadSegment(
                f"{path.name} is not the file that was sealed: its SHA-256 differs"
            )
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        raise BadSegment(f"{path.name} cannot be read: {error}") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rows(
    file: pq.ParquetFile, group: int, rows: list[int] | None = None
) -> list[dict[str, Any]]:
    """Return rows of a row group (all, or those at these places) as column values."""
    table = file.read_row_group(group)
    found: list[dict[str, Any]] = (table if rows is None else table.take(rows)).to_pylist()
    return found


def _table(links: Sequence[Link]) -> pa.Table:
    columns = {name: [getattr(link, name) for link in links] for name in SCHEMA.names}
    return pa.Table.from_pydict(columns, schema=SCHEMA)


def _pages(links: Iterable[Link], size: int) -> Iterator[list[Link]]:
    page: list[Link] = []
    for link in links:
        page.append(link)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page


def _micros(at: datetime) -> int:
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _moment(micros: int) -> datetime:
    seconds, rest = divmod(micros, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def _sync(path: Path) -> None:
    """Make a file or a folder's entries reach the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
