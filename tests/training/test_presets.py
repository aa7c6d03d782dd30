"""Presets of a person's own: the page, REST and the command save, use and delete the same rows."""

import json
import re
import shlex
from html import unescape

import pytest
from django.core.management import call_command

from memory.models import JournalEntry
from tests.training.test_train_page import FORM
from training.models import SavedPreset, TrainingSession


@pytest.fixture
def deep(signed_in, drum) -> SavedPreset:
    """A preset saved from the page."""
    signed_in.post("/train/presets/", {**FORM, "preset_name": "Deep", "hidden_size": "256"})
    return SavedPreset.objects.get()


def test_the_form_saves_what_differs_from_the_defaults(deep):
    assert deep.values["hidden_size"] == 256
    assert "weight_decay" not in deep.values
    assert JournalEntry.objects.get().event_type == "preset_saved"


def test_a_saved_preset_is_a_card_and_fills_the_form(signed_in, deep):
    page = signed_in.get("/train/?preset=Deep").content.decode()
    assert 'name="hidden_size" value="256"' in page
    assert "Saved by alice" in page
    assert "/train/presets/Deep/delete" in page


@pytest.mark.parametrize("name", ["", "quick", "a b", "../x"])
def test_a_name_that_cannot_be_is_named_at_its_field(signed_in, drum, name):
    answer = signed_in.post("/train/presets/", {**FORM, "preset_name": name})
    assert answer.status_code == 400
    assert "The preset was not saved" in answer.content.decode()
    assert 'id="error_preset_name"' in answer.content.decode()


def test_a_program_starts_with_a_saved_preset(api, deep, drum):
    body = {"modelName": "by-rest", "dataSource": "drum", "preset": "deep", "epochs": 2}
    assert api.post("/api/train/start", body, format="json").status_code == 201
    assert TrainingSession.objects.get().config["hidden_size"] == 256
    refused = api.post("/api/train/start", {**body, "preset": "none-such"}, format="json")
    assert "quick, standard, thorough, control, Deep" in refused.json()["fields"]["preset"]


def test_programs_list_save_and_delete_presets(api, db):
    body = {"name": "mine", "settings": {"learningRate": 0.01}}
    assert api.post("/api/train/presets", body, format="json").status_code == 201
    held = {row["name"]: row for row in api.get("/api/train/presets").json()["presets"]}
    assert held["quick"]["builtIn"]
    assert held["mine"]["settings"] == {"learningRate": 0.01}
    assert api.delete("/api/train/presets/mine").status_code == 204
    assert api.delete("/api/train/presets/mine").status_code == 404
    bad = {"name": "mine", "settings": {"learningRate": "much"}}
    assert set(api.post("/api/train/presets", bad, format="json").json()["fields"]) == {
        "learningRate"
    }


def test_the_command_saves_the_settings_of_a_session(start, capsys):
    session = start(window=7)
    call_command("preset", "save", "as-before", "--session", str(session.pk), "--epochs", "9")
    call_command("preset", "list")
    assert "as-before: 4 settings" in capsys.readouterr().out
    assert SavedPreset.objects.get().values["epochs"] == 9
    call_command("preset", "delete", "as-before")
    assert not SavedPreset.objects.exists()


def test_the_page_forgets_a_preset(signed_in, deep):
    signed_in.post("/train/presets/Deep/delete")
    assert not SavedPreset.objects.exists()
    assert signed_in.get("/train/?preset=Deep").status_code == 200


def test_the_command_and_the_call_beside_the_form_save_the_same_preset(signed_in, api, deep):
    words = {**FORM, "hidden_size": "256"}
    page = unescape(signed_in.get("/train/", words).content.decode())
    command = shlex.split(re.search(r"python manage.py (preset save NAME .*)</pre>", page)[1])
    call = shlex.split(page[page.index("/api/train/presets") :].partition("</pre>")[0])[-1]
    SavedPreset.objects.all().delete()
    call_command(*command)
    assert SavedPreset.objects.get().values == deep.values
    SavedPreset.objects.all().delete()
    assert api.post("/api/train/presets", json.loads(call), format="json").status_code == 201
    assert SavedPreset.objects.get().values == deep.values
