"""Archive segments: ranges of the journal as Parquet files that pandas and DuckDB open.

Pure. It imports pyarrow (30 MB of memory), which is why `memory.recall` and
`memory.archiving` import it only when there is an archive to read or to write.

A file holds every entry of its range, so row i is entry first + i. Leaves and heads are
not stored: they are hashed again from the verbatim payloads, starting at `before`.
"""

import hashlib
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from memory import chain
from memory.chain import Head, Link
from memory.columns import names_and_codes, texts, whole_numbers

pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own holds on to 20 MB more
ROW_GROUP = 5_000
_LEAF = 32  # bytes
_LEVEL = 7  # of zstd: 9 makes files 1.6 % smaller, and takes 3 MiB more to do so
NAMES = ("event_type", "level", "actor", "model_name")
_NAME = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("seq", pa.int64()),
        ("at", pa.timestamp("us", tz="UTC")),
        *((name, _NAME) for name in NAMES),
        ("session_id", pa.int64()),
        ("reason", pa.string()),
        ("payload", pa.string()),
    ]
)
NO_SESSION = -1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Rest = ParamSpec("Rest")
Written = TypeVar("Written")


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


@dataclass(frozen=True)
class Leaves:
    """A file of hashes as it was written."""

    sha256: str
    size_bytes: int


def or_nothing(
    write: Callable[Concatenate[Path, Rest], Written],
) -> Callable[Concatenate[Path, Rest], Written]:
    """Let a writer that fails leave no half of a file: on a full disk it would stay full."""

    @wraps(write)
    def written(path: Path, *rest: Rest.args, **named: Rest.kwargs) -> Written:
        try:
            return write(path, *rest, **named)
        except BaseException:
            path.with_suffix(".part").unlink(missing_ok=True)
            raise

    return written


@or_nothing
def write_segment(path: Path, links: Iterable[Link], before: Head) -> Sealed:
    """Write links to a Parquet file, read it back and put it into place.

    Raises BadSegment when what was read back is not the chain from `before` to the last
    link. A file that is there already is replaced: writing again after a crash is safe.
    """
    part = path.with_suffix(".part")
    last = Head(before.seq, before.digest)
    with pq.ParquetWriter(part, SCHEMA, compression="zstd", compression_level=_LEVEL) as writer:
        for page in _pages(links, ROW_GROUP):
            writer.write_table(_table(page), row_group_size=ROW_GROUP)
            last = Head(page[-1].seq, bytes(page[-1].head or b""))
    sync(part)
    sealed = _describe(part, before, last)
    part.replace(path)
    sync(path.parent)
    return sealed


def read_links(path: Path, sha256: str, before: Head) -> Iterator[Link]:
    """Yield the entries of a segment with their hashes made again; BadSegment when damaged."""
    return chain.hashed(itertools.chain.from_iterable(read_pages(path, sha256)), before)


def read_pages(path: Path, sha256: str) -> Iterator[list[Link]]:
    """Yield the entries without hashes, in pages."""
    file = open_segment(path, sha256)
    for group in range(file.num_row_groups):
        columns = _columns(file.read_row_group(group))
        unknown = [None] * len(columns[0])
        yield from chain.pages(zip(*columns, unknown, unknown, strict=True))


@or_nothing
def write_leaves(path: Path, links: Iterable[Link]) -> Leaves:
    """Write the hashes of entries, 32 bytes each, and put the file into place."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        for link in links:
            file.write(link.leaf or b"")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync(path.parent)
    return Leaves(file_sha256(path), path.stat().st_size)


def read_leaves(path: Path, sha256: str, first: int) -> Iterator[list[Link]]:
    """Yield the entries of a segment whose texts were deleted: numbers and leaves only."""
    _check(path, sha256)
    raw = path.read_bytes()
    leaves = [raw[place : place + _LEAF] for place in range(0, len(raw), _LEAF)]
    yield [
        Link(seq, "", "", "", "", "", None, "", None, leaf, None)
        for seq, leaf in enumerate(leaves, first)
    ]


def read_payloads(path: Path, sha256: str, seqs: Sequence[int], first: int) -> list[str]:
    """Return the payloads of the entries with these numbers; they hold every column as well.

    Only this column is read, and only in the row groups that hold one of the entries.
    """
    file = open_segment(path, sha256)
    groups: dict[int, set[int]] = {}
    for seq in seqs:
        groups.setdefault((seq - first) // ROW_GROUP, set()).add((seq - first) % ROW_GROUP)
    return [
        text
        for group, rows in sorted(groups.items())
        for text in texts(file.read_row_group(group, ["payload"])["payload"], sorted(rows))
    ]


def _describe(path: Path, before: Head, last: Head) -> Sealed:
    """Read a file back, check it against the chain and say what it holds."""
    sha256 = file_sha256(path)
    reached = before
    for link in read_links(path, sha256, before):
        if link.seq != reached.seq + 1 or not chain.fits(link):
            break
        reached = Head(link.seq, link.head or b"")
    if reached != last:
        raise BadSegment(f"{path.name} does not read back as it was written")
    table = open_segment(path, sha256).read(["at", *NAMES])
    times = whole_numbers(table["at"], null=0)
    return Sealed(
        first=before.seq + 1,
        last=last.seq,
        first_at=_moment(int(times.min())),
        last_at=_moment(int(times.max())),
        before=before.digest,
        after=last.digest,
        sha256=sha256,
        size_bytes=path.stat().st_size,
        facts={name: sorted(names_and_codes(table[name])[0]) for name in NAMES},
    )


def open_segment(path: Path, sha256: str) -> pq.ParquetFile:
    """Open a segment once its hash is known to be right."""
    _check(path, sha256)
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        raise BadSegment(f"{path.name} cannot be read: {error}") from error


def _check(path: Path, sha256: str) -> None:
    try:
        same = file_sha256(path) == sha256
    except OSError as error:
        raise BadSegment(f"{path.name} cannot be read: {error}") from error
    if not same:
        raise BadSegment(f"{path.name} is not the file that was sealed: its SHA-256 differs")


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _columns(table: pa.Table) -> list[list[Any]]:
    """Return the columns of a row group in the schema's order."""
    found: dict[str, list[Any]] = {
        "seq": whole_numbers(table["seq"], null=0).tolist(),
        "reason": texts(table["reason"]),
        "payload": texts(table["payload"]),
    }
    times = whole_numbers(table["at"], null=0).view("datetime64[us]")
    found["at"] = [f"{text}Z" for text in np.datetime_as_string(times).tolist()]
    sessions = whole_numbers(table["session_id"], null=NO_SESSION).tolist()
    found["session_id"] = [None if one == NO_SESSION else one for one in sessions]
    for name in NAMES:
        names, codes = names_and_codes(table[name])
        found[name] = [names[code] for code in codes.tolist()]
    return [found[name] for name in SCHEMA.names]


def _table(links: Sequence[Link]) -> pa.Table:
    columns: dict[str, Any] = {
        name: [getattr(link, name) for link in links] for name in SCHEMA.names
    }
    # all end with the Z of UTC, which numpy does not read
    columns["at"] = np.array([text[:-1] for text in columns["at"]], "datetime64[us]")
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


def _moment(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def sync(path: Path) -> None:
    """Make a file or a folder's entries reach the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
