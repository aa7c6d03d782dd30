"""SQLite's file under a connection: moved, replaced, cut off, or never there."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from django.db import connections, transaction

from helios_site import first_start
from memory.refusals import Conflict
from memory.sqlite3 import base
from memory.sqlite3.troubles import Damaged, Gone, LogGone, NoRoom


@pytest.fixture
def spare(tmp_path: Path, django_db_blocker):
    """A connection to a small SQLite database of its own, whatever the others are in."""
    about = connections.settings["default"] | {
        "ENGINE": "memory.sqlite3",
        "NAME": str(tmp_path / "spare.sqlite3"),
        "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL", "transaction_mode": "IMMEDIATE"},
    }
    connections.settings["spare"] = about
    with django_db_blocker.unblock():
        yield connections["spare"]
        connections["spare"].close()
    del connections["spare"], connections.settings["spare"]


@pytest.fixture
def used(spare) -> Path:
    """Its file, with rows, of a Helios that has started before."""
    with spare.cursor() as cursor:
        cursor.execute("CREATE TABLE thing (text TEXT)")
    write(spare, "x" * 100_000)
    base.remember(spare.settings_dict["NAME"])
    return Path(spare.settings_dict["NAME"])


def write(spare, text: str) -> None:
    with transaction.atomic("spare"), spare.cursor() as cursor:
        cursor.execute("INSERT INTO thing VALUES (%s)", [text])


def count(spare) -> int:
    with spare.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM thing")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("opened_anew", [False, True])
def test_a_file_that_is_gone_is_missed_and_found_again(spare, used: Path, opened_anew: bool):
    used.rename(used.with_suffix(".aside"))
    if opened_anew:
        spare.close()
    for _ in range(2):
        with pytest.raises(Gone):
            count(spare)
    assert not used.exists()
    used.with_suffix(".aside").rename(used)
    assert count(spare) == 1


def test_nothing_is_committed_into_a_file_that_went_meanwhile(spare, used: Path):
    def leave() -> None:
        with transaction.atomic("spare"), spare.cursor() as cursor:
            cursor.execute("INSERT INTO thing VALUES ('lost')")
            used.rename(used.with_suffix(".aside"))

    with pytest.raises(Gone):
        leave()
    used.with_suffix(".aside").rename(used)
    assert count(spare) == 1


def test_a_file_in_the_place_of_another_is_opened_between_transactions(spare, used: Path):
    with sqlite3.connect(used.with_suffix(".other")) as other:
        other.execute("CREATE TABLE thing (text TEXT)")

    def read_twice() -> None:
        with transaction.atomic("spare"):
            count(spare)
            for old in used.parent.glob("spare.sqlite3-*"):
                old.unlink()
            used.with_suffix(".other").replace(used)
            count(spare)

    with pytest.raises(Gone):
        read_twice()
    assert count(spare) == 0


def test_a_file_that_was_cut_off_is_damaged_one_that_was_compacted_is_not(spare, used: Path):
    with spare.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with sqlite3.connect(used) as other:
        other.execute("DELETE FROM thing")
        other.commit()
        other.execute("VACUUM")
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert count(spare) == 0
    write(spare, "y" * 100_000)
    with spare.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert count(spare) == 1
    os.truncate(used, 8192)
    for _ in range(2):
        with pytest.raises(Damaged):
            count(spare)


def test_a_removed_log_is_put_into_the_file_and_nothing_is_added(spare, used: Path):
    write(spare, "newest")
    Path(f"{used}-wal").unlink()
    with pytest.raises(LogGone):
        write(spare, "too late")
    shutil.copy(used, used.with_suffix(".copy"))
    with sqlite3.connect(used.with_suffix(".copy")) as copy:
        assert copy.execute("SELECT count(*) FROM thing").fetchone() == (2,)


def test_a_full_disk_is_told_as_such(spare, used: Path):
    with spare.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 30")
    with pytest.raises(NoRoom):
        write(spare, "z" * 500_000)
    assert count(spare) == 1


@pytest.mark.parametrize("left", [None, b""])
def test_a_start_makes_no_new_database_in_the_place_of_one_that_is_gone(
    spare, used: Path, left: bytes | None, monkeypatch
):
    spare.close()
    used.unlink()
    if left is not None:
        used.write_bytes(left)
    monkeypatch.setattr(first_start, "connection", spare)
    with pytest.raises(Conflict, match="restore a backup"):
        first_start.prepare_database(print)
    assert not used.exists() or used.read_bytes() == b""


def test_a_start_fills_no_database_that_was_emptied(spare, used: Path, monkeypatch):
    spare.close()
    used.unlink()
    with sqlite3.connect(used) as other:
        other.execute("CREATE TABLE something_else (text TEXT)")
    monkeypatch.setattr(first_start, "connection", spare)
    with pytest.raises(Conflict, match="restore a backup"):
        first_start.prepare_database(print)
