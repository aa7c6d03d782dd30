"""Which models the page Compare offers, and what it tells while somebody looks at it."""

import re
from html import unescape

import pytest

from memory.services import append
from reflection.comparison_page import Wanted, drawings
from reflection.figures import dots
from reflection.services import compare
from reflection.statistics.intervals import Interval
from registry.models import RegisteredModel
from tests.reflection.conftest import gains_of


@pytest.fixture
def pair(train, score):
    for seed, name in ((1, "owl"), (2, "lark")):
        score(train(name), gains_of(seed))


@pytest.fixture
def poll(signed_in):
    """What the open page `m=owl` asks; the answer after something happened."""
    page = signed_in.get("/compare/?m=owl&train=1").content.decode()
    address = unescape(re.search(r'hx-get="(/compare/newer/[^"]+)"', page)[1])

    def ask() -> str:
        return unescape(signed_in.get(address).content.decode())

    return ask


def finish(name: str, session: int) -> None:
    append(
        event_type="training_end",
        actor="system",
        model_name=name,
        session_id=session,
        metadata={"epochs": 3, "best_epoch": 2},
    )


def test_a_session_that_finishes_is_offered_to_an_open_comparison(pair, poll):
    assert poll().strip() == ""
    finish("wren", 44)
    assert "Session 44 of wren finished: add it" in poll()
    assert 'href="/compare/?m=owl&m=wren&train=1"' in poll()
    finish("owl", 45)
    assert "Session 45 of owl finished: compare its new version" in poll()


def test_what_else_became_known_is_said_too(pair, poll, train):
    train("jay")
    assert "There is more to reflect on" in poll()


def test_a_question_that_no_page_asks_is_refused(signed_in, db):
    assert signed_in.get("/compare/newer/x/?m=owl&since=-1").status_code == 400


def test_the_newest_models_are_ticked_and_others_typed(signed_in, train, score, monkeypatch):
    monkeypatch.setattr("reflection.views.comparison.TICKED", 2)
    for seed, name in enumerate(("owl", "lark", "wren")):
        score(train(name), gains_of(seed))
    page = signed_in.get("/compare/").content.decode()
    assert re.findall(r'type="checkbox" name="m" value="(\w+)"', page) == ["wren", "lark"]
    assert "<option>owl</option>" in page
    assert "there is no such model" in signed_in.get("/compare/?m=ow&m=owl").content.decode()


def test_offering_models_asks_no_more_of_many(
    signed_in, train, score, django_assert_max_num_queries
):
    for seed in range(6):
        score(train(f"model-{seed}"), gains_of(seed))
    signed_in.get("/compare/")
    with django_assert_max_num_queries(12):
        signed_in.get("/compare/")


def test_a_model_has_its_own_colour_in_every_part_of_a_comparison(signed_in, pair):
    RegisteredModel.objects.filter(key="owl").update(number=30)
    RegisteredModel.objects.filter(key="lark").update(number=38)  # the same colour
    found = compare(models=["owl", "lark"])
    drawn = drawings(found, Wanted(("owl", "lark")))
    lines = drawn["curves"].figure["data"]
    assert [line["meta"]["series"] for line in lines] == [6, 6]
    assert lines[0]["line"]["dash"] != lines[1]["line"]["dash"]
    marks = drawn["efficiency"].figure["data"][:2]
    assert {dot["meta"]["series"] for dot in marks} == {6}
    assert len({dot["marker"]["symbol"] for dot in marks}) == 2
    page = signed_in.get("/compare/?m=owl&m=lark").content.decode()
    assert set(re.findall(r'<svg class="(?:swatch )?series-(\d)"', page)) == {"6"}


def test_one_far_off_does_not_press_the_others_into_a_point():
    near = [Interval(mean / 100, mean / 100 - 0.01, mean / 100 + 0.01, 200) for mean in (-1, 1)]
    left, right, far = dots([*near, Interval(-40.0, -44.0, -36.0, 200)])
    assert far.mean < left.mean < right.mean
    assert right.mean - left.mean > 10


def test_a_comparison_of_many_models_asks_no_more(
    signed_in, train, score, django_assert_max_num_queries
):
    names = [f"model-{number}" for number in range(6)]
    for seed, name in enumerate(names):
        score(train(name), gains_of(seed))
    address = "/compare/?" + "&".join(f"m={name}" for name in names)
    signed_in.get(address)
    with django_assert_max_num_queries(12):
        signed_in.get(address)
