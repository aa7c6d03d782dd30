"""The backups that Helios keeps itself, in `backups/`: make one by the queue, list, delete."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django_q.tasks import async_task

from helios_site.backup import Backup, make_backup
from memory import services as journal
from memory.quota import require_room
from memory.refusals import NotFound

_NAME = re.compile(r"helios-[0-9]{8}-[0-9]{6}\.zip")


@dataclass(frozen=True)
class Kept:
    """A backup file that is there."""

    name: str
    size_bytes: int
    made_at: datetime


def folder() -> Path:
    """Where they are; whoever wants them safe copies them elsewhere."""
    return Path(settings.HELIOS_HOME) / "backups"


def kept_backups() -> list[Kept]:
    """Newest first."""
    files = [path for path in folder().glob("helios-*.zip") if _NAME.fullmatch(path.name)]
    return [
        Kept(path.name, path.stat().st_size, datetime.fromtimestamp(path.stat().st_mtime, UTC))
        for path in sorted(files, reverse=True)
    ]


def queue_backup(*, actor: str) -> None:
    """Let a worker make one; Full when there is no room."""
    require_room(actor=actor)
    async_task("helios_site.tasks.back_up", actor)


def back_up(*, actor: str) -> Backup:
    """Make one now."""
    folder().mkdir(mode=0o700, exist_ok=True)
    return make_backup(
        path=folder() / f"helios-{timezone.now():%Y%m%d-%H%M%S}.zip", actor=actor
    )


def find_backup(name: str) -> Path:
    """The file of a backup; NotFound for any other name."""
    path = folder() / name
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound(f"There is no backup {name[:60]}.")
    return path


def delete_backup(*, name: str, actor: str) -> int:
    """Delete a backup and tell the journal; bytes freed."""
    path = find_backup(name)
    size = path.stat().st_size
    path.unlink()
    metadata = {"file_name": name, "freed_bytes": size}
    journal.append(event_type="backup_deleted", actor=actor, metadata=metadata)
    return size
