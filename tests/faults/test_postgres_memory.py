"""On PostgreSQL: a compaction gives the room back, and a backup is restored elsewhere."""

from pathlib import Path

import pytest

from tests.faults import servers
from tests.faults.house import House
from tests.faults.test_team_mode import TeamHouse

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(bool(servers.missing()), reason=servers.missing()),
]

ENTRIES = 40_000  # fewer, and the table is too small to be worth rewriting
FILL = f"""
from benchmarks.journals import fill
from django.core.management import call_command
call_command("migrate", verbosity=0)
fill({ENTRIES})
"""
SIZE = "SELECT pg_total_relation_size('memory_journalentry')"
HELD = "SELECT count(*) FROM memory_journalentry"


@pytest.fixture(scope="module")
def server():
    with servers.postgres_server() as made:
        yield made


def on(server: servers.PostgresServer, home: Path) -> House:
    return TeamHouse(home, extra={"DATABASE_URL": server.url}, postgres=server)


@pytest.fixture(scope="module")
def place(server, tmp_path_factory) -> House:
    made = on(server, tmp_path_factory.mktemp("postgres") / "home")
    made.manage("shell", "-c", FILL)
    return made


def test_room_is_given_back_and_every_answer_stays(place):
    assert place.rows(HELD) == [(ENTRIES,)]
    full = place.rows(SIZE)[0][0]
    place.manage("compact_memory", "--older-than", "0d", "--part", "journal")
    assert place.rows(HELD)[0][0] < ENTRIES / 10
    assert place.rows(SIZE)[0][0] < full / 8
    assert place.manage("verify_journal").startswith("intact")


def test_a_dump_is_restored_elsewhere(place, tmp_path):
    file = tmp_path / "backup.zip"
    told = place.manage("backup", str(file))
    there = on(place.postgres.another("elsewhere"), tmp_path / "there")
    there.manage("restore", str(file), "--sha256", told.split()[-1])
    assert there.rows(HELD)[0][0] >= place.rows(HELD)[0][0] - 1
    assert there.manage("verify_journal")
    assert list((there.home / "archives").glob("*.parquet"))
    with pytest.raises(AssertionError, match="journal entry is never changed"):
        there.manage("shell", "-c", CHANGE)


CHANGE = """
from django.db import connection
connection.cursor().execute("UPDATE memory_journalentry SET actor = 'mallory'")
"""
