"""Readers during a compaction: no entry is missing and none is told twice."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.house import House, house

pytestmark = pytest.mark.faults

SETTINGS = {"epochs": 60, "seed": 7}
ENTRIES = 30_000
# Sessions of that past have numbers that those of the test do not take again.
FILL = f"""
from benchmarks.journals import fill
from django.db import connection
fill({ENTRIES})
connection.cursor().execute("DELETE FROM sqlite_sequence WHERE name LIKE 'training_training%'")
connection.cursor().execute(
    "INSERT INTO sqlite_sequence VALUES ('training_trainingsession', {ENTRIES})"
)
"""


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory) -> House:
    """A house with a long past."""
    place = House(tmp_path_factory.mktemp("readers") / "home", workers=2)
    place.manage("migrate", "--verbosity", "0")
    place.manage("shell", "-c", FILL)
    with house(place.home, workers=2) as made:
        session = made.train("undisturbed", **SETTINGS)
        made.wait_for(session, "completed")
        yield made


def seen(place: House) -> dict[str, object]:
    """What a reader is told of the past: counts, a page here and there, a search."""
    still = f"until={ENTRIES}"
    pages = [
        place.ask("GET", f"/api/journal?limit=50&{more}").json()
        for more in (still, f"before={ENTRIES // 2}", "before=60", f"{still}&q=powerball")
    ]
    summary = place.ask("GET", f"/api/journal/summary?{still}").json()
    return {
        "numbers": [[one["id"] for one in page["entries"]] for page in pages],
        "total": pages[0]["total"],
        "types": summary["eventTypes"],
    }


def exported(place: House) -> str:
    """A digest of every entry of a download, but for where it came from."""
    text = place.ask("GET", f"/api/journal.jsonl?until={ENTRIES}").text
    lines = map(json.loads, text.splitlines())
    kept = [{k: v for k, v in line.items() if k != "archived"} for line in lines]
    return hashlib.sha256(repr(kept).encode()).hexdigest()


def test_a_reader_sees_no_dip_and_no_double_while_entries_move(lived_in):
    before, whole, reflected = seen(lived_in), exported(lived_in), reflection(lived_in)
    assert before["total"] == ENTRIES
    asked = lived_in.ask("POST", "/api/memory/compact", olderThan="0d", parts=["journal"])
    address, looks = f"/api/memory/compactions/{asked.json()['id']}", 0
    with ThreadPoolExecutor(1) as pool:
        download = pool.submit(exported, lived_in)
        while lived_in.ask("GET", address).json()["state"] in ("queued", "running"):
            assert seen(lived_in) == before
            looks += 1
        assert download.result() == whole
    assert looks
    assert lived_in.ask("GET", address).json()["state"] == "done"
    assert (seen(lived_in), exported(lived_in)) == (before, whole)
    assert reflection(lived_in) == reflected
    query = "SELECT count(*) FROM memory_journalentry WHERE seq <= ?"
    assert lived_in.rows(query, ENTRIES)[0][0] < ENTRIES / 10


def reflection(place: House) -> object:
    answer = place.ask("GET", "/api/reflection/undisturbed")
    assert answer.status_code == 200, answer.text
    return answer.json() | {"computedAt": ""}
