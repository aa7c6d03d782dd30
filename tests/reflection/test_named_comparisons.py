"""Named comparisons: kept by an account, opened by a link, renamed, deleted, brought back."""

import pytest

from reflection.comparison_page import Wanted, drawings
from reflection.models import SavedComparison
from reflection.services import compare
from tests.reflection.conftest import gains_of


@pytest.fixture
def two(train, score):
    for seed, name in ((1, "owl"), (2, "lark")):
        score(train(name), gains_of(seed, mean=-0.01))


@pytest.fixture
def birds(signed_in, two) -> SavedComparison:
    """A comparison kept from the page."""
    asked = {"name": "birds", "query": "m=owl&m=lark&m=dodo&base=LARK&colour=1"}
    signed_in.post("/compare/saved/", asked)
    return SavedComparison.objects.get()


def text(client, path) -> str:
    return client.get(path).content.decode()


def test_a_comparison_is_kept_in_the_words_of_the_page_and_listed(signed_in, birds):
    assert birds.query == "m=owl&m=lark&base=lark"
    assert 'href="/compare/?m=owl&amp;m=lark&amp;base=lark">birds</a>' in text(
        signed_in, "/compare/"
    )
    page = text(signed_in, birds.get_absolute_url())
    assert "<h1>birds" in page
    assert "Save as named comparison" not in page


def test_another_account_neither_sees_nor_touches_it(signed_in, client, bob, birds):
    client.force_login(bob)
    assert ">birds</a>" not in text(client, "/compare/")
    assert client.post(f"/compare/saved/{birds.pk}/delete/").status_code == 404
    client.post(f"/compare/saved/{birds.pk}/rename/", {"name": "mine"})
    assert SavedComparison.objects.get().name == "birds"


def test_it_is_renamed_deleted_and_brought_back(signed_in, birds):
    signed_in.post(f"/compare/saved/{birds.pk}/rename/", {"name": "night birds"})
    assert "night birds" in text(signed_in, "/compare/")
    signed_in.post(f"/compare/saved/{birds.pk}/delete/")
    assert not SavedComparison.objects.exists()
    assert "Undo" in text(signed_in, "/compare/")
    signed_in.post("/compare/saved/undo/")
    assert SavedComparison.objects.get().query == "m=owl&m=lark&base=lark"
    assert "was deleted" not in text(signed_in, "/compare/")


@pytest.mark.parametrize(
    ("name", "query", "words"),
    [
        ("", "m=owl", "printable name"),
        ("x" * 41, "m=owl", "at most 40"),
        ("x", "m=dodo", "name models"),
    ],
)
def test_what_cannot_be_kept_is_said_on_the_page(signed_in, two, name, query, words):
    answer = signed_in.post("/compare/saved/", {"name": name, "query": query}, follow=True)
    assert words in answer.content.decode()
    assert not SavedComparison.objects.exists()


def test_programs_keep_rename_and_forget_the_same(api, two):
    made = api.post(
        "/api/comparisons", {"name": "birds", "query": "m=owl&m=lark"}, format="json"
    )
    assert made.status_code == 201
    address = f"/api/comparisons/{made.json()['number']}"
    assert api.patch(address, {"name": "owls"}, format="json").json()["name"] == "owls"
    api.post("/api/comparisons", {"name": "birds", "query": "m=owl"}, format="json")
    assert api.patch(address, {"name": "birds"}, format="json").status_code == 409
    assert [row["name"] for row in api.get("/api/comparisons").json()] == ["birds", "owls"]
    assert api.delete(address).status_code == 204
    assert api.delete(address).status_code == 404
    assert api.post("/api/comparisons", {"name": "x"}, format="json").status_code == 400


def test_parallel_coordinates_need_six_models_and_three_numbers_that_differ(train, score):
    names = [f"bird-{place}" for place in range(6)]
    for place, name in enumerate(names):
        session = train(name)
        score(session, gains_of(place, mean=-0.01))
        config = session.artifact.config
        session.artifact.config = {
            **config,
            "window": 5 + place,
            "dropout": place / 10,
            "layers": place,
        }
        session.artifact.save()
    few, all_six = compare(models=names[:5]), compare(models=names)
    assert drawings(few, Wanted(tuple(names[:5])))["parallel"] is None
    drawn = drawings(all_six, Wanted(tuple(names)))["parallel"]
    assert len(drawn.figure["data"]) == 6
    assert all(0 <= y <= 1 for line in drawn.figure["data"] for y in line["y"])
    assert "Window" in drawn.figure["layout"]["xaxis"]["ticktext"]
    assert "best gain, bits" in drawn.figure["layout"]["xaxis"]["ticktext"]
