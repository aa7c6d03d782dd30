"""A backup during training: what was under way goes on elsewhere, to the same bits."""

import pytest

from tests.faults.house import House, house, until
from tests.training.draw_files import csv_of

pytestmark = pytest.mark.faults

SETTINGS = {"epochs": 400, "seed": 7}  # it must not be over before the backup has begun


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory) -> House:
    with house(tmp_path_factory.mktemp("backups") / "home", workers=2) as made:
        yield made


def test_a_backup_made_while_training_and_importing_goes_on_elsewhere(lived_in, tmp_path):
    session = lived_in.train("backed-up", **SETTINGS)
    lived_in.wait_for_epoch(session, 30)
    lived_in.send("/api/draws/import", {}, file=csv_of()).raise_for_status()
    told = lived_in.manage("backup", str(tmp_path / "backup.zip"))
    lived_in.wait_for(session, "completed")
    other = House(tmp_path / "elsewhere", workers=2)
    other.manage("restore", str(tmp_path / "backup.zip"), "--sha256", told.split()[-1])
    assert 30 <= len(other.epochs(session)) < SETTINGS["epochs"]
    assert other.manage("verify_journal")
    assert other.rows("SELECT count(*) FROM training_draw") == lived_in.rows(
        "SELECT count(*) FROM training_draw"
    )
    with house(other.home, workers=2, token=lived_in.token) as place:
        place.wait_for(session, "completed")
        assert place.manage("verify_artifacts")
        assert place.manage("verify_journal")
        assert (place.epochs(session), place.weights(session)) == (
            lived_in.epochs(session),
            lived_in.weights(session),
        )
        until(lambda: place.events(session).count("training_end") == 1, 10, "its end")
