"""Facts about the database itself, and checking its files."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from memory import recall, services, space
from memory.filters import JournalFilter
from memory.models import Compaction


@dataclass(frozen=True)
class Facts:
    """What there is to know; times are None for what never happened."""

    vendor: str
    size_bytes: int
    free_bytes: int | None  # inside the file, to be used again; None where nobody can tell
    wal_bytes: int | None  # written but not yet moved into the file
    shrunk_at: datetime | None
    checked_at: datetime | None
    problem: str  # of the last check, "" for none
    backup_at: datetime | None
    backup_bytes: int | None


def read_facts() -> Facts:
    """Look at the database and at the journal's newest entries about it."""
    shrunk = Compaction.objects.filter(finished_at__isnull=False).order_by("-finished_at")
    check, backup = _newest("database_checked"), _newest("backup_made")
    return Facts(
        vendor={"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor],
        size_bytes=space.database_bytes(),
        free_bytes=space.free_bytes(),
        wal_bytes=_wal_bytes(),
        shrunk_at=shrunk.values_list("finished_at", flat=True).first(),
        checked_at=check.at if check else None,
        problem=check.metadata["problem"] if check else "",
        backup_at=backup.at if backup else None,
        backup_bytes=backup.metadata.get("size_bytes") if backup else None,
    )


def check_database(*, actor: str) -> str:
    """Let the database look for damage in its own files; tell the journal; the problem or ""."""
    problem = _look()
    services.append(
        event_type="database_checked",
        actor=actor,
        metadata={"problem": problem},
        level="error" if problem else None,
    )
    return problem


def _look() -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA quick_check(5)")
            lines = [row[0] for row in cursor.fetchall()]
            return "" if lines == ["ok"] else "; ".join(lines)[:1000]
        # PostgreSQL finds a page that is not what was written (checksums) when it reads it.
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = current_schema()::regnamespace"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608  its own names
        return ""


def _newest(event_type: str) -> Any:
    found = recall.newest(JournalFilter(event_types=(event_type,)), limit=1)
    return found[0] if found else None


def _wal_bytes() -> int | None:
    if connection.vendor != "sqlite":
        return None
    wal = Path(f"{connection.settings_dict['NAME']}-wal")
    return wal.stat().st_size if wal.exists() else 0
