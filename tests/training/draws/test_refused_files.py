"""A file that cannot be used says which line, which column, why, and what to do."""

import datetime as dt
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.draws.formats import read
from training.draws.games import GAMES, POWERBALL, calendar
from training.draws.rows import Problem, Reading

TODAY = dt.date(2026, 11, 22)
HEADER = "draw_date,white1,white2,white3,white4,white5,powerball,multiplier\n"
GOOD = "2022-01-22,9,22,25,28,69,3,2\n"


def problem(data: str | bytes) -> Problem:
    """The first problem of a file, which must have a remedy."""
    data = data.encode() if isinstance(data, str) else data
    found = read(data, today=TODAY).problems[0]
    assert found.reason
    assert found.remedy
    return found


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("2022-01-22,9,22,25,28,70,3,2", "white balls", "70 is not between 1 and 69"),
        ("2022-01-22,0,22,25,28,69,3,2", "white balls", "0 is not between 1 and 69"),
        ("2022-01-22,9,22,25,28,69,27,2", "Powerball", "27 is not between 1 and 26"),
        ("2015-10-03,9,22,25,28,60,3,2", "white balls", "60 is not between 1 and 59"),
        ("2022-01-22,9,9,25,28,69,3,2", "white balls", "twice"),
        ("2022-01-22,9,22,25,28,x,3,2", "white5", "'x' is not a ball"),
        ("2022-01-22,9,22,25,28,,3,2", "white5", "missing"),
        ("2022-01-22,9,22,25,28,6.5,3,2", "white5", "'6.5' is not a ball"),
        ("2022-01-22,9,22,25,28,-6,3,2", "white5", "'-6' is not a ball"),
        ("2022-01-22,9,22,25,28,٣,3,2", "white5", "is not a ball"),
        ("2022-01-22,9,22,25,28,69,3,11", "multiplier", "'11' is not a multiplier"),
        ("2022-01-22,9,22,25,28", "columns", "5 columns where 7 are needed"),
        ("2022-02-30,9,22,25,28,69,3,2", "draw_date", "not a day of the calendar"),
        ("22/01/2022,9,22,25,28,69,3,2", "draw_date", "has month 22"),
        ("yesterday,9,22,25,28,69,3,2", "draw_date", "'yesterday' is not a date"),
        ("2022-01-21,9,22,25,28,69,3,2", "date", "is a Friday"),
        ("2026-11-23,9,22,25,28,69,3,2", "date", "in the future"),
        ("1992-04-18,9,22,25,28,39,3,2", "date", "before the first Powerball draw"),
        ("2022-01-19,9,22,25,28,69,3,2", "date", "is on line 2 already, with the same draw"),
        ("2022-01-19,9,22,25,28,68,3,2", "date", "on line 2 already, with another result"),
    ],
)
def test_a_wrong_line_is_named_with_its_column(line, column, reason):
    text = HEADER + GOOD.replace("01-22", "01-19") + line + "\n"
    found = problem(text)
    assert (found.line, found.column) == (3, column)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", 0, "no line"),
        (b"  \n \n", 0, "no line"),
        (HEADER.encode(), 0, "no draw"),
        ((HEADER + GOOD).encode("utf-16"), 1, "UTF-16"),
        ((HEADER + GOOD).encode() + b"2022-01-26,\0", 3, "NUL"),
        ((HEADER + GOOD).encode() + b"2022-01-26,\xe9", 3, "byte 0xe9 is not UTF-8"),
        ((HEADER + GOOD).encode() + b'2022-01-26,"9 22\n' + GOOD.encode(), 3, "not closed"),
        ((HEADER + GOOD).encode() + b'2022-01-26,"9"22,3\n', 3, "expected after"),
        (b"name,age\nx,3\n", 1, "no column is called a date"),
        (b"draw_date,a,b\n2022-01-22,3,4\n", 1, "no columns are called balls"),
        (b"hello", 1, "no column is called a date"),
        (b"17 18 19", 1, "neither a header nor a draw"),
        (b'[{"draw_date": "2022-01-22"', 1, "not well-formed JSON"),
        (b'{"error": true}', 1, "no list of draws"),
        (b"[" * 100_000, 1, "nested too deeply"),
        (b'{"data": [' + b"9" * 5000 + b"]}", 1, "longer than any of a draw"),
        (b"[1, 2, 3]", 0, ""),
        (b"\x89PNG\r\n\x1a\n", 1, "byte 0x89"),
    ],
)
def test_a_file_that_is_not_a_history_is_refused_with_a_reason(data, line, reason):
    found = problem(data)
    assert reason in found.reason
    assert found.line == line or not reason


def test_a_million_rows_are_refused_at_once():
    data = (HEADER + GOOD * 1_000_000).encode()
    start = time.process_time()
    assert "more than" in problem(data).reason
    assert "lines" in problem(("x\n" * 200_000).encode()).reason
    assert "rows" in problem(b"[" + b'{"a":1},' * 60_000 + b"{}]").reason
    assert time.process_time() - start < 2


def test_messages_never_repeat_control_characters_or_long_cells():
    found = problem(HEADER + "\x1b[31m" + "9" * 3000 + ",9,22,25,28,69,3,2\n")
    assert "\x1b" not in str(found)
    assert len(str(found)) < 200
    lone = problem('[{"draw_date": "\\ud800", "winning_numbers": "1 2 3 4 5 6"}]')
    assert str(lone).encode()


def test_a_file_of_another_game_is_named(draw_data: Path):
    data = (draw_data / "megamillions.csv").read_bytes()
    reading = read(data, today=TODAY, game=POWERBALL)
    assert "holds Mega Millions" in reading.problems[0].reason
    nameless = b"\n".join(data.split(b"\n")[1:])
    assert "another game" in problem(nameless).reason


def test_australian_and_south_african_draws_are_refused():
    assert "Australia" in problem("2022-01-20,1 2 3 4 5 6 35,20").reason
    assert "Australia" in problem("2022-01-20,1 2 3 4 5 6 35 20").reason
    assert "another country" in problem("2022-01-22,1 2 3 4 5 40 7").reason
    assert "4 white balls" in problem(HEADER.replace("white5,", "") + GOOD).reason
    fridays = [dt.date(2022, 1, 7) + dt.timedelta(days=7 * week) for week in range(30)]
    text = "\n".join(
        f"{day},1,2,3,4,{40 + n % 11},{1 + n % 20}" for n, day in enumerate(fridays)
    )
    found = problem(text)
    assert (found.line, found.column) == (0, "game")
    assert "South Africa" in found.reason


def test_a_game_with_fewer_balls_on_the_same_days_is_refused():
    days = calendar(POWERBALL, dt.date(2022, 1, 1), dt.date(2022, 12, 31))
    text = "\n".join(f"{day},1,2,3,4,{40 + n % 11},{1 + n % 20}" for n, day in enumerate(days))
    assert "no white ball above 50" in problem(text).reason


@given(st.binary(max_size=400))
def test_no_bytes_at_all_raise_an_error(data):
    assert isinstance(read(data, today=TODAY), Reading)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9) | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=4) | st.dictionaries(st.sampled_from(["meta", "data"]), JSON))
def test_no_json_at_all_raises_an_error(value):
    for game in GAMES.values():
        assert isinstance(read(json.dumps(value).encode(), today=TODAY, game=game), Reading)


@given(st.lists(st.text("0123456789,;|[]\"' \t\r\n-/TXx", max_size=40), max_size=6))
def test_no_lines_at_all_raise_an_error(lines):
    text = HEADER + "\n".join(lines)
    for line in read(text.encode(), today=TODAY).problems:
        assert 0 <= line.line <= text.count("\n") + text.count("\r") + 1
