"""What is said about one model, through the page and over REST."""

import json
import re
from html import unescape

import numpy as np
import pytest

from registry.services import reserve_model
from tests.reflection.conftest import CHANCE, gains_of

FORBIDDEN = re.compile(r"\b(predicts?|hot|due)\b", re.IGNORECASE)


def words(response) -> str:
    """The text of a page between its main tags, without markup and scripts."""
    body = response.content.decode().split("<main", 1)[1]
    body = re.sub(r"<script.*?</script>", " ", body, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", body))


def test_noise_is_called_chance_with_its_interval(api, train, score):
    score(train("owl"))
    body = api.get("/api/reflection/owl").json()
    assert body["judgement"]["verdict"] == "indistinguishable from chance"
    assert body["judgement"]["sentence"].startswith(
        "Indistinguishable from chance on 208 held-out draws: −0.0100 bits per draw"
    )
    gain = body["test"]["gain"]
    assert gain["low"] < gain["mean"] < gain["high"]
    assert gain["mean"] == pytest.approx(-0.01)


def test_hits_stand_beside_what_any_ticket_has(api, train, score):
    score(train("owl"))
    test = api.get("/api/reflection/owl").json()["test"]
    assert test["chanceHits"] == pytest.approx(25 / 69)
    assert test["hits"]["low"] < test["hits"]["mean"] < test["hits"]["high"]


def test_the_loss_curve_comes_with_its_chance_line(api, train, score):
    score(train("owl"))
    curve = api.get("/api/reflection/owl").json()["curve"]
    assert curve["epochs"] == [1, 2, 3, 4]
    assert curve["chanceBits"] == pytest.approx(CHANCE)
    assert curve["valGains"] == pytest.approx([-0.02, 0.004, -0.1, -0.3])
    assert curve["trainGains"] == pytest.approx([0.01, 0.1, 0.3, 0.5])
    assert curve["bestEpoch"] == 2


def test_over_fitting_is_said_in_words(api, train, score):
    score(train("owl"))
    said = {
        row["topic"]: row["text"] for row in api.get("/api/reflection/owl").json()["statements"]
    }
    assert "epoch 2, +0.0040 bits" in said["Over-fitting"]
    assert "it memorised what cannot be known" in said["Memorising"]
    assert "about 125 free parameters to pure noise" in said["Noise line"]
    assert "50 % of it came after the best epoch" in said["Compute"]


def test_a_model_in_training_has_a_curve_but_no_verdict_yet(api, train):
    train("owl", state="training")
    body = api.get("/api/reflection/owl").json()
    assert body["judgement"]["verdict"] == "not measured"
    assert body["test"] is None
    assert body["training"]["state"] == "training"
    assert len(body["curve"]["epochs"]) == 4


def test_a_model_that_never_trained_has_nothing_measured(api, signed_in):
    reserve_model(name="owl", actor="alice")
    body = api.get("/api/reflection/owl").json()
    assert (body["test"], body["training"], body["curve"]) == (None, None, None)
    assert "Never trained" in words(signed_in.get("/reflection/owl/"))


def test_epochs_that_are_not_finite_become_null(api, train):
    train("owl", val=(-0.1, float("-inf"), -0.2))
    answer = api.get("/api/reflection/owl")
    assert answer.json()["curve"]["valGains"][1] is None


def test_an_unknown_model_is_a_404_that_names_it(api, signed_in):
    answer = api.get("/api/reflection/nobody")
    assert answer.status_code == 404
    assert "'nobody'" in answer.json()["message"]
    page = signed_in.get("/reflection/nobody/")
    assert page.status_code == 404
    assert "nobody" in unescape(page.content.decode())


def test_a_stranger_sees_nothing(client, db):
    assert client.get("/api/reflection/owl").status_code == 401
    assert client.get("/reflection/").status_code == 302


def test_the_page_shows_verdict_curve_and_table(signed_in, train, score):
    score(train("owl"))
    answer = signed_in.get("/reflection/owl/")
    text = words(answer)
    assert "Indistinguishable from chance on 208 held-out draws" in text
    assert "View as table" in text
    body = answer.content.decode()
    assert 'data-figure="gain-figure"' in body
    figure = re.search(r'<script id="gain-figure"[^>]*>(.*?)</script>', body, re.DOTALL)
    assert [trace["name"] for trace in json.loads(figure[1])["data"]] == [
        "validation",
        "training",
        "best epoch",
    ]


def test_a_good_interval_of_one_of_many_looks_is_no_evidence(api, train, score):
    session = train("owl")
    score(session, gains_of(1, draws=60, mean=0.09))
    score(session, gains_of(1, draws=60, mean=0.09))
    body = api.get("/api/reflection/owl").json()
    assert body["test"]["gain"]["low"] > 0
    assert body["judgement"]["verdict"] == "indistinguishable from chance"
    assert body["test"]["evidence"]["openings"] == 2
    assert body["test"]["evidence"]["grade"] == "C"
    assert body["test"]["evidence"]["neededBits"] == pytest.approx(np.log2(80))


def test_evidence_far_over_its_threshold_asks_for_a_leak_first(api, train, score):
    score(train("owl"), gains_of(1, mean=0.3))
    body = api.get("/api/reflection/owl").json()
    assert body["judgement"]["verdict"] == "suspiciously better than chance"
    assert "leak" in body["judgement"]["sentence"]


def test_no_page_praises_what_is_chance(signed_in, train, score):
    score(train("owl"))
    train("lark", state="failed")
    for address in ("/reflection/", "/reflection/owl/", "/reflection/lark/"):
        answer = signed_in.get(address)
        assert answer.status_code == 200
        assert not FORBIDDEN.search(words(answer)), address
        assert "good" not in re.findall(r'class="([^"]*)"', answer.content.decode())
