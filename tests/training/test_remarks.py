"""A note and tags, given at the start of a session: where they come in, and where they end up."""

import pytest

from memory.models import JournalEntry
from registry.models import RegisteredModel
from registry.services import set_tags
from tests.training.test_train_page import FORM
from training.management.commands.train import Command
from training.models import TrainingSession
from training.services import sessions
from training.tasks import run_slice

SAID = {"note": "Is *wider* better?", "tags": "wide, night"}


def test_the_form_keeps_them_and_the_journal_has_the_note(signed_in, drum):
    signed_in.post("/train/", {**FORM, **SAID})
    session = TrainingSession.objects.get()
    assert (session.note, session.tags) == (SAID["note"], ["wide", "night"])
    note = JournalEntry.objects.get(event_type="note_added")
    assert (note.session_id, note.model_name) == (session.pk, "from-the-page")
    page = signed_in.get(f"/sessions/{session.pk}/").content.decode()
    assert "Is *wider* better?" in page
    assert 'href="/models/?tag=night">night</a>' in page


def test_the_model_gets_the_tags_beside_its_own_when_there_is_one(signed_in, drum):
    signed_in.post("/train/", {**FORM, **SAID})
    session = TrainingSession.objects.get()
    set_tags(model=session.model, tags=["owl", "wide"], actor="alice")
    run_slice(session.pk)
    assert [tag.text for tag in session.model.tags.all()] == ["night", "owl", "wide"]


def test_tags_without_room_are_told_and_the_session_is_kept(start):
    session = start(epochs=2)
    TrainingSession.objects.filter(pk=session.pk).update(tags=["one", "two"])
    set_tags(model=session.model, tags=[f"t{n}" for n in range(19)], actor="alice")
    run_slice(session.pk)
    session.refresh_from_db()
    assert session.state == "completed"
    assert RegisteredModel.objects.get().tags.count() == 20
    assert "no room for more tags: two." in session.log.get(level="warning").text


@pytest.mark.parametrize(
    ("field", "text"),
    [("note", "x" * 2001), ("tags", "t" * 41), ("tags", "a\x07b")],
)
def test_a_bad_one_is_named_and_starts_nothing(signed_in, api, drum, field, text):
    page = signed_in.post("/train/", {**FORM, field: text}).content.decode()
    assert f'<a href="#id_{field}">{field.capitalize()}</a>' in page
    assert f'id="error_{field}"' in page
    assert page.count('<details class="group" open>') == 2  # the basics, and where it stands
    body = {"modelName": "m", "dataSource": "drum", field: text if field == "note" else [text]}
    answer = api.post("/api/train/start", body, format="json")
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})
    assert not TrainingSession.objects.exists()


@pytest.mark.parametrize("tags", ["word", {"a": 1}, [1], None, 7, [f"t{n}" for n in range(21)]])
def test_rest_takes_a_list_of_words(api, drum, tags):
    body = {"modelName": "m", "dataSource": "drum", "epochs": 1, "tags": tags}
    assert api.post("/api/train/start", body, format="json").status_code == 400


def test_rest_starts_with_them_and_tells_them(api, drum):
    body = {"modelName": "m", "dataSource": "drum", "epochs": 1, "note": "Why", "tags": ["a"]}
    number = api.post("/api/train/start", body, format="json").json()["sessionId"]
    status = api.get("/api/train/status", {"sessionId": number}).json()
    row = api.get("/api/train/history").json()["sessions"][0]
    assert [(said["note"], said["tags"]) for said in (status, row)] == [("Why", ["a"])] * 2


def test_training_again_begins_with_both(signed_in, drum):
    signed_in.post("/train/", {**FORM, **SAID})
    for asked in (TrainingSession.objects.get().pk, "from-the-page"):
        page = signed_in.get(f"/train/?from={asked}").content.decode()
        assert ">Is *wider* better?</textarea>" in page
        assert 'value="wide, night"' in page
    session = TrainingSession.objects.get()
    TrainingSession.objects.update(state="failed")
    session.refresh_from_db()
    again = sessions.retry(session=session, actor="bob")
    assert (again.note, again.tags) == (session.note, session.tags)


def test_the_twins_say_them(signed_in, drum):
    headers = {"HX-Request": "true", "HX-Target": "summary"}
    page = signed_in.get("/train/?note=Why%20not&tags=a,b", headers=headers).content.decode()
    assert "&#x27;--note=Why not&#x27; --tag=a --tag=b" in page
    assert "&quot;note&quot;: &quot;Why not&quot;, &quot;tags&quot;: [&quot;a&quot;" in page


def test_the_command_takes_them(drum, capsys):
    parser = Command().create_parser("manage.py", "train")
    words = ["m", "--dataset=drum", "--epochs=1", "--note=Why", "--tag=a", "--tag=b", "--json"]
    options = vars(parser.parse_args(words))
    Command().handle(**options)
    session = TrainingSession.objects.get()
    assert (session.note, session.tags) == ("Why", ["a", "b"])
    assert {tag.text for tag in session.model.tags.all()} == {"a", "b"}
