"""Sessions, datasets and archived epochs in the admin."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from memory.models import JournalEntry
from tests.registry.conftest import make_version  # noqa: F401
from training.models import Dataset, DrawImport, EpochFile, TrainingSession
from training.services.draws import simulate_dataset

SESSIONS = "/admin/training/trainingsession/"
DATASETS = "/admin/training/dataset/"
FILES = "/admin/training/epochfile/"


@pytest.fixture
def over(start, make_version):  # noqa: F811
    """A session that left a model: `over("owl")`."""

    def over(name: str = "owl") -> TrainingSession:
        session = start(name)
        TrainingSession.objects.filter(pk=session.pk).update(
            state="completed", current_epoch=3, best_epoch=2, best_gain=-0.01,
            artifact=make_version(name), finished_at=timezone.now(),
        )  # fmt: skip
        return TrainingSession.objects.get(pk=session.pk)

    return over


def act(client: Client, address: str, action: str, *rows, **fields) -> str:
    form = {"action": action, "_selected_action": [row.pk for row in rows], **fields}
    return client.post(address, form, follow=True).content.decode()


def asked(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_more_sessions_cost_no_more_queries(signed_in, start, over):
    over("one")
    start("two")
    few = asked(signed_in, SESSIONS)
    for number in range(4):
        over(f"three-{number}")
        start(f"four-{number}")
    assert asked(signed_in, SESSIONS) == few <= 14


def test_more_datasets_cost_no_more_queries(signed_in, drum):
    few = asked(signed_in, DATASETS)
    for number in range(4):
        simulate_dataset(name=f"drum-{number}", actor="alice", matrix="5/69+26", draws=60)
    assert asked(signed_in, DATASETS) == few <= 11


def test_a_session_shows_what_it_was_worth(signed_in, over):
    over()
    page = signed_in.get(SESSIONS).content.decode()
    assert "+0.0500 (" in page  # the test gain of its model, with the interval
    assert 'aria-label="95 % interval' in page
    assert 'aria-label="Validation gain by epoch"' in page
    assert "3 of 3" in page
    assert "-0.0100" in page


def test_a_session_under_way_shows_how_far_it_is(signed_in, start):
    TrainingSession.objects.filter(pk=start().pk).update(state="training", current_epoch=2)
    page = signed_in.get(SESSIONS).content.decode()
    assert '<progress max="3" value="2"' in page
    assert "status-training" in page


@pytest.mark.parametrize(
    ("query", "names"),
    [("phase=active", ["busy"]), ("phase=kept", ["owl"]), ("phase=person", ["ill"]),
     ("q=owl", ["owl"]), ("q=diverged", ["ill"]), ("state__exact=failed", ["ill"]),
     ("phase=verified", []), ("artifact__encoder=mlp", ["owl"])],
)  # fmt: skip
def test_sessions_are_searched_and_filtered(signed_in, start, over, query, names):
    over("owl")
    ill = start("ill")
    TrainingSession.objects.filter(pk=ill.pk).update(state="failed", error="It diverged.")
    start("busy")
    found = signed_in.get(f"{SESSIONS}?{query}").context["cl"].result_list
    assert [session.model.name for session in found] == names


def test_a_note_on_sessions_is_in_the_journal(signed_in, over):
    rows = over("owl"), over("lark")
    assert "Write a note" in act(signed_in, SESSIONS, "note", *rows)
    page = act(signed_in, SESSIONS, "note", *rows, confirmed=1, text="Night run.")
    assert "Notes written: 2." in page
    told = JournalEntry.objects.filter(event_type="note_added", actor="alice")
    assert {(one.session_id, one.model_name) for one in told} == {
        (row.pk, row.model.name) for row in rows
    }


def test_an_empty_note_is_refused(signed_in, over):
    page = act(signed_in, SESSIONS, "note", over(), confirmed=1, text=" ")
    assert "Notes written: 0." in page
    assert not JournalEntry.objects.filter(event_type="note_added").exists()


def test_chosen_sessions_leave_as_csv(signed_in, over, start):
    chosen, _ = over("owl"), start("lark")
    form = {"action": "export", "_selected_action": [chosen.pk]}
    answer = signed_in.post(SESSIONS, form)
    head, *rows = b"".join(answer).decode().splitlines()
    assert answer["Content-Type"].startswith("text/csv")
    assert "modelName" in head
    assert [row.count("owl") for row in rows] == [1]


def test_the_newest_import_is_taken_back_after_a_question(signed_in, drum):
    record = DrawImport.objects.create(
        dataset=drum, file_name="a.csv", sha256="0" * 64, size_bytes=1, format="csv",
        new_count=5, same_count=0, actor="alice",
    )  # fmt: skip
    drum.draws.filter(pk__in=drum.draws.values("pk")[:5]).update(source=record)
    assert "Take back the newest import" in act(signed_in, DATASETS, "undo", drum)
    assert "Imports taken back: 1." in act(signed_in, DATASETS, "undo", drum, confirmed=1)
    assert "Imports taken back: 0." in act(signed_in, DATASETS, "undo", drum, confirmed=1)
    assert Dataset.objects.get().draw_count == 235


def test_the_draws_of_one_dataset_leave_as_csv(signed_in, drum):
    answer = signed_in.post(DATASETS, {"action": "export", "_selected_action": [drum.pk]})
    assert len(b"".join(answer).decode().splitlines()) == 241
    other = simulate_dataset(name="other", actor="alice", matrix="5/69+26", draws=60)
    assert "Choose one dataset" in act(signed_in, DATASETS, "export", drum, other)


def test_archived_epochs_have_the_same_desk(signed_in):
    file = EpochFile.objects.create(
        file_name="epochs-1.parquet", sha256="ab" * 32, size_bytes=5_000, rows=1200,
        first_at=timezone.now(), last_at=timezone.now(), sealed_at=timezone.now(),
        damaged="It has another SHA-256.",
    )  # fmt: skip
    page = signed_in.get(f"{FILES}?state=damaged").content.decode()
    assert "1,200" in page
    assert "5.0 kB" in page
    assert "status-damaged" in page
    assert "Type delete" in act(signed_in, FILES, "forget", file)
    assert signed_in.post(f"{FILES}{file.pk}/delete/").status_code == 403


@pytest.mark.parametrize("name", ["trainingsession", "dataset"])
def test_sessions_and_datasets_are_not_written_by_hand(signed_in, over, name):
    session = over()
    pk = session.pk if name == "trainingsession" else session.dataset_id
    address = f"/admin/training/{name}/{pk}"
    assert signed_in.get(f"{address}/change/").status_code == 200
    assert signed_in.post(f"{address}/change/", {"actor": "eve"}).status_code == 403
    assert signed_in.post(f"{address}/delete/").status_code == 403
    assert signed_in.get(f"/admin/training/{name}/add/").status_code == 403
