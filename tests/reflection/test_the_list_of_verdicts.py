"""Every model beside chance, verdict first."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from reflection import figures
from reflection.statistics.intervals import Interval
from registry.services import reserve_model
from tests.reflection.conftest import gains_of


def test_models_are_listed_by_their_gain_and_the_unmeasured_last(api, train, score):
    score(train("owl"), gains_of(1, mean=-0.05))
    score(train("lark"), gains_of(2, mean=0.01))
    reserve_model(name="wren", actor="alice")
    rows = api.get("/api/reflection").json()["models"]
    assert [row["modelName"] for row in rows] == ["lark", "owl", "wren"]
    assert [row["judgement"]["verdict"] for row in rows] == [
        "indistinguishable from chance",
        "worse than chance",
        "not measured",
    ]


def test_the_list_costs_the_same_for_more_models(signed_in, train, score):
    score(train("jay"))
    signed_in.get("/reflection/")
    costs = []
    for pair in (("owl", "lark"), ("wren", "crow")):
        for name in pair:
            score(train(name))
        for _ in "as it is computed", "as it was kept":
            with CaptureQueriesContext(connection) as queries:
                signed_in.get("/reflection/")
            costs.append(len(queries))
    # five of them are the frame's of every page
    assert costs[0] == costs[2] <= 15
    assert costs[1] == costs[3] <= 7


def test_a_long_list_of_models_comes_in_pages(signed_in, monkeypatch, train, score):
    monkeypatch.setattr("reflection.views.insights.MODELS_AT_ONCE", 2)
    for name, mean in (("owl", 0.03), ("lark", 0.02), ("wren", 0.01)):
        score(train(name), gains_of(1, mean=mean))
    first = signed_in.get("/reflection/").content.decode()
    assert ('/">lark</a>' in first, '/">wren</a>' in first) == (True, False)
    assert '/">wren</a>' in signed_in.get("/reflection/?page=2").content.decode()


def test_the_list_says_what_to_do_when_it_is_empty(signed_in, db):
    page = signed_in.get("/reflection/").content.decode()
    assert "No models yet." in page
    assert "Start training" in page


def test_the_list_draws_a_dot_with_its_interval(signed_in, train, score):
    score(train("owl"))
    page = signed_in.get("/reflection/").content.decode()
    assert 'role="img" aria-label="Indistinguishable from chance on 208' in page
    assert 'href="/reflection/owl/"' in page


def test_dots_share_an_axis_that_holds_chance():
    one, two, none = figures.dots(
        [Interval(0.2, 0.1, 0.3, 9), Interval(0.5, None, None, 1), None], width=100
    )
    assert 0 < one.chance == two.chance < one.low < one.mean < one.high < two.mean < 100
    assert none is None


def test_one_far_off_is_an_arrow_and_leaves_the_others_their_room():
    near = [Interval(mean, mean - 0.01, mean + 0.01, 200) for mean in (-0.02, 0.0, 0.02)]
    *close, wild = figures.dots([*near, Interval(-34.6, -39.2, -30.0, 200)])
    assert [one.off for one in close] == [0, 0, 0]
    assert close[2].mean - close[0].mean > 50  # pixels
    assert (wild.off, wild.arrow) == (-1, "M1 10 L9 4 L9 16 Z")
    assert [one.off for one in figures.dots([near[0], Interval(-1.0, -2.0, 0.0, 9)])] == [0, 0]
