"""The rules that watch one number."""

import math

import pytest

from training.engine.stopping import (
    EarlyStopping,
    Plateau,
    Runaway,
    learning_rate_factor,
)


def test_patience_counts_epochs_without_progress() -> None:
    rule = EarlyStopping(patience=2)
    stops = [
        (rule.feed(epoch, value), rule.stop)[1] for epoch, value in enumerate([3, 2, 2, 2.5], 1)
    ]
    assert stops == [False, False, False, True]
    assert (rule.best, rule.best_epoch) == (2, 2)


def test_crumbs_are_not_progress_but_still_the_best() -> None:
    rule = EarlyStopping(patience=3, min_delta=0.1)
    for epoch, value in enumerate([3.0, 2.95, 2.94, 2.93], 1):
        assert rule.feed(epoch, value)
    assert rule.stop
    assert rule.best_epoch == 4


def test_many_crumbs_together_are_progress() -> None:
    rule = EarlyStopping(patience=3, min_delta=0.1)
    for epoch, value in enumerate([3.0, 2.95, 2.89, 2.85], 1):
        rule.feed(epoch, value)
    assert rule.waited == 1


def test_without_patience_nothing_stops() -> None:
    rule = EarlyStopping()
    for epoch in range(1, 1000):
        rule.feed(epoch, 1.0)
    assert not rule.stop


def test_a_plateau_halves_after_five_idle_epochs() -> None:
    rule = Plateau()
    scales = [rule.feed(value) for value in [1.0] * 11]
    assert scales == [1.0] * 5 + [0.5] * 5 + [0.25]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_has_diverged(value: float) -> None:
    assert Runaway().feed(value)


def test_three_explosions_in_a_row_have_diverged() -> None:
    rule = Runaway(best=28.0)
    assert [rule.feed(value) for value in (34, 35, 28, 34, 34, 34)] == [False] * 5 + [True]


def test_gradients_far_longer_than_usual_have_diverged_and_the_first_is_known() -> None:
    rule = Runaway(best=28.0)
    usual = [1.0, 1.1, 0.9] * 5
    assert not any(rule.feed(28.0, norm) for norm in usual)
    assert [rule.feed(28.0, norm) for norm in (9.0, 1.0, 9.0, 9.0, 9.0)] == [False] * 4 + [True]
    assert rule.reason == "3 epochs in a row had gradients far longer than usual"
    assert rule.since == 18


def test_what_is_usual_takes_ten_epochs_to_know_and_is_forgotten_after_fifty() -> None:
    young, old = Runaway(best=28.0), Runaway(best=28.0)
    assert not any(young.feed(28.0, norm) for norm in (1.0, 9.0, 90.0, 900.0, 9000.0))
    for epoch in range(200):
        assert not old.feed(28.0, 1.0 + epoch / 10)
    assert len(old.norms) == 50


def test_schedules_start_full_and_end_low() -> None:
    def run(schedule: str) -> list[float]:
        return [learning_rate_factor(schedule, epoch, 9, 0) for epoch in range(1, 10)]

    assert run("constant") == [1.0] * 9
    assert run("step") == pytest.approx([1.0] * 3 + [0.1] * 3 + [0.01] * 3)
    cosine = run("cosine")
    assert cosine[0] == 1.0
    assert cosine == sorted(cosine, reverse=True)
    assert 0 < cosine[-1] < 0.05


def test_warm_up_rises_to_the_schedule() -> None:
    factors = [learning_rate_factor("cosine", epoch, 10, 3) for epoch in range(1, 6)]
    assert factors[:4] == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert factors[4] < 1.0
