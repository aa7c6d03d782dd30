"""The way back from a backup. Nothing is touched before everything was checked.

A backup may come from anywhere: names never leave the folder, sizes are those of the
manifest, every hash is checked, and the queue's tables are emptied whatever they hold.
"""

import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from helios_site.backup import (
    DATABASES,
    FOLDERS,
    FORMAT,
    MANIFEST,
    Manifest,
    plain_files,
    run_tool,
    scrub,
    sha256_of,
)
from helios_site.home import SECRET_FILE
from helios_site.instance import claim
from memory import services as journal
from memory.refusals import Conflict, Invalid
from training.services.recovery import interrupt_all

MAX_MANIFEST = 64 * 1024 * 1024  # bytes
_NAME = re.compile(r"[A-Za-z0-9._@+-]+(/[A-Za-z0-9._@+-]+)*")
_STAYS = re.compile(rf"{re.escape(SECRET_FILE)}|.*\.lock|before-restore-.*|\.restore-.*")


def restore_backup(*, path: Path, sha256: str = "") -> Manifest:
    """Put a backup in the place of what is here; that is kept in before-restore-<time>.

    `sha256` is the hash that was told when the backup was made: it also finds a file that
    was forged as a whole. Invalid or Conflict when the backup cannot be used.
    """
    home = Path(settings.HELIOS_HOME)
    if sha256 and (not path.is_file() or sha256_of(path) != sha256.lower()):
        raise _bad("it is not the file with that SHA-256.")
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home) as folder:
        staging = Path(folder)
        manifest = _unpack(path, staging)
        _check_database(staging, manifest)
        locks = [claim(home, part) for part in ("web", "queue")]
        try:
            _put_into_place(home, staging, manifest)
        finally:
            for lock in locks:
                os.close(lock)
    call_command("migrate", interactive=False, verbosity=0)
    interrupt_all()
    metadata = {
        "file_name": path.name,
        "made_at": manifest.made_at,
        "seq": manifest.journal_seq,
    }
    journal.append(event_type="backup_restored", metadata=metadata)
    return manifest


def _unpack(path: Path, staging: Path) -> Manifest:
    """Write the members into staging once the manifest and all names are in order."""
    try:
        with zipfile.ZipFile(path) as packed:
            manifest = _read_manifest(packed)
            _check_names(packed, manifest)
            _check_room(staging, manifest)
            for name, (size, digest) in manifest.files.items():
                _unpack_one(packed, name, staging / name, size, digest)
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        raise _bad(f"it cannot be read: {error}") from error
    return manifest


def _read_manifest(packed: zipfile.ZipFile) -> Manifest:
    try:
        about = packed.getinfo(MANIFEST)
        if about.file_size > MAX_MANIFEST:
            raise _bad("its manifest is too large.")
        raw = json.loads(packed.read(about))
        newer = int(raw["format"]) > FORMAT
        manifest = None if newer else Manifest(**raw)
    except (KeyError, TypeError, ValueError) as error:
        raise _bad("it has no readable manifest.") from error
    if manifest is None or not set(manifest.migrations) <= _known_migrations():
        raise Conflict(
            "The backup was made by a newer Helios; bring this one up to date first."
        )
    if manifest.vendor != connection.vendor:
        raise Conflict(
            f"The backup is of {manifest.vendor}, this Helios uses {connection.vendor}."
        )
    return manifest


def _known_migrations() -> set[str]:
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


def _check_names(packed: zipfile.ZipFile, manifest: Manifest) -> None:
    """Every member once, a plain file, inside the folders that a backup has."""
    members = packed.infolist()
    names = [member.filename for member in members]
    if sorted(names) != sorted([MANIFEST, *manifest.files]):
        raise _bad("its members are not those of its manifest.")
    database = DATABASES[manifest.vendor]
    for name in manifest.files:
        parts = name.split("/")
        inside = name == database or (len(parts) > 1 and parts[0] in FOLDERS)
        if not inside or not _NAME.fullmatch(name) or {".", ".."} & set(parts):
            raise _bad(f"it holds {name[:100]!r}, which has no place in a backup.")
    if database not in manifest.files:
        raise _bad("it holds no database.")
    for member in members:
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise _bad(f"{member.filename[:100]!r} is not a plain file.")


def _check_room(staging: Path, manifest: Manifest) -> None:
    needed = sum(size for size, _ in manifest.files.values())
    if needed > shutil.disk_usage(staging).free:
        raise _bad(f"it needs {needed:,} bytes, which are not free.")


def _unpack_one(
    packed: zipfile.ZipFile, name: str, target: Path, size: int, digest: str
) -> None:
    """Write one member, never more than its size, and check its hash."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with packed.open(name) as source, target.open("xb") as file:
        left = size
        while chunk := source.read(min(1 << 20, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise _bad(f"{name} is larger than its manifest says.")
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if left or sha256_of(target) != digest:
        raise _bad(f"{name} is not the file that was backed up.")


def _is_whole(database: Path) -> bool:
    """Has the file all pages that its head tells of? SQLite takes what is missing for zeros.

    What is no database at all has not, or is refused by SQLite.
    """
    with database.open("rb") as file:
        head = file.read(32)
    page = int.from_bytes(head[16:18]) or 1
    pages, size = int.from_bytes(head[28:32]), 2**16 if page == 1 else page
    return database.stat().st_size == pages * size


def _check_database(staging: Path, manifest: Manifest) -> None:
    """Verify the journal of the copy, in a process for which staging is the home."""
    if manifest.vendor != "sqlite":
        return  # pg_restore is one transaction; verify_journal follows by hand
    database = staging / DATABASES["sqlite"]
    if not _is_whole(database):
        raise _bad("its database cannot be read: it was cut off.")
    try:
        scrub(database)
    except sqlite3.DatabaseError as error:
        raise _bad(f"its database cannot be read: {error}") from error
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "verify_journal"]
    with tempfile.NamedTemporaryFile("w", dir=staging, suffix=".txt") as checkpoint:
        checkpoint.write(f"{manifest.journal_seq} {manifest.journal_head} made")
        checkpoint.flush()
        _verify(staging, command)
        if manifest.journal_seq:
            _verify(staging, [*command, "--from-checkpoint", checkpoint.name])
    for name in ("helios.sqlite3-wal", "helios.sqlite3-shm", SECRET_FILE):
        (staging / name).unlink(missing_ok=True)


def _verify(home: Path, command: list[str]) -> None:
    environment = os.environ | {"HELIOS_HOME": str(home), "DATABASE_URL": ""}
    done = subprocess.run(  # noqa: S603  our own command line
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise _bad(f"its journal does not verify: {done.stderr.strip()[-300:]}")


def _put_into_place(home: Path, staging: Path, manifest: Manifest) -> None:
    """Move what is here aside and the restored files to where it was."""
    connections.close_all()
    if manifest.vendor == "postgresql":
        # One transaction, and first: a dump that cannot be used leaves everything as it was.
        dump = staging / DATABASES["postgresql"]
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
        run_tool("pg_restore", *options, str(dump))
        dump.unlink()
    aside = home / f"before-restore-{timezone.now():%Y%m%d-%H%M%S}"
    for path in list(home.iterdir()):
        if not _STAYS.fullmatch(path.name):
            aside.mkdir(exist_ok=True)
            path.rename(aside / path.name)
    for file in plain_files(staging):
        target = home / file.relative_to(staging)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.rename(target)


def _bad(problem: str) -> Invalid:
    return Invalid(fields={"file": f"The backup cannot be used: {problem}"})
