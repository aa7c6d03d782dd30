"""A name is a name, never a path, and belongs to one model."""

import threading

import pytest
from django.db import connection

from memory.refusals import Conflict, Invalid
from registry.models import RegisteredModel
from registry.services import reserve_model

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
