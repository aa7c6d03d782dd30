"""Wealth that is too good is suspected first; controls that are sound make it evidence."""

import pytest

from reflection.models import ControlRun
from tests.reflection.conftest import gains_of


@pytest.fixture
def rich(train, score):
    """A model whose wealth grew far more than a hundredfold, and one that knows nothing."""
    score(train("lark"), gains_of(1, mean=-0.031))
    score(train("owl"), gains_of(2, mean=0.08))


def controls(placebos=19, alarms=0, poison=True, name="owl"):
    about = {
        "model_name": name,
        "dataset_name": "drum",
        "encoder": "mlp",
        "series": name,
        "draws": 9,
    }
    for seed in range(placebos):
        ControlRun.objects.create(**about, key="fair", seed=seed, as_it_should=seed >= alarms)
    ControlRun.objects.create(**about, key="poison", as_it_should=poison)


def verdict(api) -> dict:
    cards = api.get("/api/reflection?dataset=drum").json()["cards"]
    return next(card for card in cards if card["key"] == "verdict")


def page(client) -> str:
    return client.get("/reflection/owl/").content.decode()


def test_without_controls_a_leak_is_suspected_and_controls_are_offered(api, signed_in, rich):
    assert verdict(api)["answer"].startswith("Suspect a leak: ")
    assert "Suspect a leak of the answers first" in page(signed_in)
    assert "Run the poison test and 19 placebos" in page(signed_in)
    assert "notice-ok" not in signed_in.get("/reflection/?dataset=drum").content.decode()


def test_sound_controls_make_it_evidence_and_only_then_is_a_card_glad(api, signed_in, rich):
    controls()
    assert verdict(api)["answer"].startswith("Evidence: your bankroll is ")
    assert verdict(api)["crossed"]
    assert "Better than chance on 208 held-out draws" in page(signed_in)
    assert "Run the poison test" not in page(signed_in)
    assert "notice-ok" in signed_in.get("/reflection/?dataset=drum").content.decode()


@pytest.mark.parametrize(
    "found", [{"placebos": 18}, {"alarms": 5}, {"poison": False}, {"name": "lark"}]
)
def test_controls_that_are_not_sound_or_not_its_own_clear_nothing(api, signed_in, rich, found):
    controls(**found)
    assert verdict(api)["answer"].startswith("Suspect a leak: ")
    assert "Run the poison test and 19 placebos" in page(signed_in)
