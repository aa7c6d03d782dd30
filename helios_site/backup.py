"""Backups: one zip file with the database, the models, the archives and the checkpoints.

Made while Helios works. Files are linked aside just before and after the database is
copied, so that whatever the copy names is there; `restore.py` is the way back.
"""

import hashlib
import json
import os
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from memory import chain
from memory import services as journal
from memory.models import JournalHead
from memory.refusals import Conflict, Full, Invalid

FORMAT = 1
MANIFEST = "manifest.json"
FOLDERS = ("models", "archives", "checkpoints")
DATABASES = {"sqlite": "helios.sqlite3", "postgresql": "database.dump"}
# Rows that a backup does not hold: the queue's are code to execute, the others are of the
# moment. Tables that are not there are passed over.
LEFT_OUT = ("django_q_ormq", "django_q_task", "django_q_schedule", "django_session")


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: `files` maps a member's name to its size and SHA-256."""

    format: int
    made_at: str
    vendor: str
    migrations: list[str]
    journal_seq: int
    journal_head: str
    files: dict[str, tuple[int, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Backup:
    """A finished backup file."""

    path: Path
    size_bytes: int
    sha256: str
    manifest: Manifest


def make_backup(*, path: Path, actor: str = "system") -> Backup:
    """Write a backup and tell the journal; Conflict when the file is there already."""
    if path.exists():
        raise Conflict(f"{path} is there already; choose another name.")
    if not path.parent.is_dir():
        raise Invalid(fields={"file": f"There is no folder {path.parent}."})
    home = Path(settings.HELIOS_HOME)
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=home) as staging:
            manifest = _gather(home, Path(staging))
            _pack(Path(staging), manifest, path)
    except OSError as error:
        raise Full(f"The backup was not written: {error}") from error
    made = Backup(path, path.stat().st_size, sha256_of(path), manifest)
    journal.append(
        event_type="backup_made",
        actor=actor,
        metadata={"file_name": path.name, "size_bytes": made.size_bytes, "sha256": made.sha256},
    )
    return made


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def scrub(path: Path) -> None:
    """Empty the tables of a SQLite file that a backup leaves out."""
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        there = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
        for table in LEFT_OUT:
            if table in there:
                copy.execute(f"DELETE FROM {table}")  # noqa: S608  our own names
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.execute("VACUUM")


def _gather(home: Path, staging: Path) -> Manifest:
    """Put everything the backup holds into a folder of its own, and describe it."""
    _link(home, staging)
    head = JournalHead.objects.first()
    _copy_database(staging / DATABASES[connection.vendor])
    _link(home, staging)
    applied = MigrationRecorder(connection).applied_migrations()
    return Manifest(
        format=FORMAT,
        made_at=chain.timestamp(timezone.now()),
        vendor=connection.vendor,
        migrations=sorted(f"{app}.{name}" for app, name in applied),
        journal_seq=head.seq if head else 0,
        journal_head=bytes(head.head).hex() if head else "",
        files={
            str(file.relative_to(staging)): (file.stat().st_size, sha256_of(file))
            for file in plain_files(staging)
        },
    )


def plain_files(folder: Path) -> Iterator[Path]:
    """Every plain file below a folder; links are neither told nor followed."""
    for parent, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(parent) / name
            if path.is_file() and not path.is_symlink():
                yield path


def _link(home: Path, staging: Path) -> None:
    """Give every file of the folders a second name in staging: it can then not vanish."""
    for folder in FOLDERS:
        for file in plain_files(home / folder):
            aside = staging / file.relative_to(home)
            aside.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(file, aside)
            except FileExistsError:
                continue  # linked the first time; stored files never change
            except FileNotFoundError:
                continue  # replaced meanwhile: what replaced it is linked the second time


def _copy_database(path: Path) -> None:
    """Copy the database as it is at one moment."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=20)) as source:
            source.execute("VACUUM INTO ?", [str(path)])
        scrub(path)
        return
    without = [f"--exclude-table-data={table}" for table in LEFT_OUT]
    run_tool("pg_dump", "--format=custom", "--no-owner", *without, f"--file={path}")


def run_tool(name: str, *arguments: str) -> str:
    """Run a program of PostgreSQL on our database; Conflict with its words when it fails."""
    about = connection.settings_dict
    command = [name, f"--dbname={about['NAME']}", *arguments]
    for option, value in (("host", "HOST"), ("port", "PORT"), ("username", "USER")):
        if about[value]:
            command.append(f"--{option}={about[value]}")
    environment = os.environ | ({"PGPASSWORD": about["PASSWORD"]} if about["PASSWORD"] else {})
    try:
        done = subprocess.run(  # noqa: S603  our own command line
            command, env=environment, capture_output=True, text=True, check=True
        )
    except FileNotFoundError as error:
        raise Conflict(
            f"{name} is not installed; it comes with PostgreSQL's client."
        ) from error
    except subprocess.CalledProcessError as error:
        raise Conflict(f"{name} failed: {error.stderr.strip()[:500]}") from error
    return done.stdout


def _pack(staging: Path, manifest: Manifest, path: Path) -> None:
    """Write the zip file beside its place, and move it there once it is on the disk."""
    part = path.with_name(f".{path.name}.part")
    handle = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
                packed.writestr(MANIFEST, json.dumps(asdict(manifest)))
                for name in manifest.files:
                    packed.write(staging / name, name)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
