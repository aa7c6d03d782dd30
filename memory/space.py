"""How many bytes each kind of thing takes, what is large, and giving back what is free."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from memory import floors, services
from memory.floors import Archive, Belonging
from memory.models import StorageSample
from memory.recall import archive_folder

_PAGES = 4_000  # given back at once: writers wait no longer than for a few megabytes
_OLD = 3600  # seconds: a younger file may be about to be known
# What the folders of HELIOS_HOME hold; what is in none of them is "other".
# More than 16 MB, and more than 4 kB for each row that is left.
_IS_HOLLOW = """
    SELECT pg_table_size(oid) > greatest(16e6, 4e3 * reltuples)
    FROM pg_class WHERE oid = to_regclass(%s)
"""
_SQLITE_ROOM = """
    SELECT page_count * page_size, freelist_count * page_size
    FROM pragma_page_count, pragma_page_size, pragma_freelist_count
"""
_FOLDERS = {
    "models": "weights",
    "checkpoints": "checkpoints",
    "archives": "archives",
    "backups": "backups",
}


@dataclass(frozen=True)
class Kind:
    """What one kind of thing takes on disk; `files` is 0 for what is in the database."""

    name: str
    size_bytes: int
    files: int


@dataclass(frozen=True)
class Large:
    """A large file, and whose it is when somebody knows."""

    path: str  # inside HELIOS_HOME
    size_bytes: int
    belonging: Belonging | None


@dataclass(frozen=True)
class Orphan:
    """A file that nobody knows."""

    path: str  # inside HELIOS_HOME
    size_bytes: int
    removable: bool  # old enough not to be somebody's in a moment


Files = Mapping[str, int]  # bytes by path inside HELIOS_HOME


def look_at_files() -> dict[str, int]:
    """Every plain file of HELIOS_HOME, SQLite's among them."""
    return dict(_files())


def used(files: Files | None = None, database: int | None = None) -> int:
    """Bytes of HELIOS_HOME and of the database, as the server counts it; who has looked gives
    what was seen."""
    seen = look_at_files() if files is None else files
    held = database_bytes() if database is None else database
    return held + sum(size for path, size in seen.items() if not is_database(path))


def usage(files: Files, database: int, tables: Mapping[str, int]) -> list[Kind]:
    """Bytes and files by kind, largest first; `tables` as they were last measured."""
    known = {name: tables[name] for name in tables if name != "other"}
    rest = max(0, database - sum(known.values()))
    kinds = [Kind(name, size, 0) for name, size in (known | {"database": rest}).items()]
    sizes: dict[str, list[int]] = {}
    for path, size in files.items():
        if not is_database(path):
            sizes.setdefault(_kind_of(path), []).append(size)
    kinds += [Kind(name, sum(found), len(found)) for name, found in sizes.items()]
    return sorted(kinds, key=lambda kind: -kind.size_bytes)


def measure() -> dict[str, int]:
    """Bytes of each part's tables with their indexes, remembered for the day.

    SQLite looks at each page of its file: a second for half a gigabyte.
    """
    tables = _table_bytes()
    kinds = {
        part.name: sum(size for name, size in tables.items() if name.startswith(part.tables))
        for part in floors.PARTS.values()
    }
    StorageSample.objects.update_or_create(
        day=timezone.localdate(), defaults={"used_bytes": used(), "kinds": kinds}
    )
    return kinds


def largest(files: Files, count: int) -> list[tuple[str, int]]:
    """The largest files, with their bytes."""
    return sorted(files.items(), key=lambda file: -file[1])[:count]


def archives() -> list[Archive]:
    """The archives of every part, oldest first in each."""
    return [one for part in floors.PARTS.values() for one in part.archives()]


def orphans(known: Iterable[Archive], strange: Iterable[Path]) -> list[Orphan]:
    """Files of the archives that are not among the known ones, and those the floors above name."""
    names = {one.file_name for one in known}
    found = [path for path in archive_folder().glob("*") if path.name not in names]
    return [orphan for path in sorted([*found, *strange]) if (orphan := _orphan(path))]


def _orphan(path: Path) -> Orphan | None:
    try:
        about = path.lstat()
    except FileNotFoundError:
        return None
    inside = str(path.relative_to(settings.HELIOS_HOME))
    return Orphan(inside, about.st_size, time.time() - about.st_mtime > _OLD)


def missing(known: Iterable[Archive]) -> list[str]:
    """Archives whose file is not there."""
    names = (one.file_name for one in known)
    return [name for name in names if not (archive_folder() / name).exists()]


def remove_orphans(*, actor: str) -> int:
    """Delete the removable orphans and tell the journal; bytes freed."""
    freed = 0
    names = []
    for orphan in orphans(archives(), floors.ask_keepers(()).orphans):
        if orphan.removable:
            (Path(settings.HELIOS_HOME) / orphan.path).unlink(missing_ok=True)
            freed += orphan.size_bytes
            names.append(orphan.path)
    if names:
        metadata = {"files": len(names), "freed_bytes": freed, "names": names[:100]}
        services.append(event_type="orphans_removed", actor=actor, metadata=metadata)
    return freed


def _files(folder: str = "") -> Iterator[tuple[str, int]]:
    """Every plain file of HELIOS_HOME with its size; links are not followed."""
    home = str(settings.HELIOS_HOME)
    try:
        with os.scandir(os.path.join(home, folder)) as found:  # noqa: PTH118  ten times Path's speed
            entries = list(found)
    except FileNotFoundError:
        return
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _files(path)
        elif entry.is_file(follow_symlinks=False):
            try:
                yield path, entry.stat(follow_symlinks=False).st_size
            except FileNotFoundError:
                continue  # a checkpoint that was replaced meanwhile


def is_database(path: str) -> bool:
    """Whether a file is SQLite's, whose size the database tells itself."""
    name = str(connection.settings_dict["NAME"])
    return connection.vendor == "sqlite" and f"{settings.HELIOS_HOME}/{path}".startswith(name)


def _kind_of(path: str) -> str:
    folder, slash, _ = path.partition("/")
    if path.endswith(".log"):
        return "logs"
    return _FOLDERS.get(folder, "other") if slash else "other"


def used_bytes() -> int:
    """Bytes of the database and the archives."""
    return database_bytes() + sum(path.stat().st_size for path in archive_files())


def archive_files() -> list[Path]:
    """The archive files that are there."""
    return sorted(archive_folder().glob("*.parquet"))


def database_bytes() -> int:
    """Bytes of the whole database as the server counts them."""
    return database_room()[0]


def database_room() -> tuple[int, int | None]:
    """The same, and those inside SQLite's file that nothing uses; PostgreSQL does not tell."""
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute(
            _SQLITE_ROOM if sqlite else "SELECT pg_database_size(current_database())"
        )
        whole, *free = cursor.fetchone()
    return int(whole), int(free[0]) if free else None


def _table_bytes() -> dict[str, int]:
    """Bytes of each table and index by name; nothing where SQLite was built without dbstat."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname, pg_total_relation_size(oid) FROM pg_class "
                "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
            )
            return dict(cursor.fetchall())
        cursor.execute("SELECT name, tbl_name FROM sqlite_master")
        table_of = dict(cursor.fetchall())
        cursor.execute("SELECT 1 FROM pragma_module_list WHERE name = 'dbstat'")
        if cursor.fetchone() is None:
            return {}
        cursor.execute("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE")
        sizes: dict[str, int] = {}
        for name, size in cursor.fetchall():
            table = table_of.get(name, name)
            sizes[table] = sizes.get(table, 0) + size
        return sizes


def shrink() -> None:
    """Give pages that are no longer used back to the file system.

    SQLite with auto_vacuum INCREMENTAL does it piece by piece; an older database has to be
    rewritten once, which also sets it to INCREMENTAL. PostgreSQL reuses the space; a table that
    is almost empty is rewritten, which takes a moment in which nobody reads it.
    """
    if connection.in_atomic_block:
        return  # neither database can do it inside a transaction
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in [name for part in floors.PARTS.values() for name in part.tables]:
                cursor.execute(f"VACUUM {table}")
                cursor.execute(_IS_HOLLOW, [table])
                if cursor.fetchone()[0]:
                    cursor.execute(f"VACUUM FULL {table}")
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
