"""Walk-forward backtests: planned, run as jobs, stored with their evidence."""

import numpy as np
import pytest

from memory.models import JournalEntry
from memory.refusals import Invalid, NotFound
from reflection.models import Backtest, Job
from reflection.services import jobs, running
from reflection.tasks import run_job_slice
from reflection.walking.folds import Protocol
from reflection.walking.walk import walk
from tests.reflection.backtests.conftest import ASKED
from tests.reflection.test_jobs import die_after, reap
from training.engine.config import Config
from training.models import Draw
from training.services.draws import load_history


def gains_of(backtest: Backtest) -> np.ndarray:
    return np.frombuffer(backtest.gains, np.float64)


def test_a_backtest_stores_what_the_pure_replay_gains(version, backtest, drum):
    owl = version("owl")
    found = backtest("owl")
    pure = walk([load_history(drum)], Config.parse(owl.config), Protocol(90, 30))[0]
    assert np.array_equal(gains_of(found), pure.gains)
    assert (found.first_draw, found.draws, found.version) == (90, 80, owl)
    assert found.gain == pytest.approx(pure.gains.mean())
    assert found.raw_bits == pytest.approx(pure.gains.sum())
    assert [found.cut_of(place) for place in (0, 29, 30, 79)] == [90, 90, 120, 150]
    entry = JournalEntry.objects.get(event_type="backtest_run")
    assert (entry.model_name, entry.metadata["draws"]) == ("owl", 80)


@pytest.mark.parametrize("more", [{}, {"warm": True}], ids=["cold", "warm"])
def test_a_killed_backtest_ends_with_the_same_bits(version, backtest, more, monkeypatch):
    version("owl", replicas=11)  # two folds fit a chunk
    whole = backtest("owl", **more)
    monkeypatch.setattr("reflection.tasks.FLUSH_SECONDS", 0.0)
    monkeypatch.setattr("reflection.tasks.CHECKPOINT_SECONDS", 0.0)
    job = jobs.start_job(
        kind="backtest", settings={"model_name": "owl", **ASKED, **more}, actor="alice"
    )
    for units in (0, 1):
        revive = die_after(monkeypatch, units)
        with pytest.raises(SystemExit):
            run_job_slice(job.pk)
        revive()
        reap()
    run_job_slice(job.pk)
    again = Backtest.objects.first()
    assert again.pk != whole.pk
    assert (again.gains, again.logits) == (whole.gains, whole.logits)


def test_a_baseline_is_backtested_like_a_network(version, backtest):
    version("skeptic", encoder="counts")
    found = backtest("skeptic")
    assert (found.draws, found.steps, found.cut_of(5)) == (80, 0, 95)
    assert abs(found.raw_bits) < 3.0


def test_the_first_backtest_of_settings_is_evidence_and_a_search_for_better_ones_is_not(
    version, backtest
):
    version("owl")
    first = backtest("owl")
    assert first.grade == "B"
    again = backtest("owl")  # the same replay once more
    assert (again.grade, again.series) == ("B", first.series)
    other = backtest("owl", refit=60)
    assert other.grade == "C"
    assert f"backtest {first.pk} with other settings" in other.grade_reason


def test_settings_chosen_after_a_score_on_these_draws_are_no_evidence(version, backtest):
    version("owl")
    version("owl", learning_rate=0.02)
    found = backtest("owl")
    assert found.grade == "C"
    assert "version 1 had been scored on some of these draws" in found.grade_reason


def test_other_draws_can_be_replayed_than_those_trained_on(version, backtest, drum):
    version("owl")
    last = str(drum.last_date)
    day = str(load_and_day(drum, 150))
    found = backtest("owl", date_to=day)
    assert str(found.last_date) == day < last


def load_and_day(dataset, place):
    return list(Draw.objects.filter(dataset=dataset).order_by("date"))[place].date


def test_a_replay_that_is_too_good_is_poisoned_at_once(version, backtest, bent):
    version("owl", dataset="bent", epochs=40, learning_rate=0.02)
    found = backtest("owl")
    assert found.grade == "B"
    assert found.hedged_bits > 20
    poison = Job.objects.get(kind="poison")
    run_job_slice(poison.pk)
    found.refresh_from_db()
    assert found.poison["ok"]
    assert len(found.poison["probes"]) == 3
    assert Job.objects.get(kind="controls").settings["model_name"] == "owl"
    verdict = JournalEntry.objects.get(event_type="control_run").metadata["verdict"]
    assert verdict.startswith("no forecast depends")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"origin": 0}, "origin: Must be a whole number of draws from 1"),
        ({"refit": "often"}, "refit: Must be a whole number"),
        ({"warm": 1}, "warm: Must be true or false"),
        ({"origin": 400}, "origin: Only 170 draws are selected; 400 come before"),
        ({"eras": ["1900-01-01"]}, "eras: No draws of 1900-01-01"),
        ({"data_source": "nowhere"}, "data_source: No dataset has this name"),
        ({"epochs": 3}, "epochs: There is no such setting"),
    ],
)
def test_what_cannot_be_replayed_is_refused_with_the_field(version, asked, said):
    version("owl")
    with pytest.raises(Invalid, match=said):
        jobs.start_job(
            kind="backtest", settings={"model_name": "owl", **ASKED, **asked}, actor="a"
        )


def test_an_unknown_model_or_version_is_not_found(version):
    version("owl")
    for wrong in ({"model_name": "lark"}, {"model_name": "owl", "version": 7}):
        with pytest.raises(NotFound):
            jobs.start_job(kind="backtest", settings=wrong, actor="alice")


def test_draws_that_change_under_a_backtest_end_it_clearly(version, drum, enqueued):
    version("owl")
    settings = {"model_name": "owl", **ASKED}
    job = jobs.start_job(kind="backtest", settings=settings, actor="alice")
    drum.draws.first().delete()
    run_job_slice(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "drawschanged")


def test_an_estimate_comes_from_the_pace_of_earlier_backtests(version, backtest):
    version("owl")
    settings = {"model_name": "owl", **ASKED}
    assert running.KINDS["backtest"].plan(settings).seconds is None
    found = backtest("owl")
    estimate = running.KINDS["backtest"].plan({**settings, "refit": 60}).seconds
    assert 0 < estimate < found.seconds


def test_a_backtest_can_be_run_again_from_its_job(version, backtest):
    version("owl")
    found = backtest("owl", refit=45, warm=True)
    again = jobs.run_again(job=found.job, actor="bob")
    assert again.settings == found.job.settings
