"""An ensemble is replayed as its members are, one after the other, and pooled draw by draw."""

import datetime as dt

import numpy as np
import pytest

from memory.refusals import Conflict
from reflection.models import Backtest
from reflection.services import jobs
from reflection.services.ensembles import create_ensemble
from reflection.services.replayed_logits import enough_replayed_draws
from reflection.statistics.ensembles import bayes_mixture, fitted_weights, linear_pool, prior
from reflection.statistics.log_linear import log_linear_weights, pool_gains
from reflection.tasks import run_job_slice
from reflection.walking.packing import unpack_logits
from registry.inference.server import Inference
from registry.models import ModelArtifact, RegisteredModel
from registry.networks.ensemble import POOLS
from registry.services import delete
from tests.reflection.backtests.conftest import ASKED
from tests.reflection.test_jobs import die_after, reap
from training.services.draws.histories import refresh_facts
from training.services.predictions import predict_next


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


def heads_of(version, backtest) -> list[str]:
    """Two networks of a single head, replayed: what logits can be added of."""
    for name, seed in (("owl", 1), ("lark", 2)):
        version(name, seed=seed)
        backtest(name)
    return ["owl", "lark"]


@pytest.mark.parametrize("pool", POOLS)
def test_every_pool_is_replayed_and_survives_a_kill(version, backtest, monkeypatch, pool):
    create_ensemble(models=heads_of(version, backtest), name="both", actor="alice", pool=pool)
    whole = backtest("both")
    assert (whole.encoder, whole.grade, whole.draws) == ("ensemble", "C", 80)
    assert np.isfinite(gains_of(whole)).all()
    monkeypatch.setattr("reflection.tasks.FLUSH_SECONDS", 0.0)
    job = jobs.start_job(
        kind="backtest", settings={"model_name": "both", **ASKED}, actor="alice"
    )
    for units in (1, 3):  # the last before the members are pooled
        revive = die_after(monkeypatch, units)
        with pytest.raises(SystemExit):
            run_job_slice(job.pk)
        revive()
        reap()
    run_job_slice(job.pk)
    assert Backtest.objects.first().logits == whole.logits


@pytest.mark.parametrize("pool", POOLS)
def test_every_pool_forecasts_the_next_draw(version, backtest, drum, pool):
    names = heads_of(version, backtest)
    made = create_ensemble(models=names, name="both", actor="alice", pool=pool)
    said = predict_next(version=made, dataset=drum, ask=Inference().predict)
    assert said.prediction.white.sum() == pytest.approx(5)
    assert len(said.prediction.mixture.weights) == (1 if pool == "log-linear" else 3)


@pytest.mark.parametrize("pool", POOLS)
def test_no_pool_sees_the_draw_it_forecasts(version, backtest, drum, pool):
    create_ensemble(models=heads_of(version, backtest), name="both", actor="alice", pool=pool)
    at = 137  # in the second stretch between two refits of the weights
    clean = backtest("both")
    for draw in drum.draws.order_by("date")[at:]:
        for place in range(1, 6):
            setattr(draw, f"white{place}", 10 * place + draw.date.day % 9)
        draw.bonus = 1 + draw.date.day % 26
        draw.save()
    refresh_facts(drum)
    bent = backtest("both")
    one, other = (unpack_logits(bytes(row.logits), 80) for row in (clean, bent))
    known = at - 90 + 1
    assert np.array_equal(one[:known], other[:known])
    assert not np.array_equal(one[known:], other[known:])
    assert np.array_equal(gains_of(clean)[: known - 1], gains_of(bent)[: known - 1])


def test_a_linear_replay_has_the_weights_it_would_have_had(members, backtest):
    create_ensemble(models=members, name="average", actor="alice", pool="linear")
    found = gains_of(backtest("average"))
    alone = np.stack([gains_of(backtest(name)) for name in members])
    assert found[:30] == pytest.approx(linear_pool(alone[:, :30], prior(2)), abs=1e-12)
    fitted = fitted_weights(alone[:, :30])
    assert found[30:60] == pytest.approx(linear_pool(alone[:, 30:60], fitted), abs=1e-12)


def test_added_logits_are_fitted_to_what_the_members_said(version, backtest, api):
    names = heads_of(version, backtest)
    made = create_ensemble(models=names, name="one", actor="alice", pool="log-linear")
    weights = made.metrics["weights"]
    assert set(weights) == {"owl v1", "lark v1", "uniform"}
    assert sum(weights.values()) == pytest.approx(1.0)
    said = enough_replayed_draws(
        list(RegisteredModel.objects.exclude(name="one").order_by("-name"))
    )
    best = log_linear_weights(said.said)
    assert [weights["owl v1"], weights["lark v1"]] == pytest.approx(best.tolist())
    replay = gains_of(backtest("owl"))
    assert pool_gains(said.said, [1.0, 0.0]) == pytest.approx(replay, abs=0.01)  # half floats


def test_logits_of_models_that_were_not_replayed_cannot_be_added(version):
    version("lark")
    version("jay")
    with pytest.raises(Conflict, match="Backtest each of them first, or make a mixture"):
        create_ensemble(models=["lark", "jay"], name="one", actor="a", pool="log-linear")


def test_its_page_says_how_it_was_pooled_and_offers_no_poison(version, backtest, signed_in):
    create_ensemble(
        models=heads_of(version, backtest), name="both", actor="alice", pool="log-linear"
    )
    page = signed_in.get(backtest("both").get_absolute_url()).content.decode()
    assert "weights fitted every 30 draws to what its members had replayed by then" in page
    assert "Run it" not in page
    assert "an ensemble is controlled member by member" in page


def test_poison_is_refused_with_the_remedy(members, backtest, api):
    create_ensemble(models=members, name="both", actor="alice")
    answer = api.post(
        "/api/jobs", {"kind": "poison", "backtest": backtest("both").pk}, format="json"
    )
    assert answer.status_code == 400
    assert "poison theirs" in answer.json()["message"]
