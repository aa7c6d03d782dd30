"""A backup during training and importing: one moment of both, and it goes on to the same bits."""

import datetime as dt
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.faults.house import House, house, until
from tests.training.draw_files import csv_of

pytestmark = pytest.mark.faults

SETTINGS = {"epochs": 400, "seed": 7}  # it must not be over before the backup is made
IMPORTS = "SELECT count(*) FROM training_drawimport"
# What has to agree at every moment: draws and their imports, and what the journal tells of them.
COUNTS = """
SELECT (SELECT count(*) FROM training_draw WHERE dataset_id = d.id), d.draw_count,
       (SELECT sum(new_count) FROM training_drawimport WHERE dataset_id = d.id),
       (SELECT count(*) FROM memory_journalentry WHERE event_type = 'draws_imported')
FROM training_dataset AS d WHERE d.name = 'powerball'
"""
# As `serve` begins, but for its processes; what a person asks for, and whether it is all in order.
GO_ON = """
from django.core.management import call_command
from training.services import sessions
from training.tasks import run_session
call_command("prepare")
sessions.resume(session=sessions.find_session({session}), actor="alice")
run_session({session}, watch=None)
call_command("verify_artifacts")
call_command("verify_journal")
"""


@contextmanager
def importing(place: House) -> Iterator[None]:
    """Draws arrive one by one."""
    over, first = threading.Event(), dt.date(2016, 1, 2)  # a Saturday

    def send() -> None:
        for week in range(500):
            if over.is_set():
                return
            line = f"{first + dt.timedelta(days=7 * week)},1,2,3,4,{5 + week % 60},6,2"
            place.send("/api/draws/import", {}, file=csv_of(line)).raise_for_status()

    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(send)
        until(lambda: place.rows(IMPORTS)[0][0] > 3, 20, "the first imports")
        try:
            yield
        finally:
            over.set()
        sent.result()


def test_a_backup_made_while_training_and_importing_goes_on_elsewhere(tmp_path):
    with house(tmp_path / "home") as place:
        session = place.train("backed-up", **SETTINGS)
        place.wait_for_epoch(session, 30)
        with importing(place):
            told = place.manage("backup", str(tmp_path / "backup.zip"))
        other = House(tmp_path / "elsewhere")
        other.manage("restore", str(tmp_path / "backup.zip"), "--sha256", told.split()[-1])
        place.wait_for(session, "completed")
    trained = len(other.epochs(session))
    assert 30 <= trained < SETTINGS["epochs"]
    about = (
        "SELECT current_epoch, state, lease_owner FROM training_trainingsession WHERE id = ?"
    )
    assert other.rows(about, session) == [(trained, "interrupted", "")]
    ((draws, *same),) = other.rows(COUNTS)
    assert same == [draws] * 3
    assert 3 < draws < place.rows(COUNTS)[0][0]
    other.manage("shell", "-c", GO_ON.format(session=session))
    assert (other.epochs(session), other.weights(session)) == (
        place.epochs(session),
        place.weights(session),
    )
    story = [event for event in other.events(session) if event.startswith("training")]
    assert story == [f"training_{how}" for how in ("start", "interrupted", "resumed", "end")]
