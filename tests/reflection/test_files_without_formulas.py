"""CS-02: no file of Helios runs a formula in a spreadsheet, and no number of it is changed."""

import csv
import re
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver

from memory import services
from registry.models import ModelArtifact
from tests.helios_site.test_route_table import addresses
from tests.reflection.conftest import gains_of
from tests.reflection.stored import store_backtest
from tests.training.draw_files import LINES, csv_of
from training.models import TrainingSession
from training.services.draws import DrawFile, apply_import

RUN = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?")


@pytest.fixture
def files(signed_in, train, score) -> dict[str, str]:
    """Every kind of CSV file, of things that hostile hands have named: route -> address."""
    for name in ("owl", "lark"):
        score(train(name), gains_of(1, mean=-0.01))
    TrainingSession.objects.update(title="=1+1")
    ModelArtifact.objects.update(dataset_name="@SUM(1)")
    version = ModelArtifact.objects.first()
    for start in RUN:
        services.append(event_type="note_added", actor=f"{start}eve", model_name=f"{start}owl",
                        metadata={"text": f"{start}1"}, reason=f"{start}2")  # fmt: skip
    backtest = store_backtest(version, gains_of(2))
    apply_import(file=DrawFile(data=csv_of(), file_name="=x.csv"), actor="alice")
    bad = SimpleUploadedFile("draws.csv", csv_of(LINES[0], "@x,1,2,3,4,5,6,2", "\t=x,1"))
    preview = signed_in.post("/draws/import/", {"file": bad}).url
    return {
        "/api/journal.csv": "/api/journal.csv",
        "/api/models.csv": "/api/models.csv",
        "/compare/table.csv": "/compare/table.csv?m=owl&m=lark",
        "/draws/import/x/problems.csv": f"{preview}problems.csv",
        "/draws/x/draws.csv": "/draws/powerball/draws.csv",
        "/draws/x/frequency/x.csv": "/draws/powerball/frequency/white.csv",
        "/reflection/backtests/1.csv": f"/reflection/backtests/{backtest.pk}.csv",
        "/sessions/1/epochs.csv": f"/sessions/{version.session_id}/epochs.csv",
        "/train/sessions.csv": "/train/sessions.csv",
    }


def read(client: Client, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return list(csv.DictReader(StringIO(answer.getvalue().decode(), newline="")))


def test_no_cell_of_any_file_is_a_formula(signed_in, files):
    assert set(files) == {a for a in addresses(get_resolver()) if a.endswith(".csv")}
    quoted = 0
    for address in files.values():
        rows = read(signed_in, address)
        cells = [cell for row in rows for cell in (*row, *row.values())]
        assert rows, address
        assert not [c for c in cells if c.startswith(RUN) and not NUMBER.fullmatch(c)], address
        quoted += sum(cell.startswith("'") and cell[1:].startswith(RUN) for cell in cells)
    assert quoted > 20


def test_negative_numbers_stay_numbers(signed_in, files):
    def gain(route: str, name: str) -> float:
        return float(read(signed_in, files[route])[0][name])

    assert gain("/sessions/1/epochs.csv", "gain") == -0.02
    assert gain("/compare/table.csv", "gain") == pytest.approx(-0.01)
    assert gain("/api/models.csv", "testGain") == pytest.approx(-0.01)
    assert gain("/reflection/backtests/1.csv", "gain") == gains_of(2)[0]


def test_draws_that_were_exported_are_the_same_when_they_come_back(signed_in, files, api):
    sent = signed_in.get(files["/draws/x/draws.csv"]).getvalue()
    body = {"file": SimpleUploadedFile("again.csv", sent)}
    assert api.post("/api/draws/import", body).json()["same"] == len(LINES)
    other = {"file": SimpleUploadedFile("other.csv", sent), "dataset": "other"}
    assert api.post("/api/draws/import", other).json()["new"] == len(LINES)
    assert signed_in.get("/draws/other/draws.csv").getvalue() == sent
