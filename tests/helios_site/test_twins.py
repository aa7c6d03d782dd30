"""Beside every form: a command that parses, a call that the API describes, and both say the same."""

import json
import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import get_resolver, resolve
from drf_spectacular.generators import SchemaGenerator

from helios_site.twin_table import TWINS, WITHOUT
from helios_site.twins import Twin, Value, api_call, command_line
from tests.helios_site.policy import CHANGES
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
    "bonus_weight": 2, "starts": 0.5, "archived": True, "epochs_days": 30, "journal_days": 90,
    "stretch": 50, "quota_mb": 100, "automatic": "on", "run": 2, "tags": "night, owl",
    "notes": "x", "path": "a.pth", "query": "sort=-gain", "view": 1, "kind": "poison", "on": "off",
    "card": "verdict", "columns": "date=A,balls=B", "number": 3, "theme": "dark", "density": "compact", "time_zone": "UTC",
    "dates": "iso", "decimals": 4, "announcements": "all", "motion": "reduced",
    "shortcuts": "on", "done": "on", "failed": "on", "in_app": "on", "browser": "off",
    "preset": "quick", "username": "alice", "scope": "read", "days": 9,
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
    if twin.path != "jobs":  # a job of any kind: its settings are the kind's to say
        assert {*said, *parts} <= set(described.get("properties", ()))
    answered = {
        key for key, one in described.get("properties", {}).items() if "readOnly" in one
    }
    assert set(described.get("required", ())) - answered <= {*said, *parts}


def test_every_form_that_changes_something_has_twins_or_a_reason_to_have_none():
    paths = [each.split()[1] for role in CHANGES.values() for each in role]
    pages = [path for path in paths if not path.startswith(("/api/", "/admin/"))]
    names = {resolve(path).view_name for path in pages} | {"login", "logout", "theme"}
    assert names == {*TWINS, *WITHOUT}
    assert not set(TWINS) & set(WITHOUT)


def test_every_twin_stands_on_a_page():
    pages = "".join(path.read_text() for path in Path("templates").rglob("*.html"))
    shown = {
        name for names in re.findall(r'{% twins "([^"]+)"', pages) for name in names.split()
    }
    assert shown == set(TWINS)


def test_every_twin_stands_beside_a_form():
    names = {":".join([*space, name]) for space, name in names_of(get_resolver())}
    assert set(TWINS) <= names


def test_what_is_said_fits_what_the_api_reads():
    values = (
        Value("quiet", "--quiet", "quiet", kind="truth"),
        Value("journal_days", "--age journal=", "ages.journal", kind="number"),
        Value("tags", "--text", "tags", kind="words"),
    )
    twin = Twin("Try", "command", "PUT", "path", values)
    given = {"quiet": "off", "journal_days": "30", "tags": "night, owl"}
    assert command_line(twin, given) == (
        "python manage.py command --quiet off --age journal=30 --text 'night, owl'"
    )
    said = json.loads(shlex.split(api_call(twin, given, "http://here/"))[-1])
    assert said == {"quiet": False, "ages": {"journal": 30}, "tags": ["night", "owl"]}


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
