"""What a backtest is worth to the house and on a model's page."""

from math import log2

import pytest

from reflection.services import house, insights, reflect_on_model
from reflection.services.stored_replays import stored_replays


def test_the_house_bets_a_model_s_backtest_instead_of_its_few_test_draws(version, backtest):
    version("owl")
    assert house.evidence(dataset_name="drum").bets[0].draws == 20
    found = backtest("owl")
    held = house.evidence(dataset_name="drum")
    bet = held.bets[0]
    assert (bet.backtest, bet.draws, bet.openings, held.grade) == (found.pk, 80, 2, "B")
    assert bet.hedged_bits == pytest.approx(found.hedged_bits - log2(2))


def test_the_first_replay_speaks_and_a_later_better_one_only_costs(version, backtest):
    version("owl")
    first, _ = backtest("owl"), backtest("owl", refit=60)
    again = backtest("owl")
    bet = house.evidence(dataset_name="drum").bets[0]
    assert (bet.backtest, bet.openings) == (again.pk, 3)
    assert again.series == first.series


def test_a_replay_of_grade_c_is_no_evidence_for_the_house(version, backtest):
    version("owl")
    version("owl", learning_rate=0.02)
    assert backtest("owl").grade == "C"
    bet = house.evidence(dataset_name="drum").bets[0]
    assert (bet.backtest, bet.draws) == (None, 20)


def test_the_page_of_a_model_speaks_of_its_backtest(signed_in, version, backtest):
    version("owl")
    found = backtest("owl")
    score = reflect_on_model("owl").test
    assert (score.backtest, score.gain.n, score.evidence.grade) == (found.pk, 80, "B")
    page = signed_in.get("/reflection/owl/").content.decode()
    assert f'From <a href="{found.get_absolute_url()}">' in page


def test_a_backtest_of_an_older_version_does_not_speak_for_the_newest(version, backtest):
    first = version("owl")
    backtest("owl")
    newest = version("owl", learning_rate=0.02)
    assert reflect_on_model("owl").test.backtest is None
    replays = stored_replays(datasets=["drum"], versions={first.pk, newest.pk})
    assert len(replays.chosen) == 1


def test_a_planted_ball_is_found_and_first_suspected(signed_in, version, backtest, bent):
    version("owl", dataset="bent", epochs=40, learning_rate=0.02)
    found = backtest("owl")
    held = insights(dataset_name="bent").house
    assert held.crossed
    page = signed_in.get(found.get_absolute_url()).content.decode()
    assert "Suspect a leak" in page
    assert "Its poison test is queued" in page


def test_the_house_asks_four_queries_however_many_backtests(
    version, backtest, django_assert_max_num_queries
):
    for name in ("owl", "lark"):
        version(name)
        backtest(name)
    with django_assert_max_num_queries(4):
        assert house.evidence(dataset_name="drum").scored == 2
