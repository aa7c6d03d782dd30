"""Beside every form: a command that parses, a call that the API describes, and both say the same."""

import json
import re
import shlex

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator

from helios_site.twin_table import TWINS
from helios_site.twins import api_call, command_line
from training.services.draws import simulate_dataset
from training.services.sessions import start_session

# Every value that a form may have, so that no flag and no key is left out.
FULL = {
    "session": 3, "job": 4, "name": "n", "title": "Night", "file": "f.csv", "game": "powerball",
    "dataset": "drum", "data_source": "drum", "matrix": "5/69+26", "text": "it's", "entry": 1,
    "model": "owl", "model_name": "owl", "session_id": 3, "older_than": "90d", "version": 2,
    "alias": "champion", "description": "d", "bundle": "b.zip", "origin": 300, "refit": 50,
    "date_from": "2020-01-01", "date_to": "2021-01-01", "warm": True, "poison": True,
    "placebos": 19, "shuffled": 0, "each": 1, "planted": ["ball-100"], "backtest": 1,
    "tickets": 5, "seed": 1, "jackpot": 9, "m": ["owl", "lark"], "pool": "linear", "draws": 9,
    "ball": 7, "weight": 1.5, "lognormal": 0.1, "repeat_odds": 1.2, "bonus_ball": 3,
    "bonus_weight": 2, "starts": 0.5, "archived": True,
}  # fmt: skip


@pytest.fixture
def drum_session(alice):
    simulate_dataset(name="drum", actor="alice", matrix="5/69+26", draws=200)
    few = {"epochs": 3, "window": 5, "hidden_size": 8}
    return start_session(model_name="a", dataset_name="drum", settings=few, actor="alice")


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.mark.parametrize("name", TWINS)
def test_the_command_is_one_that_parses(name):
    if not TWINS[name].command:
        return
    _, _, command, *words = shlex.split(command_line(TWINS[name], FULL))
    made = load_command_class(get_commands()[command], command)
    made.create_parser("manage.py", command).parse_args(words)


@pytest.mark.parametrize("name", TWINS)
def test_the_call_is_one_that_the_api_describes(name, schema):
    twin = TWINS[name]
    if not twin.path:
        return
    body = next(
        operation[twin.method.lower()].get("requestBody", {})
        for path, operation in schema["paths"].items()
        if re.sub(r"{\w+}", "{}", path) == "/api/" + re.sub(r"{\w+}", "{}", twin.path)
        and twin.method.lower() in operation
    )
    described = next(iter(body.get("content", {}).values()), {}).get("schema", {})
    described = schema["components"]["schemas"].get(described.get("$ref", "/")[21:], described)
    call = shlex.split(api_call(twin, FULL, "http://here/"))
    said = json.loads(call[-1]) if "-d" in call else {}
    parts = {part.partition("=")[0] for part in call if re.match(r"\w+=", part)}
    assert {*said, *parts} <= set(described.get("properties", ()))
    assert set(described.get("required", ())) <= {*said, *parts}


def test_every_twin_stands_beside_a_form():
    names = {":".join([*space, name]) for space, name in names_of(get_resolver())}
    assert set(TWINS) <= names


def names_of(resolver, space=()):
    for name in filter(lambda key: isinstance(key, str), resolver.reverse_dict):
        yield space, name
    for inner, (_, found) in resolver.namespace_dict.items():
        yield from names_of(found, (*space, inner))


def test_a_page_says_both_with_what_it_knows(signed_in, drum_session):
    page = signed_in.get(f"/sessions/{drum_session.pk}/").content.decode()
    assert f"python manage.py session pause {drum_session.pk}" in page
    assert "http://testserver/api/train/pause" in page
    assert f"{{&quot;sessionId&quot;: {drum_session.pk}}}" in page
    assert "python manage.py simulate_draws NAME" in signed_in.get("/draws/").content.decode()
