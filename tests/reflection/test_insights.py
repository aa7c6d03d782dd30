"""The twelve cards and the evidence of the house."""

import json
import re
from html import unescape
from io import StringIO

import numpy as np
import pytest
from django.core.cache import cache
from django.core.management import call_command

from reflection.services import insights
from reflection.services.house import Bet, odds_in_words
from registry.models import ModelArtifact, RegisteredModel
from registry.services import reserve_model
from tests.reflection.conftest import gains_of
from training.models import TrainingSession
from training.services.draws import simulate_dataset

FORBIDDEN = re.compile(r"\b(predicts?|hot|due)\b", re.IGNORECASE)


def cards(api, dataset: str = "") -> dict[str, dict]:
    body = api.get("/api/reflection", {"dataset": dataset}).json()
    return {card["key"]: card for card in body["cards"]}


def noise(seed: int, draws: int = 208) -> np.ndarray:
    """Gains of a forecast that knows nothing: their ratios are 1 on average."""
    return gains_of(seed, draws=draws, mean=-0.031, sd=0.3)


def test_without_models_every_card_says_not_measured(api, db):
    found = cards(api)
    assert len(found) == 12
    assert all(card["answer"].startswith("Not measured: ") for card in found.values())


def test_among_noise_chance_explains_everything(api, train, score):
    for seed in range(5):
        score(train(f"model-{seed}"), noise(seed))
    body = api.get("/api/reflection").json()
    house = body["house"]
    assert house["bankroll"] < 1.5
    assert house["registered"] == house["scored"] == 5
    found = cards(api)
    assert found["verdict"]["answer"].startswith("No. After 208 held-out draws your bankroll")
    assert found["ensemble"]["answer"].startswith("Recommended forecast: uniform.")
    assert "accepted as better than chance: 0" in found["winners-curse"]["answer"]
    assert "needs 5,378 draws, 34 years" in found["detectability"]["answer"]


def test_what_a_diverged_session_kept_is_neither_learned_nor_memorised(api, train, score):
    score(train("owl"))
    wild = train("wild")
    version = score(wild)
    version.metrics |= {"train_gain": -79.3}
    version.save()
    card = cards(api)["memorisation"]
    assert card["answer"].startswith(
        "wild: training gain −79.3000 bits per draw, so it holds nothing"
    )
    assert card["interval"] == ""  # no noise line of 0 parameters
    TrainingSession.objects.filter(pk=wild.pk).update(state="failed", error_code="diverged")
    cache.clear()
    card = cards(api)["memorisation"]
    assert card["answer"].startswith(
        "owl: training gain +0.1000 bits per draw, what 125 parameters"
    )


def test_real_skill_crosses_and_says_so(api, train, score):
    score(train("owl"), noise(1))
    score(train("lark"), gains_of(2, mean=0.08))
    body = api.get("/api/reflection").json()
    assert body["house"]["highest"] > 20
    assert cards(api)["verdict"]["answer"].startswith("Suspect a leak: your bankroll is ")
    assert not cards(api)["verdict"]["crossed"]
    accepted = {bet["modelName"] for bet in body["house"]["bets"] if bet["accepted"]}
    assert accepted == {"lark"}


def test_deleted_and_failed_models_count(api, train, score):
    train("wren", state="failed")
    artifact = score(train("owl"), noise(1))
    ModelArtifact.objects.filter(pk=artifact.pk).update(status="deleted")
    RegisteredModel.objects.filter(name="owl").update(
        newest=None, deleted_at=artifact.created_at
    )
    house = api.get("/api/reflection").json()["house"]
    assert (house["registered"], house["scored"]) == (2, 1)
    assert house["bets"][0]["deleted"]
    assert house["bets"][0]["number"] == 2
    assert house["bets"][0]["neededBits"] == pytest.approx(np.log2(2 * 3 / 0.05))


def test_training_until_a_version_is_lucky_gains_nothing(api, train, score):
    session = train("owl")
    for _ in range(4):
        score(session, gains_of(1, mean=0.08))
    (bet,) = api.get("/api/reflection").json()["house"]["bets"]
    assert bet["openings"] == 4
    alone = score(train("lark"), gains_of(1, mean=0.08))
    assert alone.version == 1
    bets = {one["modelName"]: one for one in api.get("/api/reflection").json()["house"]["bets"]}
    assert bets["owl"]["hedgedBits"] == pytest.approx(bets["lark"]["hedgedBits"] - 2.0)


def test_settings_are_asked_when_there_are_enough_sessions(api, signed_in, train, score):
    score(train("owl"), noise(1))
    found = cards(api)["settings"]
    assert found["answer"].startswith("Not measured: it takes 8 finished sessions of networks")
    assert signed_in.get(found["evidence"]).status_code == 200


def test_an_audit_appears_on_its_card(api, train, score):
    simulate_dataset(name="fair", actor="alice", draws=100, seed=3)
    call_command("audit_draws", "fair", stdout=StringIO())
    found = cards(api, "fair")["history"]
    assert found["answer"].startswith("8 tests, joint p ")
    assert "The next draw is that of " in found["answer"]


def test_every_card_shows_its_evidence(signed_in, train, score):
    score(train("owl"), noise(1))
    score(train("lark"), noise(2))
    page = signed_in.get("/reflection/").content.decode()
    assert page.count("How computed") == 12
    for link in re.findall(r'<a href="([^"]+)">The rows behind it', page):
        assert signed_in.get(unescape(link)).status_code == 200, link


def test_no_card_praises_what_is_chance(signed_in, train, score):
    score(train("owl"), noise(1))
    page = signed_in.get("/reflection/").content.decode()
    text = unescape(re.sub(r"<[^>]+>", " ", page.split("<main", 1)[1]))
    assert not FORBIDDEN.search(text)
    for card in insights().cards:
        assert not FORBIDDEN.search(f"{card.question} {card.answer} {card.how}")


def test_an_ensemble_is_recommended_over_rest(api, train, score):
    score(train("owl"), noise(1))
    score(train("my_lark"), gains_of(2, mean=0.2))
    body = api.post(
        "/api/reflection/ensemble", {"models": ["owl", "my_lark"]}, format="json"
    ).json()
    assert body["sentence"].startswith("Recommended forecast: the Bayes mixture")
    assert sum(body["pools"][0]["weights"].values()) == pytest.approx(1.0)
    assert body["pools"][0]["weights"]["my_lark"] > 0.9
    assert body["regretBound"] == pytest.approx(2.0)


def test_models_without_common_draws_make_no_ensemble(api, train, score):
    score(train("owl"), noise(1))
    reserve_model(name="wren", actor="alice")
    answer = api.post("/api/reflection/ensemble", {"models": ["owl", "wren"]}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_comparable")


def test_the_command_answers_like_the_page(train, score):
    score(train("owl"), noise(1))
    shown = StringIO()
    call_command("reflect", stdout=shown)
    assert "Chance explains everything so far." in shown.getvalue()
    shown = StringIO()
    call_command("reflect", "owl", "--json", stdout=shown)
    assert json.loads(shown.getvalue())["modelName"] == "owl"
    shown = StringIO()
    call_command("reflect", "owl", stdout=shown)
    assert "Over-fitting: " in shown.getvalue()


def test_evidence_about_a_simulated_drum_says_nothing_about_the_real_one(api, train, score):
    simulate_dataset(name="planted", actor="alice", draws=100, seed=3)
    score(train("owl"), noise(1))
    planted = score(train("lark"), gains_of(2, mean=0.08))
    ModelArtifact.objects.filter(pk=planted.pk).update(dataset_name="planted")
    real = api.get("/api/reflection?dataset=drum").json()
    assert [row["modelName"] for row in real["models"]] == ["owl"]
    assert real["house"]["highest"] < 20
    assert real["house"]["registered"] == 2
    simulated = api.get("/api/reflection?dataset=planted").json()
    assert simulated["kind"] == "simulated"
    assert simulated["house"]["highest"] > 20
    assert api.get("/api/reflection?dataset=nothing").status_code == 404


def test_a_page_notices_that_there_is_more(signed_in, train, score):
    score(train("owl"), noise(1))
    page = signed_in.get("/reflection/").content.decode()
    address = re.search(r'hx-get="(/reflection/newer/[^"]+)"', page)[1]
    assert "There is more" not in signed_in.get(address).content.decode()
    score(train("lark"), noise(2))
    assert "There is more" in signed_in.get(address).content.decode()


def test_what_training_bought_is_told_in_time_and_sessions(api, train):
    train("owl")
    assert cards(api)["efficiency"]["answer"].startswith(
        "4.0 s of training in 1 session bought"
    )
    train("lark")
    assert "8.0 s of training in 2 sessions" in cards(api)["efficiency"]["answer"]


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (0.0, "no better and no worse than guessing"),
        (-3.2, "worse than guessing by 3.2 bits"),
        (3.0, "+3.0 bits; a guesser gets this or more in up to 12 % of cases"),
    ],
)
def test_wealth_reads_as_a_loss_or_as_what_guessers_get(bits, words):
    bet = Bet(1, "owl", False, 200, 1, bits, bits, 9.0, False)
    assert odds_in_words(bet) == words
