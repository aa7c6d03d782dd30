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
