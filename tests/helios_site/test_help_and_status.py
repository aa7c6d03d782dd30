"""Help, status, and the pages of what is not there or not allowed."""

import re
from pathlib import Path

import pytest
from django.utils import timezone

from helios_site.help import GLOSSARY, KEYS
from memory.models import JournalCheck
from registry.models import ModelArtifact
from registry.services import reserve_model

SCRIPT = (Path(__file__).resolve().parents[2] / "static/helios/shortcuts.js").read_text()


def text(client, path) -> str:
    return client.get(path).content.decode()


def test_the_help_lists_every_key_and_word_and_the_dialog_the_keys(signed_in):
    page = text(signed_in, "/help/")
    for row in (row for group in KEYS for row in group.rows):
        assert page.count(f"<dd>{row.does}</dd>") == 2  # the page and the dialog
    for word in GLOSSARY:
        assert word.meaning[:30] in page


def test_every_place_that_the_help_names_is_one_of_the_script_and_the_other_way_round():
    places = set(re.findall(r"\b([a-z]): \"/", SCRIPT.split("PLACES = {")[1].split("};")[0]))
    named = {row.keys[1] for group in KEYS for row in group.rows if row.keys[0] == "g"}
    assert places == named


def test_all_is_well_or_what_to_do(signed_in, api):
    JournalCheck.objects.create(
        at=timezone.now(), good=True, checked=1, seq=1, head="0", seconds=1
    )
    assert "something needs a look" in text(signed_in, "/status/")  # no worker is online
    model = reserve_model(name="owl", actor="alice")
    ModelArtifact.objects.create(
        model=model, version=1, status="damaged", size_bytes=1, parameter_count=1
    )
    page = text(signed_in, "/status/")
    assert "Something does not work" in page
    assert "Put the files back" in page
    told = {one["name"]: one["state"] for one in api.get("/api/health").json()["findings"]}
    assert told["Models"] == "bad"
    assert told["Journal"] == "ok"


def test_a_journal_that_was_changed_is_told(api):
    JournalCheck.objects.create(
        at=timezone.now(), good=False, checked=9, seq=3, head="0", seconds=1,
        fault={"seq": 4, "problem": "its hash does not fit"},
    )  # fmt: skip
    answer = api.get("/api/health").json()
    assert answer["state"] == "bad"
    assert "Entry 4: its hash does not fit" in str(answer["findings"])


@pytest.mark.parametrize(
    "path", ["/models/night-owl/", "/nowhere/night-owl", "/sessions/999999/"]
)
def test_what_is_not_there_is_named_and_looked_for(signed_in, path):
    answer = signed_in.get(path)
    page = answer.content.decode()
    assert answer.status_code == 404
    name = path.strip("/").split("/")[-1]
    assert name in page
    assert f'name="q" type="search" maxlength="200" value="{name.replace("-", " ")}"' in page


def test_a_stranger_s_missing_page_tells_nothing(client, db):
    assert client.get("/nowhere/").status_code in (302, 404)
    assert "search" not in client.get("/nowhere/", follow=True).content.decode().casefold()


def test_what_is_not_allowed_says_what_it_needs(client, bob):
    client.force_login(bob)
    answer = client.post("/memory/compact/", {"older_than": "90d"})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "bob" in page
    assert "the role admin" in page


def test_an_address_that_only_takes_forms_says_so_when_it_is_opened(signed_in):
    answer = signed_in.get("/draws/simulate/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "takes what a form sends" in answer.content.decode()
    assert signed_in.get("/api/models/load").json()["code"] == "method_not_allowed"
