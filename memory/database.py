"""Facts about the database itself, and checking its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection
from django.db.models import Subquery

from memory import recall, services, space
from memory.filters import JournalFilter
from memory.floors import Archive
from memory.models import Compaction, JournalEntry, JournalHead

CHECK, BACKUP = "database_checked", "backup_made"


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
    entries: int  # of the journal, wherever they are


def read_facts(
    archives: Sequence[Archive], size_bytes: int | None = None, free_bytes: int | None = None
) -> Facts:
    """Look at the database and at the newest entries about it; who knows its size gives it.

    One query, where the newest entries about it are not in one of the archives.
    """
    if size_bytes is None:
        size_bytes, free_bytes = space.database_room()
    over = Compaction.objects.filter(finished_at__isnull=False).order_by("-finished_at")
    row = (
        JournalHead.objects.annotate(
            shrunk_at=Subquery(over.values("finished_at")[:1]),
            checked=_payload_of_newest(CHECK),
            backed_up=_payload_of_newest(BACKUP),
        )
        .values("seq", "shrunk_at", "checked", "backed_up")
        .first()
    ) or {"seq": 0, "shrunk_at": None, "checked": None, "backed_up": None}
    check = _newest(CHECK, row["checked"], archives)
    backup = _newest(BACKUP, row["backed_up"], archives)
    return Facts(
        vendor={"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor],
        size_bytes=size_bytes,
        free_bytes=free_bytes,
        wal_bytes=_wal_bytes(),
        shrunk_at=row["shrunk_at"],
        checked_at=check.at if check else None,
        problem=check.metadata["problem"] if check else "",
        backup_at=backup.at if backup else None,
        backup_bytes=backup.metadata.get("size_bytes") if backup else None,
        entries=row["seq"],
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


def _payload_of_newest(event_type: str) -> Subquery:
    entries = JournalEntry.objects.filter(event_type=event_type).order_by("-seq")
    return Subquery(entries.values("payload")[:1])


def _newest(
    event_type: str, payload: str | None, archives: Sequence[Archive]
) -> JournalEntry | None:
    """The newest entry of a type: the newest hot one, unless an archive may hold a newer one."""
    hot = recall.from_payload(payload) if payload else None
    held = max((one.last for one in archives if event_type in one.types), default=0)
    if held <= (hot.seq if hot else 0):
        return hot
    found = recall.newest(JournalFilter(event_types=(event_type,)), limit=1)
    return found[0] if found else None


def _wal_bytes() -> int | None:
    if connection.vendor != "sqlite":
        return None
    wal = Path(f"{connection.settings_dict['NAME']}-wal")
    return wal.stat().st_size if wal.exists() else 0
