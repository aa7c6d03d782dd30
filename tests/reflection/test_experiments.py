"""The next experiment: from stored sessions, with its reason, and one click."""

import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command

from memory.models import JournalEntry
from reflection.experiment_tasks import compute
from reflection.models import Backtest, Experiment
from reflection.services.experiments import TASK, awaited_experiments
from reflection.services.upkeep import Upkeep
from registry.models import ModelArtifact
from tests.reflection.conftest import gains_of
from tests.reflection.stored import store_backtest
from training.engine.config import Config
from training.models import Dataset, TrainingSession
from training.services.draws import simulate_dataset


@pytest.fixture
def drum(db) -> Dataset:
    return simulate_dataset(name="drum", actor="alice", draws=300, seed=3)


@pytest.fixture
def replay(drum):
    """`replay("m0", mean=0.02)`: a walk-forward backtest of a model's newest version."""

    def make(name: str, mean: float, draws: int = 100, warm: bool = False, **more) -> Backtest:
        version = ModelArtifact.objects.select_related("model").get(model__name=name)
        return store_backtest(version, gains_of(7, draws=draws, mean=mean), warm=warm, **more)

    return make


@pytest.fixture
def tried(drum, train, score):
    """`tried(9)`: sessions that differ in learning rate and width; `slope` per decade of rate."""

    def make(count: int = 9, slope: float = 0.0) -> None:
        rng = np.random.default_rng(0)
        for place in range(count):
            rate = float(10 ** rng.uniform(-5, -1))
            gain = slope * np.log10(rate) + float(rng.normal(0, 0.005))
            session = train(f"m{place}", val=(gain,), train=(0.1,))
            changed = {"learning_rate": rate, "hidden_size": 8 + 8 * (place % 4)}
            session.config = Config.parse({**session.config, **changed}).as_dict()
            session.save(update_fields=["config"])
            score(session)

    return make


def test_with_few_sessions_nothing_is_measured(api, drum, tried):
    tried(3)
    body = api.get("/api/reflection/experiment?dataSource=drum").json()
    assert body["sentence"].startswith("Not measured: it takes 8 finished sessions")
    assert (body["experiment"], body["sessions"]) == (None, 3)
    answer = api.post("/api/reflection/experiment", {"dataSource": "drum"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_few_sessions")
    assert awaited_experiments() == []


def test_among_noise_no_experiment_is_worth_its_time(api, drum, tried):
    tried()
    compute(drum.pk)
    body = api.get("/api/reflection/experiment?dataSource=drum").json()
    assert body["sentence"].startswith("No experiment is expected to teach you about skill")
    assert "control run" in body["sentence"]
    assert not body["isWorthwhile"]
    assert body["experiment"]["expected"] < body["experiment"]["error"]
    assert body["experiment"]["trials"] == 9


def test_a_slope_that_goes_on_is_worth_following(api, drum, tried):
    tried(12, slope=-0.2)
    compute(drum.pk)
    body = api.get("/api/reflection/experiment?dataSource=drum").json()
    effects = {one["name"]: one for one in body["experiment"]["effects"]}
    assert effects["learning_rate"]["corrected_p"] < 0.05
    assert effects["hidden_size"]["corrected_p"] > 0.05
    assert body["experiment"]["settings"]["learning_rate"] < 1e-3


def test_enough_replays_become_the_objective_and_nothing_else_is_mixed_in(
    api, drum, tried, replay
):
    tried(12)
    for place in range(7):
        replay(f"m{place}", mean=0.001 * place)
    compute(drum.pk)
    told = api.get("/api/reflection/experiment?dataSource=drum").json()["experiment"]
    assert (told["objective"], told["trials"], told["backtested"]) == ("validation", 12, 7)
    assert "(7 so far)" in told["objectiveWords"]
    replay("m7", mean=0.5, warm=True)  # another protocol: it does not count
    compute(drum.pk)
    assert Experiment.objects.get().objective == "validation"
    replay("m7", mean=0.007)
    assert awaited_experiments() == [drum.pk]
    compute(drum.pk)
    assert awaited_experiments() == []
    told = api.get("/api/reflection/experiment?dataSource=drum").json()["experiment"]
    assert (told["objective"], told["trials"]) == ("walk-forward", 8)
    assert told["bestGain"] == pytest.approx(0.007)
    assert told["error"] == pytest.approx(0.03, rel=0.15)  # 0.3 bits over the root of 100 draws
    assert "never mixed" in told["objectiveWords"]


def test_a_replay_that_leaks_is_no_result(drum, tried, replay):
    tried(9)
    for place in range(8):
        replay(f"m{place}", mean=0.0, poison={"ok": place > 0})
    compute(drum.pk)
    assert Experiment.objects.get().backtested == 7


def test_the_card_and_the_page_show_the_same_numbers(api, signed_in, drum, tried):
    tried(12, slope=-0.2)
    compute(drum.pk)
    (card,) = (
        one for one in api.get("/api/reflection?dataset=drum").json()["cards"]
        if one["key"] == "settings"
    )  # fmt: skip
    told = api.get("/api/reflection/experiment?dataSource=drum").json()["experiment"]
    first = told["effects"][0]
    assert card["value"] == f"p {first['corrected_p']:.2f} for learning rate"
    assert card["answer"].startswith(told["effectsSentence"])
    page = signed_in.get("/reflection/experiment/?dataset=drum").content.decode()
    assert told["effectsSentence"] in page
    assert card["n"] == told["trials"]


def test_settings_that_are_no_axis_are_asked_as_well(api, drum, tried):
    tried(12)
    for session in TrainingSession.objects.all()[::2]:
        session.config = {**session.config, "loss": "cross_entropy"}
        session.save(update_fields=["config"])
    compute(drum.pk)
    effects = {one["name"]: one for one in Experiment.objects.get().effects}
    assert effects["loss"]["share"] is None
    assert set(effects) == {"learning_rate", "hidden_size", "loss"}


def test_one_click_starts_it_once(api, drum, tried):
    tried()
    compute(drum.pk)
    body = {"dataSource": "drum"}
    first = api.post("/api/reflection/experiment/start", body, format="json")
    again = api.post("/api/reflection/experiment/start", body, format="json")
    assert first.status_code == 201
    assert first.json()["sessionId"] == again.json()["sessionId"]
    session = TrainingSession.objects.get(pk=first.json()["sessionId"])
    settings = Experiment.objects.get().settings
    assert session.config["learning_rate"] == settings["learning_rate"]
    told = JournalEntry.objects.get(event_type="experiment_started")
    assert told.session_id == session.pk
    compute(drum.pk)  # what was started stays as it is
    assert Experiment.objects.count() == 2


def test_a_gru_gets_the_window_that_it_needs(drum, tried):
    tried()
    TrainingSession.objects.update(config={"encoder": "gru", "features": ["window"]})
    compute(drum.pk)
    found = Experiment.objects.get().settings
    assert "window" in found["features"] or found["encoder"] == "mlp"


def test_newer_sessions_have_it_computed_anew(drum, tried):
    tried()
    assert awaited_experiments() == [drum.pk]
    asked = []
    Upkeep(clock=lambda: 0.0, enqueue=lambda *task: asked.append(task)).look()
    assert asked == [(TASK, drum.pk)]
    compute(drum.pk)
    assert awaited_experiments() == []


def test_the_page_says_why_and_starts_it(signed_in, drum, tried):
    assert "No sessions yet" in signed_in.get("/reflection/experiment/").content.decode()
    tried()
    page = signed_in.get("/reflection/experiment/").content.decode()
    assert "Not measured: it takes 8" in page
    compute(drum.pk)
    page = signed_in.get("/reflection/experiment/?dataset=drum").content.decode()
    assert "Prepare a control run" in page
    assert "No setting has a measurable effect in 9 sessions" in page
    assert "the validation gain of 9 sessions at their best epoch" in page
    assert "from 9 sessions of networks" in page
    done = signed_in.post("/reflection/experiment/start/", {"dataset": "drum"})
    assert done["Location"].startswith("/sessions/")
    signed_in.post("/reflection/experiment/compute/", {"dataset": "drum"}, follow=True)


def test_the_prefilled_form_holds_the_proposed_settings(signed_in, api, drum, tried):
    tried()
    compute(drum.pk)
    told = api.get("/api/reflection/experiment?dataSource=drum").json()["experiment"]
    page = signed_in.get(told["prefilled"]).content.decode()
    assert f'value="{told["settings"]["learning_rate"]:g}"' in page


def test_the_command_computes_says_and_starts(drum, tried):
    tried()
    shown = StringIO()
    call_command("experiment", "drum", "--start", "--json", stdout=shown)
    told = json.loads(shown.getvalue())
    assert TrainingSession.objects.get(pk=told["sessionId"]).state == "queued"


@pytest.mark.parametrize("address", ["/api/reflection/experiment", "/reflection/experiment/"])
def test_an_unknown_history_is_not_found(api, signed_in, address):
    name = "dataSource" if "api" in address else "dataset"
    client = api if "api" in address else signed_in
    assert client.get(f"{address}?{name}=nowhere").status_code == 404
