"""A backup is whole, and one that is not in order is refused before anything is touched."""

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from helios_site.backup import DATABASES, MANIFEST, make_backup
from helios_site.restore import restore_backup
from memory import services
from memory.models import JournalEntry
from memory.refusals import Conflict, Full, Invalid, Refusal

sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="a SQLite file")


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py on a home of its own."""
    home.mkdir(mode=0o700, exist_ok=True)
    environment = os.environ | {"HELIOS_HOME": str(home), "DATABASE_URL": ""}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


MAKE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("simulate_draws", "practice", "--draws", "30")
call_command("backup", "{file}")
"""


@pytest.fixture(scope="module")
def restored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that a backup of another one was restored into."""
    folder = tmp_path_factory.mktemp("hosts")
    old, new, file = folder / "old", folder / "new", folder / "backup.zip"
    (old / "models" / "sun" / "1").mkdir(parents=True)
    (old / "models" / "sun" / "1" / "weights.safetensors").write_bytes(b"weights")
    made = run(old, "shell", "-c", MAKE.format(file=file))
    assert made.returncode == 0, made.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (new / "models" / "mine").mkdir(parents=True)
    (new / "models" / "mine" / "x").write_text("kept aside")
    done = run(new, "restore", str(file), "--sha256", made.stdout.split()[-1])
    assert done.returncode == 0, done.stderr
    return new


def test_a_backup_is_restored_on_a_clean_host(restored: Path) -> None:
    weights = restored / "models" / "sun" / "1" / "weights.safetensors"
    assert weights.read_bytes() == b"weights"
    (aside,) = restored.glob("before-restore-*")
    assert (aside / "models" / "mine" / "x").read_text() == "kept aside"
    verified = json.loads(run(restored, "verify_journal", "--json").stdout)
    assert (verified["good"], verified["seq"]) == (True, 2)  # simulated, restored
    assert not list(restored.glob(".restore-*"))


def test_an_edit_while_helios_is_stopped_is_found_by_the_command(
    restored: Path, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(restored, tmp_path / "copy"))
    with closing(sqlite3.connect(home / "helios.sqlite3")) as intruder:
        intruder.execute("DROP TRIGGER journal_no_update")
        intruder.execute("UPDATE memory_journalentry SET actor = 'eve' WHERE seq = 2")
        intruder.commit()
    found = run(home, "verify_journal")
    assert found.returncode == 1
    assert "tampered with: entry 2: columns differ from text" in found.stderr


@pytest.fixture
def backup(db: None, home: Path, tmp_path: Path) -> Path:
    """A backup of a small installation; its database lacks what this test has not committed."""
    return write_backup(home, tmp_path)


def write_backup(home: Path, tmp_path: Path) -> Path:
    services.append(event_type="signed_in", actor="alice")
    (home / "models").mkdir()
    (home / "models" / "weights").write_bytes(b"weights" * 1000)
    (home / "models" / "link").symlink_to("/etc/passwd")
    path = tmp_path / "backup.zip"
    make_backup(path=path)
    return path


def test_a_backup_holds_what_it_says_and_no_more(backup: Path) -> None:
    with zipfile.ZipFile(backup) as packed:
        names = packed.namelist()
        manifest = json.loads(packed.read(MANIFEST))
    assert sorted(names) == sorted([MANIFEST, DATABASES[connection.vendor], "models/weights"])
    assert manifest["journal_seq"] == 1
    told = JournalEntry.objects.get(event_type="backup_made").metadata
    assert told["size_bytes"] == backup.stat().st_size


def test_a_backup_is_never_written_over(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="another name"):
        make_backup(path=backup)
    with pytest.raises(Invalid, match="no folder"):
        make_backup(path=tmp_path / "nowhere" / "x.zip")


def test_a_full_disk_leaves_no_half_backup(
    db: None, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Full, match="No space left"):
        make_backup(path=tmp_path / "x.zip")
    assert list(tmp_path.glob("*.zip*")) == []
    assert list(tmp_path.glob(".*")) == []
    assert list(home.glob(".backup-*")) == []


Change = Callable[[dict[str, bytes], dict], None]


def rebuild(path: Path, change: Change) -> None:
    """Write the backup again with other members or another manifest."""
    with zipfile.ZipFile(path) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    manifest = json.loads(members.pop(MANIFEST))
    change(members, manifest)
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(MANIFEST, json.dumps(manifest))
        for name, raw in members.items():
            packed.writestr(name, raw)


def add(name: str) -> Change:
    def change(members: dict[str, bytes], manifest: dict) -> None:
        members[name] = b"x"
        manifest["files"][name] = (
            1,
            "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
        )

    return change


def manifest_says(**values: object) -> Change:
    return lambda members, manifest: manifest.update(values)


def without(name: str) -> Change:
    def change(members: dict[str, bytes], manifest: dict) -> None:
        members.pop(name)

    return change


def other_bytes(members: dict[str, bytes], manifest: dict) -> None:
    members["models/weights"] = b"x" * len(members["models/weights"])


def more_bytes(members: dict[str, bytes], manifest: dict) -> None:
    members["models/weights"] += b"x" * 5_000_000


def enormous(members: dict[str, bytes], manifest: dict) -> None:
    manifest["files"]["models/weights"] = (10**18, "0" * 64)


REFUSED = {
    "climbing name": add("../evil"),
    "climbing inside": add("models/../../evil"),
    "absolute name": add("/tmp/evil"),
    "backslash": add("models\\..\\evil"),
    "other folder": add("static/evil.js"),
    "other file": add("secret.key"),
    "dot": add("models/./x"),
    "control character": add("models/a\nb"),
    "changed file": other_bytes,
    "longer file": more_bytes,
    "larger than the disk": enormous,
    "missing file": without("models/weights"),
    "no database": lambda members, manifest: (
        members.pop(DATABASES[connection.vendor]),
        manifest["files"].pop(DATABASES[connection.vendor]),
    ),
    "newer format": manifest_says(format=2),
    "newer migration": manifest_says(migrations=["memory.0999_future"]),
    "other database": manifest_says(vendor="oracle"),
    "strange manifest": manifest_says(surprise=1),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED.keys())
def test_a_backup_that_is_not_in_order_is_refused(
    backup: Path, home: Path, tmp_path: Path, change: Change
) -> None:
    rebuild(backup, change)
    refused_untouched(backup, home, tmp_path)


def files_of(home: Path) -> dict[Path, int]:
    """Every file with its last change, but for locks, which are nobody's data."""
    return {p: p.stat().st_mtime_ns for p in sorted(home.rglob("*")) if p.suffix != ".lock"}


def refused_untouched(backup: Path, home: Path, tmp_path: Path, **about: str) -> None:
    before, count = files_of(home), JournalEntry.objects.count()
    with pytest.raises(Refusal):
        restore_backup(path=backup, **about)
    assert files_of(home) == before
    assert JournalEntry.objects.count() == count
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("raw", [b"", b"PK", b"hello" * 100])
def test_what_is_no_backup_is_refused(db: None, home: Path, tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(raw)
    refused_untouched(path, home, tmp_path)
    refused_untouched(tmp_path / "nothing.zip", home, tmp_path)


def test_a_truncated_backup_is_refused(backup: Path, home: Path, tmp_path: Path) -> None:
    raw = backup.read_bytes()
    for size in (len(raw) - 9, len(raw) // 2, 100):
        backup.write_bytes(raw[:size])
        refused_untouched(backup, home, tmp_path)


def test_a_symbolic_link_in_a_backup_is_refused(
    backup: Path, home: Path, tmp_path: Path
) -> None:
    rebuild(backup, add("models/innocent"))
    with zipfile.ZipFile(backup) as packed:
        members = {member.filename: packed.read(member) for member in packed.infolist()}
    with zipfile.ZipFile(backup, "w") as packed:
        for name, raw in members.items():
            member = zipfile.ZipInfo(name)
            if name == "models/innocent":
                member.external_attr = (stat.S_IFLNK | 0o777) << 16
            packed.writestr(member, raw)
    refused_untouched(backup, home, tmp_path)


def test_a_doubled_member_is_refused(backup: Path, home: Path, tmp_path: Path) -> None:
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(backup, "a") as packed,
    ):
        packed.writestr("models/weights", b"x")
    refused_untouched(backup, home, tmp_path)


def test_a_wholly_forged_backup_is_found_by_its_hash(
    backup: Path, home: Path, tmp_path: Path
) -> None:
    rebuild(backup, manifest_says())
    refused_untouched(backup, home, tmp_path, sha256="0" * 64)


def hold(members: dict[str, bytes], manifest: dict, raw: bytes) -> None:
    """Let the backup hold another database, as if it had been made so."""
    name = DATABASES[connection.vendor]
    members[name] = raw
    manifest["files"][name] = (len(raw), sha256(raw).hexdigest())


@pytest.mark.parametrize("cut", [0, 100, -100])
@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_none_is_refused(home: Path, tmp_path: Path, cut: int) -> None:
    backup = write_backup(home, tmp_path)

    def spoil(members: dict[str, bytes], manifest: dict) -> None:
        hold(members, manifest, members[DATABASES[connection.vendor]][:cut] or b"rubbish")

    rebuild(backup, spoil)
    refused_untouched(backup, home, tmp_path)


@sqlite_only
@pytest.mark.django_db(transaction=True)
def test_a_forged_journal_is_refused(home: Path, tmp_path: Path) -> None:
    backup = write_backup(home, tmp_path)

    def forge(members: dict[str, bytes], manifest: dict) -> None:
        raw = members[DATABASES["sqlite"]]
        hold(members, manifest, raw.replace(b'"actor":"alice"', b'"actor":"mally"'))

    rebuild(backup, forge)
    refused_untouched(backup, home, tmp_path)
