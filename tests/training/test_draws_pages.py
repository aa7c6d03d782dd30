"""The pages of draws: upload, preview, apply, undo, simulate, download, and one dataset."""

import os
import re
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.services import reserve_model
from tests.training.draw_files import LINES, WRONG, csv_of, state_of_new_york
from training.models import Dataset, Draw, DrawImport, TrainingSession
from training.services.draws import DrawFile, apply_import, find_dataset, simulate_dataset


def upload(page, data: bytes, name: str = "draws.csv", **fields: str):
    """Send a file on the draws page and follow to what comes next."""
    return page.post(
        "/draws/import/", {"file": SimpleUploadedFile(name, data), **fields}, follow=True
    )


def press(page, answer, words: str, **fields: str):
    """Post the form of an answer whose button has these words."""
    text = answer.content.decode()
    forms = re.findall(r'<form method="post" action="([^"]+)">(.*?)</form>', text, re.DOTALL)
    action = next(action for action, body in forms if words in body)
    return page.post(action, fields, follow=True)


@pytest.fixture
def held(db) -> Dataset:
    file = DrawFile(data=csv_of(), file_name="first.csv")
    return apply_import(file=file, actor="alice").dataset


def test_an_upload_is_previewed_and_then_applied(signed_in):
    preview = upload(signed_in, csv_of())
    assert "4 new draws would be added to powerball" in preview.content.decode()
    assert not Dataset.objects.exists(), "a preview writes nothing"
    done = press(signed_in, preview, "Import 4 draws into powerball")
    assert done.redirect_chain[-1][0] == "/draws/powerball/"
    assert "4 draws imported." in done.content.decode()
    assert DrawImport.objects.get().actor == "alice"


def test_a_file_with_contradictions_offers_to_keep_the_held_draws(signed_in, held):
    new = "2026-08-08,1,2,3,4,5,6,2"
    preview = upload(signed_in, csv_of(LINES[0], WRONG, new))
    text = preview.content.decode()
    assert "1 line contradicts draws that are held" in text
    address = re.search(r'href="(/draws/import/\w+/problems\.csv)"', text)[1]
    _, told = signed_in.get(address).content.decode().splitlines()
    assert told.startswith('3,,"2026-08-05 is ')
    assert "keep the held draws" in told
    done = press(signed_in, preview, "Keep the held draws", keep_held="yes")
    assert "1 draw imported" in done.content.decode()
    assert Draw.objects.get(date="2026-08-05").white == [14, 20, 59, 60, 61]


def test_a_file_with_problems_lists_them_and_offers_no_import(signed_in):
    bad = "=cmd|' /C calc'!A0,14,20,59,60,61,25,2"
    preview = upload(signed_in, csv_of(*LINES[:3], bad))
    text = preview.content.decode()
    assert "cannot be imported" in text
    assert "Import 3 draws" not in text
    assert "write the date as YYYY-MM-DD" in text
    address = re.search(r'href="(/draws/import/\w+/problems\.csv)"', text)[1]
    table = signed_in.get(address).content.decode()
    assert table.startswith("line,column,reason,remedy\n5,draw_date,")
    assert not re.search(r"(^|,)[=+@-]", table, re.MULTILINE)


def test_a_file_that_is_all_there_says_so(signed_in, held):
    assert "nothing to import" in upload(signed_in, csv_of()).content.decode()


def test_a_preview_belongs_to_its_user_and_expires(signed_in, client, bob, home: Path):
    preview = upload(signed_in, csv_of())
    address = preview.redirect_chain[-1][0]
    (staged,) = (home / "staging").iterdir()
    assert staged.stat().st_mode & 0o077 == 0
    client.force_login(bob)
    assert client.get(address).status_code == 404
    client.force_login(preview.wsgi_request.user)
    assert client.get(address).status_code == 200
    old = time.time() - 3601
    os.utime(staged, (old, old))
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("token", ["x", "0" * 32, "..%2F..%2Fetc%2Fpasswd", "f" * 3000])
def test_other_tokens_are_not_found(signed_in, token):
    assert signed_in.get(f"/draws/import/{token}/").status_code == 404
    assert signed_in.post(f"/draws/import/{token}/apply/").status_code == 404


def test_staged_files_do_not_pile_up(signed_in, home: Path):
    for number in range(25):
        upload(signed_in, csv_of(f"2026-08-05,14,20,59,60,61,{number + 1},2"))
    assert len(list((home / "staging").iterdir())) <= 20


@pytest.mark.parametrize(
    ("data", "words"), [(b"", "The file is empty."), (b"x" * 5_000_001, "at most 5,000,000")]
)
def test_a_file_that_cannot_be_previewed_is_refused(signed_in, data, words):
    answer = upload(signed_in, data)
    assert answer.status_code in (400, 413)
    assert words in answer.content.decode()


def test_the_last_import_can_be_undone_on_the_page(signed_in, held):
    page = signed_in.get("/draws/powerball/")
    done = press(signed_in, page, "Undo the last import")
    assert "The import of first.csv was undone." in done.content.decode()
    assert "This dataset holds no draws." in done.content.decode()


def test_the_official_history_is_one_click_and_a_preview_away(signed_in, settings):
    with state_of_new_york(csv_of()) as server:
        settings.HELIOS_DRAWS_URL = server.url
        assert f"connects to {server.url.split('/')[2]} only" in signed_in.get("/draws/").text
        preview = signed_in.post("/draws/fetch/", {"game": "powerball"}, follow=True)
    assert "4 new draws would be added" in preview.text
    assert not Dataset.objects.exists()
    press(signed_in, preview, "Import 4 draws")
    assert find_dataset("powerball").draw_count == 4


def test_a_simulated_history_is_made_on_the_page_and_labelled(signed_in):
    blank = signed_in.get("/draws/").context["simulate_form"]
    fields = {field.name: field.initial for field in blank if field.initial is not None}
    answer = signed_in.post(
        "/draws/simulate/", {**fields, "name": "drum", "draws": 30}, follow=True
    )
    assert "30 simulated Powerball draws" in answer.text
    again = signed_in.post("/draws/simulate/", {**fields, "name": "drum", "draws": 30})
    assert (again.status_code, "is taken" in again.text) == (409, True)
    wrong = signed_in.post("/draws/simulate/", {**fields, "name": "x", "weight": "nan"})
    assert (wrong.status_code, "Enter a number." in wrong.text) == (400, True)
    wrong = signed_in.post(
        "/draws/simulate/", {**fields, "name": "x", "ball": "70", "draws": 3}
    )
    assert (wrong.status_code, "must lie between 1 and 69" in wrong.text) == (400, True)
    assert Dataset.objects.count() == 1


def words(answer) -> str:
    """What a person reads of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_the_page_of_the_real_history_tells_its_facts(signed_in, draws_csv: Path):
    call_command("import_draws", str(draws_csv), stdout=StringIO())
    page = signed_in.get("/draws/powerball/")
    read = words(page)
    assert "no draw day in between is missing" in read
    assert "The same full result came on 1993-04-03 and 2000-12-27" in read
    assert "28.122388" in read
    assert "Past counts do not change odds" in read
    assert page.text.count("<circle") == 69 + 26
    older = signed_in.get("/draws/powerball/?era=1992-04-22").text
    assert older.count("<circle") == 45 + 45
    assert "same result on 2000-12-27" in words(
        signed_in.get("/draws/powerball/?to=1993-04-03")
    )


def test_filters_are_chips_that_can_be_taken_off(signed_in, held):
    answer = signed_in.get("/draws/powerball/?n=48&from=2026-08-02&page=1")
    assert [line.draw.date.isoformat() for line in answer.context["view"].lines] == [
        "2026-08-03"
    ]
    assert 'href="?n=48#table"' in answer.text
    assert "No draw matches" in signed_in.get("/draws/powerball/?pb=26").text


def test_the_draws_are_sorted_and_paged_by_their_address(signed_in, held):
    page = signed_in.get("/draws/powerball/?sort=pb&per_page=25")
    draws = [line.draw for line in page.context["view"].lines]
    assert draws == sorted(draws, key=lambda draw: (draw.bonus, -draw.date.toordinal()))
    assert "4 draws, by the bonus ball, lowest first." in page.text
    assert page.text.count('aria-sort="ascending"') == 1
    assert 'href="?sort=-pb&amp;per_page=25#table"' in page.text
    simulate_dataset(name="drum", actor="alice", draws=120)
    drum = signed_in.get("/draws/drum/?per_page=25&sort=date&page=2")
    assert len(drum.context["view"].lines) == 25
    assert 'href="?per_page=100&amp;sort=date#table" aria-label="100 a page"' in drum.text


def test_each_draw_says_what_the_newest_session_used_it_for(signed_in, held):
    assert "No session has used these draws yet" in signed_in.get("/draws/powerball/").text
    days = sorted(draw.date.isoformat() for draw in held.draws.all())
    parts = zip(("train", "val", "test"), days[1:], strict=True)
    TrainingSession.objects.create(
        model=reserve_model(name="owl", actor="alice"), dataset=held, total_epochs=1, config={},
        split={part: {"first": day, "last": day} for part, day in parts},
    )  # fmt: skip
    page = signed_in.get("/draws/powerball/")
    assert [line.used for line in page.context["view"].lines] == [
        *("test", "validation", "training", "only looked back at")
    ]


@pytest.mark.parametrize(
    "query", ["sort=luck", "n=abc", "from=2026", "era=2015", "pb=" + "9" * 3000]
)
def test_a_bad_filter_is_a_page_that_names_it(signed_in, held, query):
    answer = signed_in.get(f"/draws/powerball/?{query}")
    assert answer.status_code == 400
    assert query.split("=")[0] in answer.text
    assert signed_in.get("/draws/powerball/?page=abc").status_code == 200


def test_the_download_is_read_back_as_the_same_draws(signed_in, held):
    answer = signed_in.get("/draws/powerball/draws.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="powerball.csv"'
    assert answer.content == csv_of()
    copy = apply_import(
        file=DrawFile(data=answer.content, file_name="x", dataset="copy"), actor="alice"
    )
    assert copy.dataset.fingerprint == held.fingerprint


def test_a_name_from_a_file_is_only_text(signed_in):
    name = "<svg onload=alert(1)>\u202e'\".csv"
    preview = upload(signed_in, csv_of(), name=name)
    press(signed_in, preview, "Import 4 draws")
    for address in ("/draws/", "/draws/powerball/"):
        assert "<svg onload" not in signed_in.get(address).text


def queries(page, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert page.get(address).status_code == 200
    return len(found)


def test_more_rows_need_no_more_queries(signed_in, held):
    few = queries(signed_in, "/draws/"), queries(signed_in, "/draws/powerball/")
    for number in range(6):
        simulate_dataset(name=f"drum-{number}", actor="alice", draws=200)
    data = csv_of(*LINES, "2026-07-27,6,26,46,58,65,25,2", "2026-07-25,3,4,24,36,47,17,4")
    apply_import(file=DrawFile(data=data, file_name="more.csv"), actor="alice")
    assert (queries(signed_in, "/draws/"), queries(signed_in, "/draws/powerball/")) == few
    assert queries(signed_in, "/draws/drum-1/") <= few[1]


def test_nobody_sees_draws_without_signing_in(client, held):
    for path in ("", "powerball/", "powerball/draws.csv", "import/" + "0" * 32 + "/"):
        assert client.get(f"/draws/{path}").status_code == 302
    for path in ("import/", "fetch/", "simulate/", "powerball/undo/"):
        assert client.post(f"/draws/{path}").status_code == 302


def test_the_draws_and_counts_of_a_page_are_csv_and_json(signed_in, drum):
    page = signed_in.get("/draws/drum/?n=7").content.decode()
    assert 'href="/draws/drum/draws.csv?n=7"' in page
    assert 'href="/draws/drum/audit/"' in page
    lines = b"".join(signed_in.get("/draws/drum/draws.csv?n=7")).decode().splitlines()
    found = signed_in.get("/api/draws/drum?n=7").json()
    assert len(lines) - 1 == found["total"] > 0
    counts = b"".join(signed_in.get("/draws/drum/frequency/white.csv")).decode().splitlines()
    assert counts[0].startswith("ball,count,expected,low,high")
    assert len(counts) == 70
    assert signed_in.get("/draws/drum/frequency/gold.csv").status_code == 404


def test_a_data_card_tells_what_is_held_and_where_it_comes_from(signed_in, held, drum):
    assert 'href="/draws/powerball/card.md"' in signed_in.get("/draws/powerball/").text
    card = signed_in.get("/draws/powerball/card.md").text
    assert card.startswith('---\npretty_name: "powerball"\n')
    assert held.fingerprint in card
    assert f"| first.csv | CSV columns |  | 4 | {len(csv_of())} | " in card
    assert "- 0 draw days missing" in card
    simulated = signed_in.get("/draws/drum/card.md").text
    assert "Simulated by " in simulated
    assert signed_in.get("/draws/nothing/card.md").status_code == 404
