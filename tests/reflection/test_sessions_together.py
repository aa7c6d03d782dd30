"""All sessions of a history together: by architecture, setting and p-value, with what was to be seen."""

import json
import re
from datetime import timedelta
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command
from django.utils import timezone

from reflection.services.levels import setting_levels
from tests.reflection.conftest import gains_of
from training.engine.config import Config
from training.models import TrainingSession

PAGE, REST = "/reflection/sessions/", "/api/reflection/sessions"


@pytest.fixture
def many(train, score):
    """Eight scored networks of two architectures, one failed session, one baseline."""
    for place in range(8):
        session = train(f"m{place}", val=(-0.05, 0.001 * place, -0.1, -0.2))
        changed = {
            "encoder": "gru" if place % 2 else "mlp",
            "features": ["window"],
            "learning_rate": 0.001 * (1 + place),
            "hidden_size": 8 * (1 + place % 2),
        }
        session.config = Config.parse({**session.config, **changed}).as_dict()
        session.save()
        score(session, gains_of(place, mean=-0.01))
    train("wreck", val=(), train=(), state="failed")


def told(api, **query) -> dict:
    return api.get(REST, {"dataset": "drum", **query}).json()


def test_architectures_stand_beside_each_other(api, many):
    found = told(api)
    kinds = {one["encoder"]: one for one in found["kinds"]}
    assert (kinds["gru"]["sessions"], kinds["mlp"]["sessions"]) == (4, 5)
    assert (kinds["mlp"]["failed"], kinds["mlp"]["completed"]) == (1, 4)
    assert kinds["gru"]["best"] == pytest.approx(0.007)
    assert kinds["gru"]["middle"] == pytest.approx(0.004)
    assert kinds["gru"]["bestShare"] == pytest.approx(0.5)
    assert found["total"]["sessions"] == 9
    assert found["efforts"][0]["gap"] == pytest.approx(0.1 - 0.007)


def test_p_values_stand_beside_as_many_chances(api, many):
    ranks = told(api)["ranks"]
    assert [one["p"] for one in ranks] == sorted(one["p"] for one in ranks)
    assert [one["expected"] for one in ranks] == pytest.approx([i / 9 for i in range(1, 9)])
    assert all(one["low"] < one["expected"] < one["high"] for one in ranks)
    spread = 0.3 / np.sqrt(208)
    assert ranks[0]["p"] == pytest.approx(0.685, abs=0.02), spread  # all means are -0.01
    assert "Of 8 p-values" in told(api)["sentence"]


def test_a_model_that_knows_leaves_the_band(api, many, train, score):
    score(train("seer"), gains_of(99, mean=0.15))
    first = told(api)["ranks"][0]
    assert first["modelName"] == "seer"
    assert first["p"] < first["low"]


def test_levels_of_a_setting_have_means_and_intervals(api, many):
    levels = {one["label"]: one["levels"] for one in told(api)["levels"]}
    assert [level["text"] for level in levels["Hidden size"]] == ["16", "8"]
    assert levels["Hidden size"][1]["gain"]["mean"] == pytest.approx(0.003)
    assert [level["gain"]["n"] for level in levels["Learning rate"]] == [3, 3, 2]
    assert setting_levels([]) == ()


def test_what_could_have_been_noticed_is_said_by_draws(api, signed_in, many, drum):
    power = told(api)["power"]
    assert [one["draws"] for one in power] == [208]
    assert power[0]["knownBall"] < power[0]["unknownBall"] < power[0]["chiSquare"]
    page = signed_in.get(PAGE).content.decode()
    assert "takes 5,378 draws" in page


def test_the_address_chooses_time_and_architecture(api, signed_in, many):
    old = TrainingSession.objects.filter(model__name="m1")
    old.update(created_at=timezone.now() - timedelta(days=40))
    assert told(api, range="30d")["total"]["sessions"] == 8
    assert [one["encoder"] for one in told(api, arch="gru")["kinds"]] == ["gru"]
    page = signed_in.get(f"{PAGE}?arch=gru&range=30d").content.decode()
    assert re.search(r"<option[^>]*selected[^>]*>gru", page)
    for wrong in ({"range": "soon"}, {"arch": "oracle"}):
        answer = api.get(REST, {"dataset": "drum", **wrong})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, list(wrong))
    assert api.get(REST, {"dataset": "nowhere"}).status_code == 404


def test_the_page_draws_small_curves_on_one_axis(signed_in, many):
    page = signed_in.get(PAGE).content.decode()
    assert page.count("<polyline") == 8
    lines = re.findall(r'class="chance" x1="4" x2="216" y1="([0-9.]+)"', page)
    assert len(set(lines)) == 1
    assert "best +0.0070 bits per draw in 4 epochs" in page
    assert "p-values beside chance" in page


def test_an_empty_house_and_an_empty_time_say_what_to_do(signed_in, many, db):
    TrainingSession.objects.update(created_at=timezone.now() - timedelta(days=90))
    assert "No session was started then." in signed_in.get(f"{PAGE}?range=7d").content.decode()
    TrainingSession.objects.all().delete()
    assert "No sessions yet." in signed_in.get(PAGE).content.decode()


def test_more_sessions_need_no_more_queries(many, train, django_assert_max_num_queries, api):
    for place in range(10):
        train(f"more{place}")
    with django_assert_max_num_queries(22):
        assert told(api)["total"]["sessions"] == 19


def test_the_command_says_the_same(many):
    shown, raw = StringIO(), StringIO()
    call_command("reflect", "--sessions", dataset="drum", stdout=shown)
    assert "gru: 4 sessions, 4 completed, 0 failed" in shown.getvalue()
    call_command("reflect", "--sessions", "--json", dataset="drum", stdout=raw)
    assert json.loads(raw.getvalue())["total"]["sessions"] == 9
