"""Every notation the world publishes draws in is read as the same draws."""

import csv
import datetime as dt
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.draws.formats import read
from training.draws.games import POWERBALL, calendar
from training.draws.rows import Row

TODAY = dt.date(2026, 11, 22)
FILES = {  # rows, draws that contradict the reference, format, game
    "hand-kept-two-typos-powerball.csv": (1379, 2, "CSV list", "powerball"),
    "list-column-powerball.csv": (3081, 0, "CSV list", "powerball"),
    "ny-open-data-mega-millions.csv": (2518, 1, "CSV list", "megamillions"),
    "ny-open-data-powerball-unordered.csv": (1972, 0, "CSV list, bonus last", "powerball"),
    "ny-open-data-powerball.csv": (1965, 0, "CSV list, bonus last", "powerball"),
    "powerball-com-winnums-text.txt": (2101, 0, "text columns", "powerball"),
    "texas-lottery-powerball.csv": (1922, 0, "Texas", "powerball"),
}
ROW = Row(2, dt.date(2022, 1, 22), (9, 22, 25, 28, 69), 3, 2)


def one(text: str) -> Row:
    """The only row of a text without problems."""
    reading = read(text.encode(), today=TODAY)
    assert reading.problems == ()
    assert len(reading.rows) == 1
    return reading.rows[0]


@pytest.mark.parametrize("name", FILES)
def test_every_published_file_is_read_whole(name, draw_data: Path):
    count, wrong, kind, game = FILES[name]
    reading = read((draw_data / "formats" / name).read_bytes(), today=TODAY)
    assert (len(reading.rows), reading.problems) == (count, ())
    assert (reading.format, reading.game.key) == (kind, game)
    reference = read((draw_data / f"{game}.csv").read_bytes(), today=TODAY).rows
    known = {row.date: row.result for row in reference}
    assert sum(known[row.date] != row.result for row in reading.rows) == wrong


@pytest.mark.parametrize(
    "line",
    [
        "2022-01-22,9,22,25,28,69,3,2",
        "2022-01-22T00:00:00.000,9,22,25,28,69,3,2X",
        "01/22/2022,09,22,25,28,69,03,02",
        "1/22/22,9,22,25,28,69,3,2x",
        '22-Jan-22,"9 22 25 28 69",3,2',
        "22-Jan-22,9|22|25|28|69,3,2",
        '01/22/2022,"[9, 22, 25, 28, 69]",3,2',
        "01/22/2022,09 22 25 28 69 03,2",
        '"01/22/2022","09 22 25 28 69 03","2","05 07 17 26 28 05"',
        "Powerball,1,22,2022,9,22,25,28,69,3,2",
        "01/22/2022  09  22  25  28  69  03  2",
        "Sat 01/22/2022;9;22;25;28;69;3;2",
        "2022-01-22\t9\t22\t25\t28\t69\t3\t2",
        'Saturday; "Jan 22, 2022"'.replace("Saturday; ", "") + ",9-22-25-28-69,3,2",
    ],
)
def test_every_notation_of_a_line_is_the_same_draw(line):
    row = one(line)
    assert (row.date, row.result, row.multiplier) == (ROW.date, ROW.result, 2)


@pytest.mark.parametrize(
    "header",
    [
        "draw_date,white1,white2,white3,white4,white5,powerball,multiplier",
        "Date,WB1,WB2,WB3,WB4,WB5,PB,PP",
        "Draw Date,Num1,Num2,Num3,Num4,Num5,Powerball,Power Play",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_headers_line_ends_and_byte_order_marks_change_nothing(header, end, start):
    text = start + header + end + "2022-01-22,9,22,25,28,69,3,2"
    assert one(text) == ROW
    assert one(text + end + end) == ROW


@pytest.mark.parametrize("text", ["", "0", "0X", "N/A", "none", "-"])
def test_no_multiplier_is_written_in_many_ways(text):
    assert one(f"2022-01-22,9,22,25,28,69,3,{text}").multiplier is None


def test_a_missing_power_play_column_is_no_multiplier():
    header = "Draw Date   WB1 WB2 WB3 WB4 WB5 PB  PP\r\n"
    assert one(header + "01/22/2022  69  22  25  28  09  03").multiplier is None


def test_the_drawn_order_is_kept_where_there_is_one():
    assert one("2022-01-22,69,22,25,28,9,3,2").drawn_order == "69 22 25 28 9"
    assert one("2022-01-22,69,22,25,28,9,3,2").white == (9, 22, 25, 28, 69)
    assert one("2022-01-22,9,22,25,28,69,3,2").drawn_order == ""


def test_two_digit_years_begin_in_1992():
    assert one("4/22/92,2,25,35,41,42,15").date == dt.date(1992, 4, 22)
    assert one("5/4/05,2,25,35,41,42,15").date == dt.date(2005, 5, 4)


def test_both_json_exports_are_read_with_their_lines():
    item = {
        "draw_date": "2022-01-22T00:00:00.000",
        "winning_numbers": "09 22 25 28 69 03",
        "multiplier": "2",
    }
    assert one(json.dumps([item])) == Row(1, *_facts(ROW))
    assert one("[\n" + json.dumps(item) + "\n]\n") == ROW
    columns = [{"name": name} for name in ("sid", "Draw Date", "Winning Numbers", "Multiplier")]
    whole = {
        "meta": {"view": {"columns": columns}},
        "data": [["row-1", "2022-01-22T00:00:00", "09 22 25 28 69 03", None]],
    }
    assert one(json.dumps(whole)).result == ROW.result
    assert one(json.dumps(whole, indent=1)).line > 10


def test_a_mega_millions_file_says_so_itself():
    text = (
        '"Draw Date","Winning Numbers","Mega Ball","Multiplier"\n07/10/2026,02 39 44 46 56,23,'
    )
    reading = read(text.encode(), today=TODAY)
    assert (reading.game.key, reading.problems) == ("megamillions", ())


def test_a_page_of_exactly_a_thousand_rows_is_noted():
    days = calendar(POWERBALL, dt.date(2015, 10, 7), TODAY)
    lines = [f"{day},9,22,25,28,{50 + number % 20},3" for number, day in enumerate(days)]
    assert "1,000 rows" in read("\n".join(lines[:1000]).encode(), today=TODAY).notes[0]
    assert read("\n".join(lines[:999]).encode(), today=TODAY).notes == ()


def _facts(row: Row) -> tuple[object, ...]:
    return row.date, row.white, row.bonus, row.multiplier


DAYS = calendar(POWERBALL, dt.date(2015, 10, 7), dt.date(2026, 11, 21))
ROWS = st.builds(
    lambda day, white, bonus, factor: Row(0, day, tuple(sorted(white)), bonus, factor),
    st.sampled_from(DAYS),
    st.sets(st.integers(1, 69), min_size=5, max_size=5),
    st.integers(1, 26),
    st.none() | st.integers(1, 10),
)
HISTORIES = st.lists(ROWS, min_size=1, max_size=8, unique_by=lambda row: row.date)


def as_columns(rows: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["draw_date", *(f"white{n}" for n in range(1, 6)), "powerball", "multiplier"]
    )
    writer.writerows([row.date, *row.white, row.bonus, row.multiplier] for row in rows)
    return out.getvalue()


def as_new_york(rows: list[Row]) -> str:
    lines = ["Draw Date,Winning Numbers,Multiplier"]
    for row in rows:
        balls = " ".join(f"{ball:02}" for ball in (*row.white, row.bonus))
        lines.append(f"{row.date:%m/%d/%Y},{balls},{row.multiplier or ''}")
    return "\n".join(lines)


def as_texas(rows: list[Row]) -> str:
    return "\n".join(
        f"Powerball,{row.date.month},{row.date.day},{row.date.year},"
        f"{','.join(map(str, (*row.white, row.bonus)))},{row.multiplier or ''}"
        for row in rows
    )


def as_json(rows: list[Row]) -> str:
    return json.dumps(
        [
            {
                "draw_date": f"{row.date}T00:00:00.000",
                "winning_numbers": " ".join(map(str, (*row.white, row.bonus))),
                "multiplier": row.multiplier and str(row.multiplier),
            }
            for row in rows
        ]
    )


@given(rows=HISTORIES, write=st.sampled_from([as_columns, as_new_york, as_texas, as_json]))
def test_what_is_written_in_any_format_is_read_back(rows, write):
    reading = read(write(rows).encode(), today=TODAY)
    assert reading.problems == ()
    assert [_facts(row) for row in reading.rows] == [_facts(row) for row in rows]
