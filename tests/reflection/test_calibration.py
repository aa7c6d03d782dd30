"""Whether probabilities are honest: the card, the page and REST."""

import numpy as np
import pytest

from tests.reflection.statistics.drums import draws
from tests.reflection.statistics.forecasts import kept


def card(api) -> dict:
    cards = api.get("/api/reflection").json()["cards"]
    return next(card for card in cards if card["key"] == "calibration")


@pytest.fixture
def loud_noise(train, score):
    """A version whose 208 forecasts were loud and knew nothing."""
    rng = np.random.default_rng(1)
    theta = rng.normal(0.0, 0.4, size=(1, 208, 69))
    score(train("owl"), calibration=kept(theta, draws(rng, 208)))


def test_loud_noise_is_said_to_carry_no_information(api, loud_noise):
    found = card(api)
    assert found["answer"].startswith("owl: b = ")
    assert found["answer"].endswith("carry no information; best use is to ignore them.")
    assert found["n"] == 208
    slope = api.get("/api/reflection/owl").json()["calibration"]["slope"]
    assert slope["low"] < 0.0 < slope["high"] < 1.0
    assert slope["error"] == pytest.approx(1 / np.sqrt(208 * 0.4**2 * 4.64), rel=0.1)


def test_the_page_of_a_model_shows_each_block_of_draws(signed_in, loud_noise):
    page = signed_in.get("/reflection/owl/").content.decode()
    section = page.split('id="calibration"')[1]
    assert section.count('<th scope="row">day ') == 3
    assert "bits of evidence that the model scaled by some factor is better" in section


def test_a_version_scored_before_sums_were_kept_is_not_measured(api, train, score):
    score(train("owl"))
    assert card(api)["answer"].startswith("Not measured: no forecast of held-out draws is kept")
    assert api.get("/api/reflection/owl").json()["calibration"] is None
