"""The drawing of the best gain so far: places in percent, chance always inside."""

import datetime as dt

from helios_site.overview.figures import Done, best_so_far

DAY = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def done(number: int, gain: float, low: float | None = None, high: float | None = None) -> Done:
    return Done(number, f"model-{number}", DAY + dt.timedelta(days=number), gain, low, high)


def percent(text: str) -> float:
    return float(text.removesuffix("%"))


def test_only_what_beats_all_before_it_is_a_record():
    found = best_so_far(
        [done(0, -0.01), done(1, 0.02), done(2, 0.01), done(3, 0.02), done(4, 0.03)]
    )
    assert [dot.done.pk for dot in found.records] == [0, 1, 4]
    assert [dot.done.pk for dot in found.others] == [2, 3]


def test_each_stair_ends_where_the_next_begins_and_the_last_at_the_edge():
    first, second = best_so_far([done(0, 0.0), done(1, 0.05), done(4, 0.01)]).stairs
    assert (first.end, first.next_y) == (second.x, second.y)
    assert percent(second.end) == 97


def test_chance_is_inside_however_far_the_gains_are_from_it():
    for gains in ((0.4, 0.5), (-0.5, -0.4), (0.0, 0.0)):
        found = best_so_far([done(place, gain) for place, gain in enumerate(gains)])
        assert 0 < percent(found.chance_y) < 100


def test_the_interval_of_the_best_is_judged_beside_chance():
    sides = {"above": (0.01, 0.03), "around": (-0.01, 0.03), "below": (-0.03, -0.01)}
    for side, (low, high) in sides.items():
        assert best_so_far([done(0, (low + high) / 2, low, high)]).side == side
    assert best_so_far([done(0, 0.01)]).side == "unknown"


def test_nothing_finished_is_no_drawing_and_many_sessions_are_thinned():
    assert best_so_far([]) is None
    assert len(best_so_far([done(n, -n / 100_000) for n in range(500)]).others) == 120


def test_a_session_that_ran_away_does_not_press_the_others_flat():
    found = best_so_far([done(0, -0.01), done(1, -130.0), done(2, -0.02)])
    assert (found.far, [dot.done.pk for dot in found.others]) == (1, [2])
    assert found.low > -1
