"""The games as data agree with the published histories and with statistics 1.1."""

import datetime as dt
from pathlib import Path

import pytest

from training.draws.formats import read
from training.draws.games import (
    GAMES,
    MEGA_MILLIONS,
    POWERBALL,
    Matrix,
    UnknownMatrix,
    calendar,
    latest_draw_dates,
    missing_dates,
    next_draw_date,
)

TODAY = dt.date(2026, 11, 22)
BITS = {  # white set, bonus ball, together
    "1992-04-22": (20.220528, 5.491853, 25.712381),
    "1997-11-05": (20.862786, 5.392317, 26.255103),
    "2002-10-09": (21.452461, 5.392317, 26.844778),
    "2005-08-31": (21.730142, 5.392317, 27.122460),
    "2009-01-07": (22.255338, 5.285402, 27.540740),
    "2012-01-18": (22.255338, 5.129283, 27.384621),
    "2015-10-07": (23.421948, 4.700440, 28.122388),
}


@pytest.mark.parametrize("era", POWERBALL.eras, ids=lambda era: era.key)
def test_a_fair_drum_has_the_bits_of_the_test_vectors(era):
    found = (era.matrix.white_bits, era.matrix.bonus_bits, era.matrix.bits)
    assert found == pytest.approx(BITS[era.key], abs=5e-7)


@pytest.mark.parametrize("game", GAMES.values(), ids=lambda game: game.key)
def test_every_limit_of_every_era_is_reached_and_none_exceeded(game, draw_data: Path):
    rows = read((draw_data / f"{game.key}.csv").read_bytes(), today=TODAY, game=game).rows
    for era in game.eras:
        draws = [row for row in rows if game.era_of(row.date) is era]
        assert draws[0].date == era.start
        assert max(row.white[-1] for row in draws) == era.matrix.white
        assert max(row.bonus for row in draws) == era.matrix.bonus


@pytest.mark.parametrize("game", GAMES.values(), ids=lambda game: game.key)
def test_the_calendar_is_the_published_one(game, draw_data: Path):
    rows = read((draw_data / f"{game.key}.csv").read_bytes(), today=TODAY, game=game).rows
    days = [row.date for row in rows]
    assert calendar(game, days[0], days[-1]) == days
    assert missing_dates(game, days) == []
    assert missing_dates(game, [days[0], *days[3:]]) == days[1:3]


def test_an_era_begins_with_its_first_draw():
    assert POWERBALL.era_of(dt.date(1992, 4, 21)) is None
    assert POWERBALL.era_of(dt.date(2015, 10, 6)).matrix == Matrix(59, 5, 35)
    assert POWERBALL.era_of(dt.date(2015, 10, 7)).matrix == Matrix(69, 5, 26)


def test_mondays_are_draw_days_since_august_2021():
    assert not POWERBALL.draws_on(dt.date(2021, 8, 16))
    assert POWERBALL.draws_on(dt.date(2021, 8, 23))
    assert next_draw_date(POWERBALL, dt.date(2021, 8, 18)) == dt.date(2021, 8, 21)
    assert next_draw_date(POWERBALL, dt.date(2021, 8, 21)) == dt.date(2021, 8, 23)
    assert next_draw_date(MEGA_MILLIONS, dt.date(2007, 12, 24)) == dt.date(2007, 12, 28)


def test_the_latest_draw_dates_go_back_as_far_as_asked():
    days = latest_draw_dates(POWERBALL, 6_000, TODAY)
    assert len(days) == 6_000
    assert days == sorted(set(days))
    assert days[-1] == dt.date(2026, 11, 21)
    assert {day.weekday() for day in days[:100]} == {2, 5}


@pytest.mark.parametrize("text", ["5/69+26", "5 of 69 + 1 of 26", " 5/69 + 1/26 "])
def test_a_matrix_is_read_as_people_write_it(text):
    assert Matrix.parse(text) == Matrix(69, 5, 26)
    assert Matrix.parse(str(Matrix.parse(text))) == Matrix(69, 5, 26)


@pytest.mark.parametrize("text", ["", "69+26", "6/49+10", "5/5+10", "5/69+1", "5/169+26"])
def test_other_texts_are_not_a_matrix(text):
    with pytest.raises(UnknownMatrix):
        Matrix.parse(text)
