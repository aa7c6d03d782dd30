"""Archived epochs: Parquet files that pandas and DuckDB open, many sessions in one.

Pure. Imports pyarrow, so it is imported itself only when there is a file to read or to write
(`training.histories`). What is noise is stored as it is, bit by bit, and what is not costs
nothing: validation bits are `chance_bits - gain` wherever that gives the very same number.
`seconds` are kept to the microsecond.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from memory.archive import BadSegment, file_sha256, open_segment, or_nothing, sync
from memory.columns import binaries, flags, floats, whole_numbers

ROW_GROUP = 20_000  # epochs that are read to have one
MICROS = 1_000_000
Column = np.ndarray[Any, np.dtype[Any]]
_EXACT = ("train_bits", "gain", "learning_rate", "grad_norm")
_WIDE = (*_EXACT, "chance_bits", "val_bits")
_NARROW = ("session_id", "id", "number", "seconds", "at", "memory_bytes")
SCHEMA = pa.schema(
    [
        ("session_id", pa.int64()),
        ("id", pa.int64()),
        ("number", pa.int64()),
        *((name, pa.float64()) for name in _WIDE),
        ("seconds", pa.duration("us")),
        ("best", pa.bool_()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("rows", pa.binary()),
        ("hits", pa.float64()),  # files of before they were measured have neither
        ("memory_bytes", pa.int64()),
    ],
    metadata={
        "units": "bits per draw; gain over chance; val_bits = chance_bits - gain where null; "
        "hits: white balls per validation draw; memory_bytes: 0 where not measured; "
        "rows: float32 (models, 4) of train bits, val bits, gain, gradient norm"
    },
)
_OPTIONS = {
    "compression": "zstd",
    "compression_level": 9,
    "use_dictionary": False,
    "write_statistics": False,
    "column_encoding": {
        **dict.fromkeys(_WIDE, "BYTE_STREAM_SPLIT"),
        **dict.fromkeys(_NARROW, "DELTA_BINARY_PACKED"),
    },
}


@dataclass(frozen=True)
class Epochs:
    """All epochs of one session as columns, oldest first; `at` in microseconds since 1970."""

    session_id: int
    columns: dict[str, Column]  # of the names of `training.models.Epoch`
    rows: list[bytes | None]

    def __len__(self) -> int:
        return len(self.columns["number"])

    @property
    def digest(self) -> str:
        """SHA-256 over every value."""
        hashed = hashlib.sha256(str(self.session_id).encode())
        for name in sorted(self.columns):
            hashed.update(np.ascontiguousarray(self.columns[name]).tobytes())
        for row in self.rows:
            hashed.update(b"-" if row is None else row)
        return hashed.hexdigest()


@dataclass(frozen=True)
class Written:
    """A file as it was written, and read back."""

    sha256: str
    size_bytes: int
    rows: int
    places: dict[int, tuple[int, int]]  # session -> its first row and how many
    digests: dict[int, str]


@or_nothing
def write_epochs(part: Path, sessions: Iterable[Epochs]) -> Written:
    """Write sessions to a file and read it back; BadSegment when that is not the same.

    The caller gives the file its name.
    """
    places, digests, row = {}, {}, 0
    with pq.ParquetWriter(part, SCHEMA, **_OPTIONS) as writer:
        for page in _pages(sessions):
            for one in page:
                places[one.session_id] = (row, len(one))
                digests[one.session_id] = one.digest
                row += len(one)
            table = pa.concat_tables([_table(one) for one in page])
            writer.write_table(table, row_group_size=len(table))
    sync(part)
    sha256 = file_sha256(part)
    for session, (first, count) in places.items():
        if read_epochs(part, sha256, session, first, count).digest != digests[session]:
            raise BadSegment(f"{part.name} does not read back as it was written")
    return Written(sha256, part.stat().st_size, row, places, digests)


def read_epochs(path: Path, sha256: str, session: int, first: int, count: int) -> Epochs:
    """Return the epochs of a session that begin at row `first`; BadSegment when damaged."""
    file = open_segment(path, sha256)
    begin, tables = 0, []
    for group in range(file.num_row_groups):
        size = file.metadata.row_group(group).num_rows
        low, high = max(first, begin), min(first + count, begin + size)
        if low < high:
            tables.append(file.read_row_group(group).slice(low - begin, high - low))
        begin += size
    if not tables:
        raise BadSegment(f"{path.name} does not hold row {first}")
    return _epochs(session, pa.concat_tables(tables))


def _pages(sessions: Iterable[Epochs]) -> Iterator[list[Epochs]]:
    page: list[Epochs] = []
    for one in sessions:
        page.append(one)
        if sum(map(len, page)) >= ROW_GROUP:
            yield page
            page = []
    if page:
        yield page


def _table(one: Epochs) -> pa.Table:
    found = one.columns
    chance, derived = _chance(found["val_bits"], found["gain"])
    columns = {
        **{
            name: found[name]
            for name in (*_EXACT, "id", "number", "best", "at", "memory_bytes")
        },
        "session_id": np.full(len(one), one.session_id),
        "seconds": to_micros(found["seconds"]),
        "chance_bits": chance,
    }
    arrays = {name: pa.array(values) for name, values in columns.items()}
    arrays["val_bits"] = pa.array(found["val_bits"], mask=derived)
    arrays["rows"] = pa.array(one.rows, pa.binary())
    arrays["hits"] = pa.array(found["hits"], mask=np.isnan(found["hits"]))
    return pa.table([arrays[f.name].cast(f.type) for f in SCHEMA], schema=SCHEMA)


def _chance(val: Column, gain: Column) -> tuple[Column, Column]:
    """Bits of a fair drum, one number for all epochs where it gives back every validation bit,
    and for which epochs it does."""
    sums = val + gain
    one = np.full(len(sums), np.median(sums))
    chance = one if (one - gain == val).all() else sums
    return chance, chance - gain == val


def to_micros(seconds: Column) -> Column:
    """Seconds as whole microseconds."""
    return np.rint(seconds * MICROS).astype(np.int64)


def _epochs(session: int, table: pa.Table) -> Epochs:
    columns: dict[str, Column] = {
        name: floats(table[name]) for name in (*_EXACT, "chance_bits", "val_bits")
    }
    chance = columns.pop("chance_bits")
    missing = np.isnan(columns["val_bits"])
    columns["val_bits"] = np.where(missing, chance - columns["gain"], columns["val_bits"])
    columns |= {name: whole_numbers(table[name], null=0) for name in ("id", "number", "at")}
    columns["seconds"] = whole_numbers(table["seconds"], null=0) / MICROS
    columns["best"] = flags(table["best"])
    if "hits" in table.column_names:  # the digest of an older file is over what it has
        columns["hits"] = floats(table["hits"])
        columns["memory_bytes"] = whole_numbers(table["memory_bytes"], null=0)
    return Epochs(session, columns, binaries(table["rows"]))
