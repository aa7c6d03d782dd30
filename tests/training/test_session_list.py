"""The list of sessions: filters, order, pages, columns and files, by every door."""

import csv
import json
import re
from io import StringIO

import pytest
from django.core.management import call_command

from memory.refusals import Invalid
from training.models import TrainingSession


@pytest.fixture
def three(start):
    """Sessions a (+0.3), b (not measured) and c (+0.5, failed), by number."""
    found = {name: start(name=name, encoder=net) for name, net in NETS.items()}
    for name, gain in (("a", 0.3), ("c", 0.5)):
        row = TrainingSession.objects.filter(pk=found[name].pk)
        row.update(best_gain=gain, state="failed" if name == "c" else "completed")
    return {name: session.pk for name, session in found.items()}


NETS = {"a": "mlp", "b": "counts", "c": "mlp"}


def named(client, query: str) -> list[str]:
    """The models of the rows that the page shows."""
    page = client.get(f"/train/?{query}").content.decode()
    return re.findall(r'<a href="/sessions/\d+/">(\w+)</a>', page.partition("<tbody>")[2])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "cba"),
        ("sort=started", "abc"),
        ("sort=-best_val", "cab"),
        ("sort=best_val", "acb"),
        ("sort=-model", "cba"),
        ("arch=mlp", "ca"),
        ("q=B", "b"),
        ("source=drum&state=failed", "c"),
        ("source=other", ""),
        ("sort=colour&arch=oracle&per_page=7", "cba"),
    ],
)
def test_the_page_and_rest_list_the_same(signed_in, three, query, expected):
    assert "".join(named(signed_in, query)) == expected
    answer = signed_in.get(f"/api/train/history?{query}")
    if "colour" in query:
        assert answer.status_code == 400
        assert set(answer.json()["fields"]) == {"sort", "arch"}
    else:
        assert "".join(row["modelName"] for row in answer.json()["sessions"]) == expected
        assert answer.json()["total"] == len(expected)


def test_a_session_is_found_by_its_number_and_its_title(signed_in, three):
    TrainingSession.objects.filter(pk=three["b"]).update(title="Wider")
    assert named(signed_in, "q=wider") == ["b"]
    assert "a" in named(signed_in, f"q=%23{three['a']}")


def test_the_heading_is_a_sentence_and_each_filter_a_chip(signed_in, three):
    page = signed_in.get("/train/?state=done&arch=mlp&sort=-best_val&epochs=9").content.decode()
    assert (
        "1 session, state = done, architecture = mlp, sorted by best validation gain." in page
    )
    assert (
        'href="?state=done&amp;sort=-best_val&amp;epochs=9#sessions">architecture = mlp' in page
    )
    assert 'aria-sort="descending"><a href="?state=done&amp;arch=mlp&amp;sort=best_val' in page
    assert "Reset all" in page


def test_tabs_count_within_the_other_filters(signed_in, three):
    page = signed_in.get("/train/?arch=mlp").content.decode()
    assert re.findall(r'id="count-(\w+)">(\d+)<', page) == [
        ("all", "2"),
        ("active", "0"),
        ("done", "1"),
        ("failed", "1"),
    ]


def test_files_hold_exactly_the_view(signed_in, three):
    page = signed_in.get("/train/?arch=mlp&sort=-best_val&page=1").content.decode()
    for name in ("/train/sessions.csv", "/train/sessions.json", "/api/train/history"):
        assert f'href="{name}?arch=mlp&amp;sort=-best_val"' in page
    text = b"".join(signed_in.get("/train/sessions.csv?arch=mlp&sort=-best_val")).decode()
    rows = b"".join(signed_in.get("/train/sessions.json?arch=mlp&sort=-best_val")).decode()
    assert [row["modelName"] for row in csv.DictReader(StringIO(text))] == ["c", "a"]
    assert [row["bestGain"] for row in json.loads(rows)] == [0.5, 0.3]


def test_the_command_lists_the_same(three, capsys):
    call_command("session", "list", "--sort=-best_val", "--arch", "mlp", "--json")
    assert [row["modelName"] for row in json.loads(capsys.readouterr().out)] == ["c", "a"]
    with pytest.raises(Invalid):
        call_command("session", "list", "--sort", "colour")


def test_a_page_holds_as_many_rows_as_asked_for(signed_in, start, three):
    first = TrainingSession.objects.get(pk=three["a"])
    for _ in range(30):
        first.pk = None
        first.save(force_insert=True)
    assert len(named(signed_in, "")) == 25
    assert len(named(signed_in, "per_page=50")) == 33
    assert len(named(signed_in, "page=2")) == 8


def test_what_matches_nothing_says_so_and_leads_back(signed_in, three):
    page = signed_in.get("/train/?q=nobody").content.decode()
    assert "No session matches" in page
    assert "0 sessions, name contains “nobody”." in page


def test_the_old_order_by_gain_is_still_a_rank(api, three):
    rows = api.get("/api/train/history?sort=-bestGain").json()["sessions"]
    assert [row["modelName"] for row in rows] == ["c", "a"]


def test_ticked_sessions_lead_back_to_the_list_as_it_was(signed_in, three):
    ticked = {"s": three["b"], "act": "pause", "next": "/train/?arch=counts"}
    answer = signed_in.post("/train/selected/", ticked)
    assert answer["Location"] == "/train/?arch=counts#sessions"
    ticked["next"] = "https://evil.example/train/"
    assert signed_in.post("/train/selected/", ticked)["Location"] == "/train/#sessions"


def question(page: str) -> str:
    """What a page asks for again."""
    return re.search(r'hx-get="(/train/sessions/newer/[^"]*)"', page)[1].replace("&amp;", "&")


def test_a_row_follows_its_training_until_it_is_over(signed_in, three):
    page = signed_in.get("/train/").content.decode()
    assert 'hx-trigger="every 3s"' in page
    ask = question(page)
    assert signed_in.get(ask).status_code == 204
    row = TrainingSession.objects.filter(pk=three["b"])
    row.update(state="completed", current_epoch=2, revision=9)
    answer = signed_in.get(ask).content.decode()
    assert f'<span id="s{three["b"]}-epochs" hx-swap-oob="true">2 of 3</span>' in answer
    assert 'id="count-done" hx-swap-oob="true">2<' in answer
    assert 'hx-trigger="every 10s"' in answer
    assert signed_in.get(question(answer)).status_code == 204


def test_a_new_session_is_a_pill_in_the_list_it_belongs_to(signed_in, start, three):
    asked = [
        question(signed_in.get(f"/train/?{q}").content.decode()) for q in ("", "arch=counts")
    ]
    start(name="d", encoder="mlp")
    assert "1 new session: show it" in signed_in.get(asked[0]).content.decode()
    assert signed_in.get(asked[1]).status_code == 204
    again = question(signed_in.get(asked[0]).content.decode())
    assert signed_in.get(again).status_code == 204  # it was said


def test_an_answer_costs_the_same_with_more_rows(
    signed_in, start, django_assert_max_num_queries
):
    for number in range(6):
        start(name=f"m{number}")
    ask = question(signed_in.get("/train/").content.decode())
    TrainingSession.objects.update(revision=5)
    with django_assert_max_num_queries(7):
        signed_in.get(ask)
