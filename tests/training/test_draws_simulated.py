"""Simulated datasets, the practice drum of a first start, and the datasets over REST."""

import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from memory.models import JournalEntry
from memory.refusals import Invalid
from tests.training.draw_files import csv_of
from training.models import Dataset, Draw
from training.services.draws import (
    ensure_first_dataset,
    eras_of_dataset,
    find_dataset,
    load_history,
)

URL = "/api/draws/simulate"


def simulate(api, **body: object):
    return api.post(URL, {"name": "drum", "draws": 50, **body}, format="json")


def test_a_simulated_dataset_is_labelled_and_journalled(api):
    answer = simulate(api, seed=5, ball=7, weight=1.5)
    assert answer.status_code == 201
    assert answer.json()["parameters"] == {"seed": 5, "bias": {"ball": 7, "weight": 1.5}}
    dataset = Dataset.objects.get()
    assert (dataset.kind, dataset.draw_count, dataset.created_by) == ("simulated", 50, "alice")
    entry = JournalEntry.objects.get(event_type="dataset_simulated")
    assert (entry.metadata["draws"], entry.metadata["seed"]) == (50, 5)


def test_the_same_seed_gives_the_same_fingerprint_and_another_does_not(api):
    same = [simulate(api, name=name, seed=5).json()["fingerprint"] for name in ("a", "b")]
    assert same[0] == same[1] != simulate(api, name="c", seed=6).json()["fingerprint"]


def test_a_matrix_of_its_own_holds_for_every_draw(api):
    assert simulate(api, matrix="5/35+10", draws=4000).status_code == 201
    history = load_history(find_dataset("drum"))
    assert (len(history), history.white.max(), history.bonus.max()) == (4000, 35, 10)
    assert set(history.white_size.tolist()) == {35}
    assert [era.matrix.bonus for era in eras_of_dataset(find_dataset("drum"))] == [10]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"draws": 0}, "draws"),
        ({"draws": 10**9}, "draws"),
        ({"draws": "3"}, "draws"),
        ({"draws": 2.5}, "draws"),
        ({"draws": None}, "draws"),
        ({"draws": True}, "draws"),
        ({"draws": 5000}, "draws"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**70}, "seed"),
        ({"weight": 0}, "weight"),
        ({"weight": "2"}, "weight"),
        ({"ball": 70}, "ball"),
        ({"repeatOdds": 1e9}, "repeatOdds"),
        ({"matrix": "6/49"}, "matrix"),
        ({"game": "keno"}, "game"),
        ({"name": "../x"}, "dataset"),
        ({"wieght": 2}, "wieght"),
    ],
)
def test_an_impossible_simulation_names_its_field(api, body, field):
    answer = simulate(api, **body)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert not Dataset.objects.exists()


def test_a_name_that_is_taken_is_a_conflict(api):
    simulate(api)
    assert simulate(api).status_code == 409
    assert Dataset.objects.count() == 1


def test_the_command_makes_the_same_dataset_as_the_page(api, db):
    out = StringIO()
    call_command(
        "simulate_draws", "mine", "--draws=50", "--seed=5", "--repeat-odds=1.5", stdout=out
    )
    assert out.getvalue() == "mine: 50 biased draws, simulated\n"
    over_rest = simulate(api, seed=5, repeatOdds=1.5).json()["fingerprint"]
    assert find_dataset("mine").fingerprint == over_rest


def test_a_first_start_without_a_file_makes_the_practice_drum(db):
    dataset = ensure_first_dataset()
    assert (dataset.name, dataset.kind) == ("practice", "practice")
    assert str(dataset.first_date) == "2015-10-07"
    assert ensure_first_dataset() == dataset
    assert set(load_history(dataset).white_size.tolist()) == {69}


def test_a_first_start_imports_the_draws_it_is_given(db, settings, tmp_path: Path):
    ensure_first_dataset()
    path = tmp_path / "mine.csv"
    path.write_bytes(csv_of())
    settings.DRAWS_FILE = str(path)
    assert ensure_first_dataset().name == "powerball"
    assert ensure_first_dataset().draw_count == 4


def test_a_first_start_refuses_a_file_it_cannot_read(db, settings, tmp_path: Path):
    settings.DRAWS_FILE = str(tmp_path / "nothing.csv")
    with pytest.raises(Invalid, match="DRAWS"):
        ensure_first_dataset()


def test_datasets_and_their_draws_are_listed(api):
    api.generic("POST", "/api/draws/import", csv_of(), content_type="text/csv")
    listed = api.get("/api/draws").json()
    assert [row["name"] for row in listed["datasets"]] == ["powerball"]
    body = api.get("/api/draws/powerball?n=48&limit=1").json()
    assert (body["total"], len(body["draws"])) == (2, 1)
    assert body["draws"][0]["white"] == [8, 30, 41, 48, 54]
    assert api.get("/api/draws/powerball?from=2026-08-03&pb=25").json()["total"] == 1


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "offset=-1", "n=abc", "pb=" + "9" * 5000, "from=today"]
)
def test_a_bad_query_is_refused_by_name(api, query):
    simulate(api)
    answer = api.get(f"/api/draws/drum?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [query.split("=")[0]]


def test_an_unknown_dataset_is_not_found(api):
    assert api.get("/api/draws/nothing").status_code == 404
    assert api.post("/api/draws/nothing/undo").status_code == 404


def test_nobody_gets_in_without_signing_in(client, db):
    for path in ("", "/powerball", "/import", "/simulate", "/fetch", "/powerball/undo"):
        assert client.post(f"/api/draws{path}").status_code in (401, 403, 405)
        assert client.get(f"/api/draws{path}").status_code in (401, 403, 405)


def test_a_whole_history_loads_in_a_moment(draws_csv: Path, db):
    call_command("import_draws", str(draws_csv), stdout=StringIO())
    dataset = find_dataset("powerball")
    best = min(_seconds(dataset) for _ in range(5))
    assert best < 0.1, "measured 0.016 s on a quiet machine"
    assert Draw.objects.count() == 3838


def _seconds(dataset: Dataset) -> float:
    start = time.perf_counter()
    load_history(dataset)
    return time.perf_counter() - start
