"""The whole story on a drum with a planted ball, through the real doors: nothing here is made up."""

import json
from html import unescape
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command

from memory.models import JournalEntry
from reflection.models import Backtest, Job
from reflection.tasks import run_job_slice

# Few refits, the same in the replay and in its controls: each is a look at 2,100 draws.
REFIT = 500


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def replayed(db):
    """A skeptic, trained and replayed on 2,400 draws with one ball of this weight."""

    def replay(weight: float) -> Backtest:
        drum = ("simulate_draws", "drum", "--draws=2400", "--matrix=5/69+26", "--seed=7")
        run(*drum, "--ball=17", f"--weight={weight}")
        run("train", "finder", "--dataset=drum", "--encoder=counts", "--epochs=1")
        run("backtest", "finder", f"--refit={REFIT}")
        return Backtest.objects.get()

    return replay


def verdict(client, api) -> str:
    """What the page, REST and the command say alike."""
    page = unescape(client.get("/reflection/?dataset=drum").content.decode())
    told = [
        api.get("/api/reflection?dataset=drum").json(),
        json.loads(run("reflect", "--dataset=drum", "--json")),
    ]
    answers = [found["cards"][0]["answer"] for found in told]
    assert answers[0] == answers[1]
    assert answers[0] in page
    assert ("notice-ok" in page) is told[0]["cards"][0]["crossed"]
    return answers[0]


def the_jobs_that_a_suspect_replay_queues_run() -> None:
    waiting = Job.objects.filter(state=Job.State.QUEUED).order_by("pk")
    assert [job.kind for job in waiting] == ["poison", "controls"]
    for job in waiting:
        run_job_slice(job.pk)
    assert set(Job.objects.values_list("state", flat=True)) == {"completed"}


def test_a_planted_ball_is_a_suspected_leak_first_and_evidence_after_sound_controls(
    replayed, signed_in, api, enqueued
):
    assert replayed(1.6).highest_bits > np.log2(20)
    assert verdict(signed_in, api).startswith("Suspect a leak: your bankroll is ")
    model = signed_in.get("/reflection/finder/").content.decode()
    assert "Run the poison test and 19 placebos" in model

    the_jobs_that_a_suspect_replay_queues_run()
    (pipeline,) = api.get("/api/controls?dataset=drum").json()["pipelines"]
    assert pipeline["alarms"]["trials"] == 19
    assert [test["ok"] for test in pipeline["poison"]] == [True]
    assert JournalEntry.objects.filter(event_type="control_run").exists()

    assert verdict(signed_in, api).startswith("Evidence: your bankroll is ")
    model = signed_in.get("/reflection/finder/").content.decode()
    assert "Better than chance on " in model
    assert "Run the poison test" not in model


def test_the_fair_twin_of_the_same_history_never_crosses(replayed, signed_in, api):
    assert replayed(1.0).highest_bits < np.log2(20)
    assert "Chance explains everything so far." in verdict(signed_in, api)
    house = api.get("/api/reflection?dataset=drum").json()["house"]
    assert house["highest"] < 20
