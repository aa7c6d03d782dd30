"""How many bytes the journal takes, and giving back what the database no longer needs."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from memory.models import JournalSegment
from memory.recall import archive_folder

_PAGES = 4_000  # given back at once: writers wait no longer than for a few megabytes


@dataclass(frozen=True)
class Kind:
    """What one kind of thing takes on disk."""

    name: str
    size_bytes: int
    files: int


# What the folders of HELIOS_HOME hold.
_FOLDERS = {"models": "weights", "checkpoints": "checkpoints", "archives": "archives"}
_LOGS = "logs"


def usage() -> list[Kind]:
    """Bytes and files by kind, largest first; the database as the server counts it."""
    sizes: dict[str, list[int]] = {"database": [database_bytes()]}
    for path, size in _files(Path(settings.HELIOS_HOME)):
        if not _is_database(path):
            sizes.setdefault(_kind_of(path), []).append(size)
    kinds = [Kind(name, sum(found), len(found)) for name, found in sizes.items()]
    return sorted(kinds, key=lambda kind: -kind.size_bytes)


def largest(count: int) -> list[tuple[str, int]]:
    """The largest files, as paths inside HELIOS_HOME with their bytes."""
    home = Path(settings.HELIOS_HOME)
    files = sorted(_files(home), key=lambda found: -found[1])[:count]
    return [(str(path.relative_to(home)), size) for path, size in files]


def orphans() -> list[str]:
    """Archive files that no segment knows, and unfinished ones."""
    known = set(JournalSegment.objects.values_list("file_name", flat=True))
    return sorted(path.name for path in archive_folder().glob("*") if path.name not in known)


def _files(folder: Path) -> Iterator[tuple[Path, int]]:
    """Every plain file below a folder with its size; links are not followed."""
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent) / name
            try:
                if path.is_file() and not path.is_symlink():
                    yield path, path.stat().st_size
            except FileNotFoundError:
                continue  # a checkpoint that was replaced meanwhile


def _is_database(path: Path) -> bool:
    """Whether a file is SQLite's, whose size the database tells itself."""
    name = str(connection.settings_dict["NAME"])
    return connection.vendor == "sqlite" and str(path).startswith(name)


def _kind_of(path: Path) -> str:
    inside = path.relative_to(settings.HELIOS_HOME).parts
    if path.suffix == ".log":
        return _LOGS
    return _FOLDERS.get(inside[0], "other") if len(inside) > 1 else "other"


def used_bytes() -> int:
    """Bytes of the database and the archives."""
    return database_bytes() + sum(path.stat().st_size for path in segment_files())


def segment_files() -> list[Path]:
    """The segment files that are there."""
    return sorted(archive_folder().glob("segment-*.parquet"))


def database_bytes() -> int:
    """Bytes of the whole database as the server counts them."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
        return _pragma("page_count") * _pragma("page_size")


def shrink() -> None:
    """Give pages that are no longer used back to the file system.

    SQLite with auto_vacuum INCREMENTAL does it piece by piece; an older database has to be
    rewritten once, which also sets it to INCREMENTAL. PostgreSQL reuses the space.
    """
    if connection.in_atomic_block:
        return  # neither database can do it inside a transaction
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM memory_journalentry")
            return
        if _pragma("auto_vacuum") != 2:
            cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
            cursor.execute("VACUUM")
        while _pragma("freelist_count"):
            cursor.execute(f"PRAGMA incremental_vacuum({_PAGES})").fetchall()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _pragma(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return int(cursor.fetchone()[0])
