"""Files whose columns a person names, by command, REST and page: the same draws as ever."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from memory.models import JournalEntry
from memory.refusals import Invalid
from tests.training.draw_files import csv_of
from training.models import Draw, DrawImport

URL = "/api/draws/import"
OWN = b"""Faktor;PB;E;D;C;B;A;Datum
2;2;57;42;40;36;30;29.07.2026
3;5;50;48;27;17;6;01.08.2026
2;4;54;48;41;30;8;03.08.2026
2;25;61;60;59;20;14;05.08.2026
"""
SAID = "date=Datum,balls=A+B+C+D+E,bonus=PB,multiplier=Faktor,form=dmy"


def run(*args: object) -> str:
    out = StringIO()
    call_command(*map(str, args), stdout=out)
    return out.getvalue()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "eigene.csv"
    path.write_bytes(OWN)
    return path


def test_the_command_imports_the_columns_it_is_told(own, db):
    assert "imported: 4 new" in run("import_draws", own, "--columns", SAID)
    again = own.with_name("known.csv")
    again.write_bytes(csv_of())
    assert "0 new, 4 same" in run("import_draws", again), "the same draws in a known form"
    record = DrawImport.objects.get()
    assert (record.format, record.columns) == ("own columns", SAID)
    assert JournalEntry.objects.get(event_type="draws_imported").metadata["columns"] == SAID


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("date=Datum", "balls: 0 columns are the white balls"),
        ("datum", "'datum' does not say what a column is"),
        (SAID.replace("PB", "Bonus"), "line 1, bonus: no column is called 'Bonus'"),
        (SAID.replace("dmy", "mdy"), "line 2, Datum: '29.07.2026' is not a date of the form"),
    ],
)
def test_the_command_refuses_in_one_line(own, db, said, told):
    with pytest.raises(Invalid) as refusal:
        run("import_draws", own, "--columns", said)
    assert told in str(refusal.value.fields)
    assert "\n" not in str(refusal.value)
    assert not Draw.objects.exists()


@pytest.mark.parametrize("place", ["form", "address", "raw"])
def test_rest_imports_the_columns_it_is_told(api, place):
    file = {"file": SimpleUploadedFile("eigene.csv", OWN)}
    if place == "form":
        answer = api.post(URL, {**file, "columns": SAID}, format="multipart")
    elif place == "address":
        answer = api.post(URL, file, format="multipart", query_params={"columns": SAID})
    else:
        answer = api.post(URL, OWN, content_type="text/csv", query_params={"columns": SAID})
    assert answer.status_code == 201
    assert (answer.json()["new"], answer.json()["columns"]) == (4, SAID)


def test_rest_names_the_field_that_is_wrong(api):
    file = {"file": SimpleUploadedFile("eigene.csv", OWN), "columns": "date=Datum"}
    answer = api.post(URL, file, format="multipart")
    assert answer.status_code == 400
    assert "0 columns are the white balls" in json.dumps(answer.json())


def upload(page, data: bytes = OWN, **fields: str):
    sent = {"file": SimpleUploadedFile("eigene.csv", data), **fields}
    return page.post("/draws/import/", sent, follow=True)


def chosen(answer) -> dict[str, str]:
    """What the form of an answer would send as it stands."""
    form = answer.context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def test_a_file_of_unknown_columns_leads_to_a_form_and_then_to_the_preview(signed_in):
    step = upload(signed_in)
    address = step.redirect_chain[-1][0]
    assert address.endswith("/columns/")
    assert "29.07.2026" in step.text, "the first lines are shown"
    guessed = chosen(step)
    assert (guessed["date"], guessed["form"], guessed["bonus"]) == ("Datum", "dmy", "PB")
    right = {f"ball{place}": name for place, name in enumerate("ABCDE", 1)}
    preview = signed_in.post(address, {**guessed, **right, "multiplier": "Faktor"}, follow=True)
    assert "4 new draws would be added to powerball" in preview.text
    assert f"import_draws eigene.csv --game powerball --dataset powerball --columns {SAID}" in (
        preview.text
    )
    assert signed_in.get(address).status_code == 404, "the file is staged anew"
    signed_in.post(f"{preview.redirect_chain[-1][0]}apply/")
    assert DrawImport.objects.get().columns == SAID
    assert f"<code>{SAID}</code>" in signed_in.get("/draws/powerball/").text


def test_what_the_last_file_of_the_dataset_had_is_proposed_for_the_next(signed_in, own):
    run("import_draws", own, "--columns", SAID)
    next_file = b"Datum;PB;A;B;C;D;E;Faktor\n08.08.2026;7;1;2;3;4;5;2\n"
    step = upload(signed_in, next_file)
    preview = signed_in.post(step.redirect_chain[-1][0], chosen(step), follow=True)
    assert "1 new draw would be added to powerball" in preview.text
    other = upload(signed_in, b"wann;was\n08.08.2026;1 2 3 4 5 7\n")
    assert (chosen(other)["date"], chosen(other)["ball1"]) == ("wann", "was")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"date": ""}, "date"),
        ({"ball3": ""}, "ball1"),
        ({"bonus": ""}, "bonus"),
        ({"ball3": "Datum"}, "ball3"),
        ({"multiplier": "PB"}, "multiplier"),
        ({"form": "md"}, "form"),
        ({"date": "Nichts"}, "date"),
    ],
)
def test_every_fault_of_the_form_stands_beside_its_field(signed_in, change, field):
    step = upload(signed_in)
    answer = signed_in.post(step.redirect_chain[-1][0], {**chosen(step), **change})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]


def test_hostile_files_get_a_small_page_and_no_markup(signed_in):
    wide = b";".join(b"<b>c%d" % place for place in range(9000)) + b"\n" + b"1;" * 8999 + b"2\n"
    step = upload(signed_in, wide)
    assert "8,940 more columns are not shown" in step.text
    assert (step.status_code, "<b>c1" in step.text) == (200, False)
    assert len(step.content) < 100_000
    nul = upload(signed_in, b"a\0b;c\n1;2\n")
    assert "cannot be imported" in nul.text
    assert "/columns/" not in nul.text


def test_the_file_of_somebody_else_is_not_shown(signed_in, client, bob):
    address = upload(signed_in).redirect_chain[-1][0]
    client.force_login(bob)
    assert client.get(address).status_code == 404
