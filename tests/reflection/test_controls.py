"""Placebos, planted biases and the poison test, through every door."""

import json
import re
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command

from memory.models import JournalEntry
from reflection.models import ControlRun, Job
from reflection.services import pipelines
from reflection.services.jobs import checkpoint_path
from reflection.tasks import run_job_slice
from registry.models import ModelArtifact
from tests.reflection.conftest import gains_of
from tests.reflection.stored import store_backtest
from tests.reflection.test_jobs import die_after as jobs_die_after
from tests.reflection.test_jobs import reap
from training.engine.config import Config
from training.models import Dataset
from training.services.draws import simulate_dataset

QUICK = {
    "encoder": "mlp",
    "epochs": 3,
    "hidden_size": 8,
    "window": 5,
    "learning_rate": 0.01,
    "batch_size": 64,
}


@pytest.fixture
def owl(train, score, enqueued) -> ModelArtifact:
    """A scored version of quick settings, on 340 fair draws."""
    simulate_dataset(name="fair", actor="alice", draws=340, matrix="5/69+26", seed=3)
    artifact = score(train("owl"))
    artifact.dataset_name, artifact.config = "fair", QUICK
    artifact.save()
    return artifact


@pytest.fixture
def die_after(monkeypatch):
    """`die_after(job, 2)`: a worker takes the job and is killed when two units more are stored."""

    def kill(job: Job, units: int) -> None:
        revive = jobs_die_after(monkeypatch, units)
        with pytest.raises(SystemExit):
            run_job_slice(job.pk)
        revive()
        reap()

    return kill


def start(api, **settings) -> Job:
    body = {"modelName": "owl", "placebos": 3, "poison": False, **settings}
    answer = api.post("/api/controls", body, format="json")
    assert answer.status_code == 201, answer.content
    return Job.objects.get(pk=answer.json()["id"])


def finished(job: Job) -> Job:
    run_job_slice(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.COMPLETED, job.error
    return job


def shown(api) -> dict:
    return api.get("/api/controls?dataset=fair").json()["pipelines"][0]


def test_placebos_and_poison_run_as_one_job_and_are_journalled(api, owl):
    job = finished(start(api, poison=True))
    found = shown(api)
    (group,) = found["groups"]
    assert (group["key"], group["crossed"]["trials"], group["draws"]) == ("fair", 3, 40)
    assert found["alarms"]["hits"] == 0
    assert [(test["canary"], test["ok"]) for test in found["poison"]] == [
        (False, True),
        (True, True),
    ]
    assert found["freeParameters"] is not None
    entry = JournalEntry.objects.get(event_type="control_run")
    assert "fair drum: alarms 0 of 3" in entry.metadata["verdict"]
    assert "the leak canary was caught" in entry.metadata["verdict"]
    assert job.result["address"] == "/reflection/controls/?dataset=fair"


def test_more_placebos_go_on_where_the_last_ended(api, owl):
    finished(start(api))
    first = set(ControlRun.objects.values_list("seed", flat=True))
    finished(start(api, placebos=2))
    assert ControlRun.objects.count() == 5
    assert set(ControlRun.objects.values_list("seed", flat=True)) > first
    assert shown(api)["placebos"] == 5


def test_a_killed_job_gives_the_same_runs(api, owl, monkeypatch):
    whole = finished(start(api, planted=["ball-100"], each=2))
    runs = list(
        ControlRun.objects.order_by("pk").values_list("key", "seed", "raw_bits", "test_bits")
    )
    ControlRun.objects.all().delete()
    job = start(api, planted=["ball-100"], each=2)
    monkeypatch.setattr("reflection.tasks.FLUSH_SECONDS", 0.0)
    monkeypatch.setattr("reflection.tasks.asked_to_stop", lambda: True)  # after the first step
    for _ in range(60):
        run_job_slice(job.pk)
        job.refresh_from_db()
        if job.is_over:
            break
    assert job.state == Job.State.COMPLETED
    assert (job.done, job.total) == (whole.done, whole.total)
    again = list(
        ControlRun.objects.order_by("pk").values_list("key", "seed", "raw_bits", "test_bits")
    )
    assert again == runs


def test_warm_controls_survive_any_kill_with_the_same_bits(api, owl, monkeypatch, die_after):
    asked = {"warm": True, "refit": 20, "placebos": 2}
    finished(start(api, **asked))
    columns = ("seed", "raw_bits", "highest_bits", "test_bits")
    runs = list(ControlRun.objects.order_by("pk").values_list(*columns))
    ControlRun.objects.all().delete()
    monkeypatch.setattr("reflection.tasks.FLUSH_SECONDS", 0.0)
    job = start(api, **asked)
    for units in (1, 2):  # after the first refit, and in the second
        die_after(job, units)
    finished(job)
    assert list(ControlRun.objects.order_by("pk").values_list(*columns)) == runs
    finished(start(api, placebos=2, refit=20))
    cold = ControlRun.objects.order_by("-pk").values_list("raw_bits", flat=True)[:2]
    assert set(cold).isdisjoint(raw for _, raw, _, _ in runs)


def test_a_damaged_state_of_a_warm_refit_is_made_anew(api, owl, monkeypatch, die_after):
    finished(start(api, warm=True, refit=20, placebos=2))
    wanted = set(ControlRun.objects.values_list("raw_bits", flat=True))
    ControlRun.objects.all().delete()
    monkeypatch.setattr("reflection.tasks.FLUSH_SECONDS", 0.0)
    job = start(api, warm=True, refit=20, placebos=2)
    die_after(job, 2)
    job.refresh_from_db()
    assert job.checkpoint
    checkpoint_path(job.checkpoint).write_bytes(b"torn")
    finished(job)
    assert set(ControlRun.objects.values_list("raw_bits", flat=True)) == wanted


def test_controls_are_of_the_pipeline_that_was_replayed(api, owl):
    replay = store_backtest(
        owl, gains_of(1, draws=40), warm=True, refit=20, config={**QUICK, "epochs": 2}
    )
    job = start(api)
    assert (job.settings["warm"], job.settings["refit"]) == (True, 20)
    assert job.settings["config"]["epochs"] == 2
    assert job.settings["backtest"] == replay.pk
    other = start(api, warm=False, origin=310)
    assert (other.settings["warm"], other.settings["origin"]) == (False, 310)
    body = {"modelName": "owl", "backtest": replay.pk + 1}
    refused = api.post("/api/controls", body, format="json")
    assert refused.json()["fields"]["backtest"] == (
        "Must be the number of a backtest of owl on fair."
    )


def test_skeptics_are_controlled_without_a_model(api, signed_in, owl):
    finished(start(api, modelName="", encoder="counts", dataSource="fair", placebos=4))
    assert shown(api)["encoder"] == "counts"
    assert shown(api)["groups"][0]["crossed"]["trials"] == 4
    page = signed_in.get("/reflection/controls/?dataset=fair").content.decode()
    assert "no more than chance, so it does not memorise" in page
    assert not re.search(r"about −[0-9]+ free", page)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"modelName": "", "encoder": "owl", "dataSource": "fair"}, "encoder"),
        ({"modelName": ""}, "dataSource"),
        ({"dataSource": "nothing"}, "dataSource"),
        ({"placebos": -1}, "placebos"),
        ({"placebos": 0}, "placebos"),
        ({"planted": ["ball-7"]}, "planted"),
        ({"origin": 400}, "origin"),
        ({"warm": "yes"}, "warm"),
        ({"backtest": 7}, "backtest"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_run_names_its_field(api, owl, wrong, field):
    body = {"modelName": "owl", "poison": False, **wrong}
    answer = api.post("/api/controls", body, format="json")
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


def test_an_unknown_model_is_a_404_that_names_it(api, owl):
    answer = api.post("/api/controls", {"modelName": "dodo"}, format="json")
    assert answer.status_code == 404
    assert "dodo" in answer.json()["message"]


def test_the_page_starts_them_and_shows_how_they_came_out(signed_in, owl):
    empty = signed_in.get("/reflection/controls/?dataset=fair").content.decode()
    assert "Not yet measured." in empty
    form = {
        "model": "owl",
        "dataset": "fair",
        "placebos": "2",
        "planted": ["ball-100"],
        "each": "1",
    }
    job = Job.objects.get(
        pk=int(signed_in.post("/reflection/controls/start/", form).url.split("/")[-2])
    )
    assert "Running: " in signed_in.get("/reflection/controls/?dataset=fair").content.decode()
    finished(job)
    page = signed_in.get("/reflection/controls/?dataset=fair").content.decode()
    assert '<th scope="row">Fair drum</th><td>stay quiet</td><td class="num">2</td>' in page
    assert "One ball weighs twice as much" in page
    refused = signed_in.post(
        "/reflection/controls/start/", {**form, "placebos": "x"}, follow=True
    )
    assert "placebos" in refused.content.decode()


def test_the_command_runs_them_here_and_answers_in_json(owl):
    out = StringIO()
    call_command("run_controls", "owl", "--placebos=2", "--json", stdout=out)
    found = json.loads(out.getvalue())
    assert found["job"]["state"] == "completed"
    assert found["pipeline"]["alarms"]["trials"] == 2
    queued = StringIO()
    call_command("run_controls", "owl", "--placebos=1", "--queue", stdout=queued)
    assert queued.getvalue().startswith("Queued as job ")


def test_the_best_of_many_placebos_is_a_high_quantile(api, owl):
    finished(start(api, placebos=19))
    (found,) = pipelines(dataset_name="fair")
    assert found.best_of(1) == pytest.approx(sorted(found.test_totals)[9])
    assert found.best_of(50) > found.best_of(5)


@pytest.fixture
def replay(owl):
    """`replay(total)`: a replay of owl's pipeline on the real draws, as its controls are replayed."""

    def make(total: float, **more):
        facts = Dataset.objects.get(name="fair")
        config = Config.parse({**QUICK, **more.pop("config", {})}).as_dict()
        gains = np.full(40, total / 40)
        return store_backtest(
            owl, gains, config=config, dataset_fingerprint=facts.fingerprint, **more
        )

    return make


def test_a_replay_is_ranked_among_its_own_placebos_alone(api, owl, replay):
    backtest = replay(99.0)
    address = f"/api/backtests/{backtest.pk}"
    assert api.get(address).json()["placebo"] is None
    finished(start(api, placebos=4))
    told = api.get(address).json()["placebo"]
    assert (told["p"], told["placebos"], told["asGood"]) == (pytest.approx(0.2), 4, 0)
    assert told["sentence"] == (
        "These 40 draws gained +99.0 bits in total; of 4 placebos, fair histories through the same"
        " pipeline, 0 gained as much or more: p = (1 + 0) / (4 + 1) = 0.200."
        " It takes 19 to reach 0.050."
    )
    for other in ({"warm": True}, {"refit": 25}, {"config": {"epochs": 2}}):
        elsewhere = replay(99.0, **other)
        assert api.get(f"/api/backtests/{elsewhere.pk}").json()["placebo"] is None, other
    assert api.get(f"/api/backtests/{replay(-999.0).pk}").json()["placebo"]["p"] == 1.0


def test_the_rank_is_shown_wherever_the_evidence_or_the_controls_are(
    api, signed_in, owl, replay
):
    backtest = replay(99.0)
    finished(start(api, placebos=4))
    sentence = "p = (1 + 0) / (4 + 1) = 0.200"
    assert shown(api)["ranks"][0]["rank"]["p"] == pytest.approx(0.2)
    assert sentence in api.get("/api/reflection/owl").json()["test"]["placebo"]["sentence"]
    for page in (
        "/reflection/owl/",
        "/reflection/controls/?dataset=fair",
        f"/reflection/backtests/{backtest.pk}/",
        "/reflection/report/?dataset=fair",
        "/reflection/report/?dataset=fair&as=markdown",
    ):
        assert sentence in signed_in.get(page).content.decode(), page
    assert "smallest p of 1 replay of these draws: 0.200." in cards(api)["controls"]["answer"]


def test_test_draws_are_ranked_among_the_sessions_of_placebos(api, owl):
    finished(start(api, placebos=4))
    run = ControlRun.objects.first()
    owl.dataset_fingerprint = run.dataset_fingerprint
    owl.evaluation = {"test": {"dates": [], "gains": [9.0] * run.test_draws, "hits": []}}
    owl.save()
    told = api.get("/api/reflection/owl").json()["test"]
    assert (told["backtest"], told["placebo"]["p"]) == (None, pytest.approx(0.2))
    owl.config = {**QUICK, "learning_rate": 0.02}  # another pipeline
    owl.save()
    assert api.get("/api/reflection/owl").json()["test"]["placebo"] is None


def test_one_click_controls_the_very_replay(signed_in, owl, replay):
    backtest = replay(1.0, warm=True, refit=20)
    page = signed_in.get(f"/reflection/backtests/{backtest.pk}/").content.decode()
    assert "Run 19 placebos" in page
    form = {"model": "owl", "dataset": "fair", "backtest": backtest.pk, "poison": "1"}
    signed_in.post("/reflection/controls/start/", form)
    settings = Job.objects.get().settings
    assert (settings["warm"], settings["refit"], settings["placebos"]) == (True, 20, 19)


def cards(api) -> dict[str, dict]:
    return {
        card["key"]: card for card in api.get("/api/reflection?dataset=fair").json()["cards"]
    }


def test_the_cards_tell_what_the_controls_showed(api, owl):
    before = cards(api)["controls"]["answer"]
    # 4 s for 60 steps of the fixture's session, and 13,000 steps of all rows to come
    assert before == "Not measured: run 19 placebos (about 15 min)."
    finished(start(api, placebos=19, poison=True, planted=["ball-100"], each=2))
    found = cards(api)
    assert found["controls"]["answer"].startswith(
        "Placebos: 0 of 19 (95 % interval 0 % to 18 %)"
    )
    assert "The poison test passed on 60 forecasts." in found["controls"]["answer"]
    assert "one ball weighs twice as much" in found["detectability"]["answer"]
    assert "On fair histories this pipeline gains as much as" in found["memorisation"]["answer"]
    assert "best of 1 placebos" in found["winners-curse"]["answer"]


def test_controls_are_of_a_dataset_that_has_to_be_named(api, owl):
    answer = api.get("/api/controls")
    assert answer.status_code == 400
    assert "name of a dataset" in answer.json()["fields"]["dataset"]
