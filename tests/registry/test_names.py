"""A name is a name, never a path, and belongs to one model."""

import re
import threading
from collections.abc import Iterator

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

from memory.refusals import Conflict, Invalid
from registry.models import RegisteredModel
from registry.names import problem_with
from registry.services import reserve_model
from training.services.draws import simulate_dataset

BAD = [
    "",
    ".",
    "..",
    "../x",
    "..\\x",
    "/abs",
    "a/b",
    "a;b",
    "a#b",
    "a?b",
    "a b",
    "-x",
    ".x",
    "x.",
]
BAD += [
    "..%2f",
    "%252e",
    "con",
    "NUL.txt",
    "lpt1",
    "x" * 81,
    "x" * 300,
    "owl\n",
    "o\u0308wl",
    "٣",
    7,
]


@pytest.mark.parametrize("name", BAD)
def test_a_name_that_could_be_a_path_is_refused(db, name):
    with pytest.raises(Invalid) as refusal:
        reserve_model(name=name, actor="alice")
    assert list(refusal.value.fields) == ["model_name"]
    assert not RegisteredModel.objects.exists()


@pytest.mark.parametrize("name", ["a", "0", "lstm-small-7", "A.b_c", "x" * 80, "console"])
def test_a_plain_name_is_accepted(db, name):
    assert reserve_model(name=name, actor="alice").name == name


@pytest.mark.parametrize("name", ["compare", "Audit", "import", "new"])
def test_a_word_that_is_an_address_is_refused_before_it_hides_a_model(api, name):
    simulate_dataset(name="practice", actor="alice", draws=300, matrix="5/69+26")
    body = {"modelName": name, "dataSource": "practice", "epochs": 1}
    response = api.post("/api/train/start", body, format="json")
    assert (response.status_code, list(response.json()["fields"])) == (400, ["modelName"])
    with pytest.raises(Invalid) as refusal:
        reserve_model(name=name, actor="alice")
    assert f"choose another name, such as {name}-1" in refusal.value.fields["model_name"]


def test_the_same_name_is_the_same_model(db):
    first = reserve_model(name="owl", actor="alice")
    assert reserve_model(name="owl", actor="bob") == first


def test_a_twin_in_other_letters_is_refused(db):
    reserve_model(name="owl", actor="alice")
    with pytest.raises(Conflict, match="'owl'") as refusal:
        reserve_model(name="Owl", actor="alice")
    assert refusal.value.code == "name_in_use"


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_model_each_with_its_own_number():
    barrier = threading.Barrier(20)

    def reserve(name: str) -> None:
        barrier.wait()
        reserve_model(name=name, actor="alice")
        connection.close()

    names = ["owl"] * 10 + [f"lark-{n}" for n in range(10)]
    threads = [threading.Thread(target=reserve, args=[name]) for name in names]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    numbers = RegisteredModel.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 12))


def beside_names(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Every route, written with <> for a parameter that is a model's name."""
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield re.sub(r"<str:(name|model_name)>", "<>", route)
        else:
            yield from beside_names(entry, route)


def test_no_model_can_be_hidden_by_an_address():
    routes = [route.strip("/").split("/") for route in beside_names(get_resolver())]
    places = {tuple(route[: route.index("<>")]) for route in routes if "<>" in route}
    words = {
        route[len(place)]
        for place in places
        for route in routes
        if tuple(route[: len(place)]) == place and len(route) > len(place)
    }
    fixed = {word for word in words if not word.startswith("<")}
    assert {"import", "audit", "notes"} <= fixed
    assert [word for word in fixed if not problem_with(word)] == []
