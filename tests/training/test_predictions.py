"""Predicting the next draw over REST, with a real inference server."""

import threading
from collections.abc import Iterator

import pytest
from django.conf import settings

from registry import services
from registry.inference.server import Inference, Server
from tests.registry.conftest import a_record, random_weights
from training.models import Dataset

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owl(drum: Dataset) -> None:
    """A model of the drum."""
    model = services.reserve_model(name="owl", actor="alice")
    record = a_record(dataset_name="drum", config={})
    services.save_version(model=model, weights=random_weights(), record=record, actor="alice")


@pytest.fixture
def inference(transactional_db: None) -> Iterator[None]:
    server = Server(settings.HELIOS_HOME, Inference())
    thread = threading.Thread(target=server.run)
    thread.start()
    yield
    server.close()
    thread.join()


def ask(api, **body):
    return api.post("/api/models/owl/predict", body, format="json")


def test_the_next_draw_is_predicted_beside_chance(api, owl, inference):
    said = ask(api).json()
    assert sum(said["white"]) == pytest.approx(5)
    assert sum(said["bonus"]) == pytest.approx(1)
    assert said["chanceMatches"] == pytest.approx(0.362319, abs=1e-6)
    assert said["expectedMatches"] > said["chanceMatches"]
    assert said["whiteEntropy"] < said["largestWhiteEntropy"] == pytest.approx(6.1085, abs=1e-4)
    assert said["message"].startswith("All tickets have the same odds, 1 in 292,201,338")


def test_the_same_question_has_the_same_answer(api, owl, inference):
    assert ask(api).json() == ask(api, version=1, dataSource="drum").json()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"dataSource": "nowhere"}, 404),
        ({"dataSource": 7}, 400),
        ({"dataSource": "file:///etc/passwd"}, 404),
        ({"version": 2}, 404),
        ({"version": True}, 400),
        ({"version": [1]}, 400),
        ({"alias": "champion"}, 404),
    ],
)
def test_a_question_about_nothing_is_refused(api, owl, inference, body, status):
    assert ask(api, **body).status_code == status


def test_without_the_process_the_answer_is_to_try_again(api, owl):
    answer = ask(api)
    assert answer.status_code == 503
    assert answer.json()["code"] == "inference_unavailable"


def test_loading_over_rest_keeps_a_version_warm(api, owl, inference):
    loaded = api.post("/api/models/load", {"name": "owl"}, format="json").json()
    assert (loaded["version"], loaded["status"]) == (1, "loaded")
    assert api.get("/api/models").json()["models"][0]["loaded"] is True
    unload = {"name": "owl", "version": 1}
    assert api.post("/api/models/unload", unload, format="json").json()["status"] == "ready"
    again = api.post("/api/models/unload", unload, format="json")
    assert again.json()["code"] == "not_loaded"


@pytest.mark.parametrize("verb", ["load", "unload"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"name": "../owl"}, 404),
        ({"name": 7}, 400),
        ({"name": "owl", "version": "1"}, 400),
        ({"name": "owl", "version": 0}, 400),
        ({"name": "owl", "version": 1, "alias": "champion"}, 400),
        ({"name": "owl", "alias": "nobody"}, 404),
    ],
)
def test_a_version_that_is_not_named_well_is_refused(api, owl, verb, body, status):
    assert api.post(f"/api/models/{verb}", body, format="json").status_code == status


def test_the_page_shows_every_ball_beside_chance(signed_in, owl, inference):
    page = signed_in.get("/models/owl/predict/").content.decode()
    assert "All tickets have the same odds, 1 in 292,201,338" in page
    assert page.count("<circle") == 69 + 26
    assert "any ticket under a fair drum: 0.3623" in page


def test_the_page_without_the_process_says_so(signed_in, owl):
    response = signed_in.get("/models/owl/predict/")
    assert response.status_code == 503
    assert "The inference process does not answer." in response.content.decode()


@pytest.mark.parametrize("query", ["?version=9", "?dataset=nowhere", "?dataset=%00"])
def test_the_page_of_nothing_is_not_found(signed_in, owl, inference, query):
    assert signed_in.get(f"/models/owl/predict/{query}").status_code in (400, 404)
