"""Comparing models over REST and on the page."""

import csv
import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command

from memory.refusals import NotFound
from registry.services import reserve_model
from tests.reflection.conftest import gains_of
from training.models import TrainingSession


def compare(api, *names):
    return api.post("/api/reflection/compare", {"models": names}, format="json")


def told(*words):
    out = StringIO()
    call_command("compare", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def three(train, score):
    """Three scored models: two alike, one far below."""
    for seed, name, mean in ((1, "owl", -0.01), (2, "lark", -0.02), (3, "wren", -0.9)):
        score(train(name), gains_of(seed, mean=mean))


def test_two_alike_are_indistinguishable_with_the_draws_it_would_take(api, three):
    body = compare(api, "owl", "lark").json()
    assert body["comparable"]
    assert body["verdict"].startswith("Indistinguishable on the same 208 draws")
    (pair,) = body["differences"]
    assert pair["anytime"]["low"] < 0 < pair["anytime"]["high"]
    assert pair["settledAfter"] > 0


def test_the_command_says_the_same_in_three_forms(api, three):
    body = compare(api, "owl", "lark").json()
    assert body["verdict"] in told("owl", "lark")
    assert json.loads(told("owl", "lark", "--as", "json"))["verdict"] == body["verdict"]
    rows = list(csv.DictReader(told("owl", "lark", "--as", "csv").splitlines()))
    assert [row["model"] for row in rows] == ["owl", "lark"]
    with pytest.raises(NotFound):
        told("owl", "nobody")


def test_one_far_below_is_told_apart_but_that_is_no_evidence_against_chance(api, three):
    body = compare(api, "owl", "lark", "wren").json()
    assert "wren" in body["verdict"]
    assert body["verdict"].endswith("That is no evidence against chance.")
    assert [one["modelName"] for one in body["models"]] == ["owl", "lark", "wren"]
    assert max(body["correctedP"]) > 0.05 > min(body["correctedP"])


def test_only_common_draws_are_compared(api, train, score):
    score(train("owl"), gains_of(1, draws=208))
    score(train("lark"), gains_of(2, draws=100))
    body = compare(api, "owl", "lark").json()
    assert body["draws"] == 100
    by_name = {one["modelName"]: one for one in body["models"]}
    assert by_name["owl"]["own"]["n"] == 208
    assert by_name["owl"]["common"]["n"] == 100


def test_other_draws_are_not_comparable(api, train, score):
    session = train("owl")
    score(session)
    other = score(train("lark"))
    other.dataset_name = "another"
    other.save()
    body = compare(api, "owl", "lark").json()
    assert not body["comparable"]
    assert body["verdict"].startswith("Not comparable")


def test_a_model_without_scores_is_named(api, train, score):
    score(train("owl"))
    reserve_model(name="wren", actor="alice")
    body = compare(api, "owl", "wren").json()
    assert body["verdict"] == "Not comparable yet: wren has no scored test draws."


def test_settings_that_differ_are_marked_in_the_order_of_the_models(api, three):
    session = TrainingSession.objects.get(model__name="lark")
    session.artifact.config = {**session.artifact.config, "epochs": 99}
    session.artifact.save()
    body = compare(api, "lark", "owl").json()
    rows = {row["name"]: row for row in body["settings"]}
    assert rows["epochs"]["differs"]
    place = [one["modelName"] for one in body["models"]].index("lark")
    assert rows["epochs"]["values"][place] == 99
    assert not rows["encoder"]["differs"]


def test_the_trend_of_sessions_is_a_slope_with_its_interval(api, train, score):
    for gain in (0.01, 0.02, 0.03, 0.04):
        score(train("owl", val=(gain,), train=(0.1,)))
    (one,) = compare(api, "owl").json()["models"]
    assert one["trend"]["bestGains"] == [0.01, 0.02, 0.03, 0.04]
    assert one["trend"]["slope"] == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("names", "status", "word"),
    [
        ([], 400, "models"),
        ("owl", 400, "models"),
        ([1], 400, "models"),
        (["nobody"], 404, "'nobody'"),
    ],
)
def test_bad_names_are_refused(api, db, names, status, word):
    answer = api.post("/api/reflection/compare", {"models": names}, format="json")
    assert answer.status_code == status
    assert word in answer.content.decode()


def test_a_comparison_is_kept_until_something_changes(
    api, three, train, score, django_assert_max_num_queries
):
    first = compare(api, "owl", "lark").json()
    with django_assert_max_num_queries(4):
        assert compare(api, "owl", "lark").json() == first
    score(train("lark"), gains_of(9, mean=-0.5))
    assert compare(api, "owl", "lark").json() != first


def test_the_same_numbers_on_both_sides_do_not_differ(api, train, score):
    gains = np.zeros(60)
    score(train("owl"), gains)
    score(train("lark"), gains)
    (pair,) = compare(api, "owl", "lark").json()["differences"]
    assert pair["p"] == 1.0
