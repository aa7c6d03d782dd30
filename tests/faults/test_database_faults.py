"""Faults of the database and the disk below it: told, nothing written meanwhile, nothing lost."""

import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.faults.disks import fill, read_only, root_only, small_disk
from tests.faults.house import House, house, until
from tests.training.draw_files import csv_of

pytestmark = pytest.mark.faults

SETTINGS = {"epochs": 150, "seed": 7}
BUSY = 503
FULL = 507


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory) -> Iterator[House]:
    """One house for the module; each test leaves it in working order.

    It waits 5 s for a lock, not 20: locks of 3 s and of 40 s are as short and as long.
    """
    home = tmp_path_factory.mktemp("database") / "home"
    address = f"sqlite:///{home}/helios.sqlite3?timeout=5"
    with house(home, extra={"HELIOS_LEASE_SECONDS": "4", "DATABASE_URL": address}) as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(lived_in) -> tuple[list[tuple], str]:
    session = lived_in.train("undisturbed", **SETTINGS)
    lived_in.wait_for(session, "completed")
    return lived_in.epochs(session), lived_in.weights(session)


def under_way(place: House, name: str) -> int:
    session = place.train(name, **SETTINGS)
    place.wait_for_epoch(session, 30)
    return session


def as_if_undisturbed(place: House, session: int, undisturbed) -> None:
    place.wait_for(session, "completed")
    assert (place.epochs(session), place.weights(session)) == undisturbed
    events = place.events(session)
    assert events.count("training_start") == events.count("training_end") == 1
    assert place.manage("verify_journal")


def note(place: House, text: str = "hello") -> httpx.Response:
    return place.ask("POST", "/api/journal/notes", text=text)


def notes(place: House) -> int:
    query = "SELECT count(*) FROM memory_journalentry WHERE event_type = 'note_added'"
    return place.rows(query)[0][0]


@contextlib.contextmanager
def locked(place: House) -> Iterator[None]:
    """Another program writes to the database, and takes its time."""
    with contextlib.closing(
        sqlite3.connect(place.home / "helios.sqlite3", timeout=20)
    ) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_who_writes_waits_for_a_lock_of_three_seconds(lived_in, undisturbed):
    session = under_way(lived_in, "short-lock")
    with ThreadPoolExecutor(1) as pool, locked(lived_in):
        asked = pool.submit(note, lived_in)
        time.sleep(3)
        assert not asked.done()
    assert asked.result().status_code == 201
    as_if_undisturbed(lived_in, session, undisturbed)


def test_a_lock_that_does_not_end_is_told_and_a_worker_begins_again(lived_in, undisturbed):
    session, before = under_way(lived_in, "long-lock"), notes(lived_in)
    given_up, said = f"session {session}: the database does not answer", len(lived_in.said())
    with locked(lived_in):
        assert lived_in.ask("GET", "/api/models").status_code == 200
        answer = note(lived_in)
        assert (answer.status_code, answer.json()["code"]) == (BUSY, "busy")
        assert int(answer.headers["Retry-After"]) > 0
        until(lambda: given_up in lived_in.said()[said:], 20, "giving up")
        assert lived_in.state(session) == "training"
    assert notes(lived_in) == before
    assert note(lived_in).status_code == 201
    as_if_undisturbed(lived_in, session, undisturbed)
    assert "session_recovered" in lived_in.events(session)


def test_a_database_that_was_moved_away_is_missed_until_it_is_back(lived_in, undisturbed):
    session = under_way(lived_in, "moved-away")
    path = lived_in.home / "helios.sqlite3"
    path.rename(path.with_suffix(".aside"))
    for _ in range(20):  # threads that have it open, and new ones
        is_told(lived_in, "database_gone")
    assert not path.exists()
    path.with_suffix(".aside").rename(path)
    as_if_undisturbed(lived_in, session, undisturbed)


def is_told(place: House, code: str) -> None:
    """Neither read nor written, over REST and as a page, and in words that help."""
    for answer in (place.ask("GET", "/api/health"), note(place)):
        assert (answer.status_code, answer.json()["code"]) == (BUSY, code)
    page = httpx.get(f"http://127.0.0.1:{place.port}/login/", timeout=20)
    assert page.status_code in (200, BUSY)  # who is not signed in needs no row
    assert "backup" in answer.json()["message"]


def deleted(path: Path) -> None:
    for one in path.parent.glob("helios.sqlite3*"):
        if not one.name.endswith(".made"):
            one.unlink()


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def cut_off(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 // 4096 * 4096)


RUINS = {"deleted": deleted, "emptied": emptied, "cut off": cut_off}


@pytest.mark.parametrize("ruin", RUINS.values(), ids=RUINS.keys())
def test_a_ruined_database_is_told_and_never_filled_again(
    lived_in, undisturbed, tmp_path, ruin: Callable[[Path], None]
):
    with copied(lived_in, tmp_path) as place:
        ruin(place.home / "helios.sqlite3")
        until(lambda: note(place).status_code == BUSY, 10, "noticing")
        answers = [place.ask("GET", "/api/models") for _ in range(10)]
        assert {answer.status_code for answer in answers} == {BUSY}
        assert answers[0].json()["code"] in ("database_gone", "database_damaged")
        place.stop(seconds=30)
        assert "nothing is lost" not in place.said()
        refused = place.run("serve")
    assert refused.returncode == 2
    assert "backup" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_what_was_in_a_deleted_log_is_saved(lived_in, undisturbed, tmp_path):
    with copied(lived_in, tmp_path) as place:
        assert note(place, "the last thing").status_code == 201
        (place.home / "helios.sqlite3-wal").unlink()
        is_told(place, "database_log_gone")
        place.stop(seconds=30)
        refused = place.run("verify_journal")
        assert (refused.returncode, "-shm" in refused.stderr) == (2, True)
        (place.home / "helios.sqlite3-shm").unlink()
        assert place.manage("verify_journal")
        assert notes(place) == notes(lived_in) + 1


@contextlib.contextmanager
def copied(place: House, folder: Path) -> Iterator[House]:
    """A house of its own with what that one holds."""
    with contextlib.closing(sqlite3.connect(place.home / "helios.sqlite3")) as source:
        home = Path(shutil.copytree(place.home, folder / "copy", ignore=_not_copied))
        source.execute("VACUUM INTO ?", [str(home / "helios.sqlite3")])
    shutil.copy(place.home / "helios.sqlite3.made", home)
    with house(home, token=place.token) as made:
        yield made


def _not_copied(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name.startswith("helios.sqlite3") or ".sock" in name]


@root_only
def test_a_full_disk_refuses_every_write_and_breaks_nothing(undisturbed, tmp_path):
    with small_disk(tmp_path / "small", "24m") as home, house(home) as place:
        session = under_way(place, "no-room")
        bundle = place.ask("GET", "/api/models/first-light/versions/1/bundle").content
        filler = fill(home)
        until(lambda: note(place, "x" * 9_000).status_code == FULL, 60, "a full log")
        answers = [
            place.send("/api/draws/import", {}, file=csv_of()),
            place.send("/api/models/import", {"name": "guest"}, bundle=bundle),
            place.ask("POST", "/api/memory/compact", olderThan="0d"),
            place.ask("POST", "/api/memory/backups"),
            note(place),
        ]
        assert [answer.status_code for answer in answers] == [FULL] * len(answers)
        assert "space" in answers[0].json()["message"]
        before = notes(place)
        filler.unlink()
        assert note(place).status_code == 201
        assert notes(place) == before + 1
        assert place.send("/api/draws/import", {}, file=csv_of()).status_code == 201
        as_if_undisturbed(place, session, undisturbed)
        assert "no damage" in place.manage("check_database")


@root_only
def test_models_that_cannot_be_written_interrupt_a_session_until_they_can(
    lived_in, undisturbed
):
    bundle = lived_in.ask("GET", "/api/models/first-light/versions/1/bundle").content
    with read_only(lived_in.home / "models"):
        session = lived_in.train("read-only", **SETTINGS)
        refused = lived_in.send("/api/models/import", {"name": "guest"}, bundle=bundle)
        assert refused.status_code == FULL
        lived_in.wait_for(session, "interrupted")
    assert lived_in.ask("POST", "/api/train/resume", sessionId=session).status_code == 200
    as_if_undisturbed(lived_in, session, undisturbed)


def test_models_that_vanished_are_told_and_none_is_saved_meanwhile(lived_in, undisturbed):
    bundle = lived_in.ask("GET", "/api/models/first-light/versions/1/bundle").content
    folder = lived_in.home / "models"
    folder.rename(folder.with_name("elsewhere"))
    about = {
        f["name"]: f["state"] for f in lived_in.ask("GET", "/api/health").json()["findings"]
    }
    assert about["Models"] == "bad"
    body = {"name": "undisturbed"}
    assert lived_in.ask("POST", "/api/models/load", **body).status_code == 409
    refused = lived_in.send("/api/models/import", {"name": "guest"}, bundle=bundle)
    assert (refused.status_code, refused.json()["code"]) == (FULL, "models_gone")
    assert not folder.exists()
    folder.with_name("elsewhere").rename(folder)
    assert lived_in.ask("POST", "/api/models/load", **body).status_code == 200
