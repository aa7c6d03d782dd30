"""How many bytes the journal takes, and giving back what the database no longer needs."""

from pathlib import Path

from django.db import connection

from memory.recall import archive_folder

_PAGES = 4_000  # given back at once: writers wait no longer than for a few megabytes


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
