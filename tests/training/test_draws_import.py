"""Importing files over REST and by command: all of it or nothing, and never a silent change."""

import hashlib
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from memory.models import JournalEntry
from memory.refusals import Conflict, Invalid, NotFound
from registry.services import reserve_model
from tests.training.draw_files import HEADER, LINES, WRONG, csv_of
from training.models import Dataset, Draw, DrawImport
from training.services.draws import find_dataset, load_history

URL = "/api/draws/import"
COUNTS = {
    "hand-kept-two-typos-powerball.csv": 1379,
    "list-column-powerball.csv": 3081,
    "ny-open-data-mega-millions.csv": 2518,
    "ny-open-data-powerball-unordered.csv": 1972,
    "ny-open-data-powerball.csv": 1965,
    "powerball-com-winnums-text.txt": 2101,
    "texas-lottery-powerball.csv": 1922,
}


def send(api, data: bytes, **fields: str):
    """POST a file as a form does."""
    upload = SimpleUploadedFile("draws.csv", data)
    return api.post(URL, {"file": upload, **fields}, format="multipart")


def run(*args: object) -> str:
    out = StringIO()
    call_command(*map(str, args), stdout=out)
    return out.getvalue()


def test_a_file_is_imported_with_its_provenance(api, alice):
    answer = send(api, csv_of())
    assert answer.status_code == 201
    assert (answer.json()["new"], answer.json()["applied"]) == (4, True)
    record = DrawImport.objects.get()
    assert (record.file_name, record.actor, record.format) == (
        "draws.csv",
        "alice",
        "CSV columns",
    )
    assert record.sha256 == hashlib.sha256(csv_of()).hexdigest()
    assert record.draws.count() == record.dataset.draw_count == 4
    entry = JournalEntry.objects.get(event_type="draws_imported")
    assert (entry.metadata["new"], entry.metadata["dataset"]) == (4, "powerball")


def test_importing_twice_changes_nothing(api):
    send(api, csv_of())
    before = list(Draw.objects.values()), find_dataset("powerball").fingerprint
    answer = send(api, csv_of())
    assert (answer.status_code, answer.json()["same"]) == (200, 4)
    assert (list(Draw.objects.values()), find_dataset("powerball").fingerprint) == before
    assert DrawImport.objects.count() == JournalEntry.objects.count() == 1


def test_a_raw_body_is_a_file_as_well(api):
    address = f"{URL}?dataset=mine&fileName=from-a-program.csv"
    answer = api.generic("POST", address, csv_of(), content_type="text/csv")
    assert answer.status_code == 201
    assert DrawImport.objects.get().file_name == "from-a-program.csv"
    assert find_dataset("mine").draw_count == 4


def test_a_dry_run_writes_nothing(api):
    answer = send(api, csv_of(), dryRun="true")
    body = answer.json()
    assert (answer.status_code, body["new"], body["canApply"]) == (200, 4, True)
    assert not Dataset.objects.exists()
    assert not JournalEntry.objects.exists()


def test_a_wrong_ball_in_line_1207_is_named_and_nothing_is_written(api, draws_csv: Path):
    lines = draws_csv.read_text().split("\n")
    cells = lines[1206].split(",")
    lines[1206] = ",".join([*cells[:5], "60", *cells[6:]])
    answer = send(api, "\n".join(lines).encode())
    body = answer.json()
    assert (answer.status_code, body["code"]) == (400, "bad_rows")
    assert (
        "line 1207, white balls: white ball 60 is not between 1 and 53"
        in body["fields"]["file"]
    )
    assert not Dataset.objects.exists()
    assert not JournalEntry.objects.exists()


def test_a_contradiction_is_refused_until_a_person_keeps_the_held_draws(api):
    send(api, csv_of(*LINES[1:]))
    answer = send(api, csv_of(LINES[0], WRONG))
    assert (answer.status_code, answer.json()["code"]) == (409, "conflicting_rows")
    told = "line 3: 2026-08-05 is 14 20 59 60 62 + 25 x2 here, 14 20 59 60 61 + 25 x2 held"
    assert told in answer.json()["fields"]["file"]
    assert Draw.objects.count() == 3
    answer = send(api, csv_of(LINES[0], WRONG), keepHeld="true")
    assert (answer.status_code, answer.json()["new"], answer.json()["conflicting"]) == (
        201,
        1,
        1,
    )
    assert Draw.objects.get(date="2026-08-05").white == [14, 20, 59, 60, 61]


def test_a_multiplier_that_one_side_lacks_is_no_contradiction(api):
    send(api, csv_of())
    bare = csv_of(*(line.rsplit(",", 1)[0] + "," for line in LINES))
    assert send(api, bare).json()["same"] == 4
    other = csv_of(LINES[0][:-1] + "3")
    assert send(api, other).status_code == 409


def test_undo_takes_back_exactly_the_latest_import(api):
    send(api, csv_of(*LINES[:2]))
    first = find_dataset("powerball").fingerprint
    send(api, csv_of())
    answer = api.post("/api/draws/powerball/undo")
    assert (answer.status_code, answer.json()["removed"]) == (200, 2)
    assert find_dataset("powerball").fingerprint == first
    assert JournalEntry.objects.filter(event_type="import_undone").count() == 1
    assert api.post("/api/draws/powerball/undo").json()["removed"] == 2
    assert find_dataset("powerball").draw_count == 0
    assert api.post("/api/draws/powerball/undo").status_code == 404
    assert send(api, csv_of()).json()["new"] == 4


def test_the_command_says_what_would_go_and_undoes(api):
    send(api, csv_of(*LINES[:2]))
    said = run("undo_import", "powerball", "--dry-run")
    assert said == "2 draws of draws.csv would leave powerball.\n"
    assert find_dataset("powerball").draw_count == 2
    assert run("undo_import", "powerball") == "2 draws of draws.csv left powerball.\n"
    assert find_dataset("powerball").draw_count == 0
    with pytest.raises(NotFound, match="left to undo"):
        run("undo_import", "powerball")
    with pytest.raises(Invalid):
        run("undo_import", "nothing")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"dataset": "../x"}, "dataset"),
        ({"dataset": "x" * 300}, "dataset"),
        ({"dataset": "con"}, "dataset"),
        ({"dataset": "simulate"}, "dataset"),
        ({"game": "keno"}, "game"),
        ({"dryRun": "perhaps"}, "dryRun"),
    ],
)
def test_a_bad_field_is_named(api, fields, name):
    answer = send(api, csv_of(), **fields)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [name]
    assert not Dataset.objects.exists()


def test_no_file_and_an_empty_file_are_refused(api):
    for answer in (
        api.post(URL, {}, format="multipart"),
        send(api, b""),
        api.generic("POST", URL, b"", content_type="text/csv"),
    ):
        assert answer.status_code == 400
        assert "file" in answer.json()["fields"]


def test_a_file_beyond_the_limit_is_too_large(api):
    assert send(api, b"x" * 5_000_001).status_code == 413
    raw = api.generic("POST", URL, b"x" * 6_000_000, content_type="text/csv")
    assert raw.status_code == 413


NEW = "2026-08-08,1,2,3,4,5,6,2"  # would be added, were the rest of the file in order
BAD_FILES = {
    "wrong columns": (b"name,age\nx,3\n", "line 1, header"),
    "missing column": (csv_of(NEW, "2026-08-10,1,2,3,4"), "line 3, columns"),
    "range": (csv_of(NEW, "2026-08-10,1,2,3,4,70,6,2"), "line 3, white balls"),
    "duplicate": (csv_of(NEW, NEW), "line 3, date"),
    "other duplicate": (csv_of(NEW, NEW.replace(",5,", ",9,")), "line 3, date"),
    "impossible date": (csv_of(NEW, NEW.replace("08-08", "02-30")), "line 3, draw_date"),
    "no draw that day": (csv_of(NEW, NEW.replace("08-08", "08-07")), "line 3, date"),
    "future": (csv_of(NEW, NEW.replace("2026", "2054")), "line 3, date"),
    "header only": (HEADER.encode(), "no draw"),
    "unclosed quote": (csv_of(NEW, '2026-08-10,"1,2,3,4,5,6,2'), "line 3, quotes"),
    "latin-1": (csv_of(NEW) + "2026-08-10,é".encode("latin-1"), "line 3, file"),
    "utf-16": (csv_of(NEW).decode().encode("utf-16"), "line 1, file"),
    "nul": (csv_of(NEW, "2026-08-10,1,2,3,4,5,6,\0"), "line 3, file"),
    "a million lines": (csv_of(NEW) + b"x\n" * 1_000_000, "more than 50,000 lines"),
}


@pytest.mark.parametrize(("data", "told"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_file_is_refused_by_every_door_with_its_line_and_changes_nothing(
    api, signed_in, tmp_path: Path, data, told
):
    send(api, csv_of())
    held = list(Draw.objects.values())
    answer = send(api, data)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["file"])
    assert told in answer.json()["message"]
    page = signed_in.post(
        "/draws/import/", {"file": SimpleUploadedFile("x.csv", data)}, follow=True
    )
    assert "cannot be imported" in page.content.decode()
    assert 'apply/"' not in page.content.decode()
    (tmp_path / "x.csv").write_bytes(data)
    with pytest.raises(Invalid, match=told.partition(" ")[0]):
        run("import_draws", tmp_path / "x.csv")
    assert list(Draw.objects.values()) == held
    assert DrawImport.objects.count() == JournalEntry.objects.count() == 1


def test_a_million_draws_are_too_large(api):
    assert send(api, csv_of(*[NEW] * 1_000_000)).status_code == 413
    assert not Dataset.objects.exists()


def test_real_draws_do_not_go_into_a_simulated_dataset(api):
    run("simulate_draws", "drum", "--draws", 5)
    assert send(api, csv_of(), dataset="drum").status_code == 409
    send(api, csv_of(), dataset="mine")
    mega = b"Draw Date,Winning Numbers,Mega Ball\n07/10/2026,02 39 44 46 56,23\n"
    assert (
        "mine holds powerball"
        in send(api, mega, dataset="mine", game="megamillions").json()["message"]
    )


def test_draws_that_a_session_trains_on_do_not_change(api, alice):
    send(api, csv_of(*LINES[1:3]))
    dataset = find_dataset("powerball")
    model = reserve_model(name="busy", actor="alice")
    dataset.sessions.create(
        model=model, config={}, total_epochs=1, actor="alice", split={"last_date": "2026-08-03"}
    )
    assert send(api, csv_of(*LINES[:3])).json()["code"] == "in_training"
    assert api.post("/api/draws/powerball/undo").status_code == 409
    assert send(api, csv_of(*LINES[1:])).status_code == 201, "later draws concern no session"


@pytest.mark.parametrize("name", COUNTS)
def test_every_published_file_is_imported(name, draw_data: Path, db):
    body = json.loads(run("import_draws", draw_data / "formats" / name, "--json"))
    assert (body["new"], body["invalid"], body["applied"]) == (COUNTS[name], 0, True)
    assert find_dataset(body["game"]).draw_count == COUNTS[name]


def test_the_hand_kept_typos_are_found_against_the_held_draws(draw_data: Path, draws_csv, db):
    run("import_draws", draws_csv)
    hand_kept = draw_data / "formats" / "hand-kept-two-typos-powerball.csv"
    with pytest.raises(Conflict) as refusal:
        run("import_draws", hand_kept)
    assert "line 1088: 2024-09-09" in refusal.value.message
    assert "line 1198: 2025-05-24" in refusal.value.message
    told = run("import_draws", hand_kept, "--dry-run")
    assert "cannot be imported: 0 new, 1,377 same, 2 conflicting, 0 invalid" in told


def test_the_fingerprint_does_not_depend_on_the_order_of_import(draw_data: Path, draws_csv, db):
    formats = draw_data / "formats"
    run("import_draws", draws_csv)
    run("import_draws", formats / "powerball-com-winnums-text.txt", "--dataset", "other")
    run("import_draws", formats / "texas-lottery-powerball.csv", "--dataset", "other")
    run("import_draws", draws_csv, "--dataset", "other")
    one, other = find_dataset("powerball"), find_dataset("other")
    assert one.fingerprint == other.fingerprint
    assert load_history(one).fingerprint() == load_history(other).fingerprint()


def test_a_file_that_is_not_there_is_one_clear_line(db, tmp_path: Path):
    with pytest.raises(Invalid, match="No such file"):
        run("import_draws", tmp_path / "nothing.csv")
    with pytest.raises(Invalid, match="Is a directory"):
        run("import_draws", tmp_path)
