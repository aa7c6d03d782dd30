"""An ensemble is replayed as its members are, one after the other, and pooled draw by draw."""

import datetime as dt

import numpy as np
import pytest

from memory.refusals import Invalid
from reflection.models import Backtest
from reflection.services import jobs
from reflection.services.ensembles import create_ensemble
from reflection.statistics.ensembles import bayes_mixture
from reflection.tasks import run_job_slice
from registry.models import ModelArtifact
from registry.services import delete
from tests.reflection.backtests.conftest import ASKED
from tests.reflection.test_jobs import die_after, reap


@pytest.fixture
def members(version, drum) -> list[str]:
    """A network of two replicas and a baseline, scored on 40 common draws."""
    version("owl", replicas=2)
    version("crow", encoder="counts")
    days = [str(drum.last_date - dt.timedelta(days=i)) for i in range(40)][::-1]
    ModelArtifact.objects.update(evaluation={"test": {"dates": days, "gains": [0.01] * 40}})
    return ["owl", "crow"]


def gains_of(backtest) -> np.ndarray:
    return np.frombuffer(backtest.gains, np.float64)


def test_a_replayed_mixture_is_the_mixture_of_the_replays(members, backtest):
    create_ensemble(models=members, name="both", actor="alice")
    found = backtest("both")
    alone = np.stack([gains_of(backtest(name)) for name in members])
    assert gains_of(found) == pytest.approx(bayes_mixture(alone).gains, abs=1e-12)
    assert gains_of(found).cumsum().min() > -1.0
    assert (found.encoder, found.grade, found.draws) == ("ensemble", "C", 80)
    assert "its members were chosen" in found.grade_reason
    hits = np.frombuffer(found.hits, np.uint8)
    assert hits.max() <= 5
    assert hits.mean() == pytest.approx(25 / 69, abs=0.25)


def test_one_that_outlived_its_members_is_replayed_too(members, backtest, signed_in):
    create_ensemble(models=members, name="both", actor="alice")
    for row in ModelArtifact.objects.exclude(encoder="ensemble").select_related("model"):
        delete(model=row.model, actor="alice")
    page = signed_in.get(backtest("both").get_absolute_url()).content.decode()
    assert "Grade C, descriptive only" in page


def test_a_killed_replay_of_an_ensemble_ends_with_the_same_bits(members, backtest, monkeypatch):
    create_ensemble(models=members, name="both", actor="alice")
    whole = backtest("both", warm=True)
    monkeypatch.setattr("reflection.tasks.FLUSH_SECONDS", 0.0)
    monkeypatch.setattr("reflection.tasks.CHECKPOINT_SECONDS", 0.0)
    settings = {"model_name": "both", **ASKED, "warm": True}
    job = jobs.start_job(kind="backtest", settings=settings, actor="alice")
    for units in (0, 2, 3):  # in and between the refits of the network, and before the baseline
        revive = die_after(monkeypatch, units)
        with pytest.raises(SystemExit):
            run_job_slice(job.pk)
        revive()
        reap()
    run_job_slice(job.pk)
    again = Backtest.objects.first()
    assert again.pk != whole.pk
    assert (again.gains, again.logits) == (whole.gains, whole.logits)


def test_fitted_weights_and_poison_are_refused_with_the_remedy(members, backtest, api):
    create_ensemble(models=members, name="fitted", actor="alice", pool="linear")
    with pytest.raises(Invalid, match="Replay a mixture"):
        backtest("fitted")
    create_ensemble(models=members, name="both", actor="alice")
    answer = api.post(
        "/api/jobs", {"kind": "poison", "backtest": backtest("both").pk}, format="json"
    )
    assert answer.status_code == 400
    assert "poison theirs" in answer.json()["message"]
