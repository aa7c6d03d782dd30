"""A file whose columns a person names is read as the same draws, or refused by line and column."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.draws.columns import BadColumns, Columns, parse
from training.draws.formats import read
from training.draws.games import POWERBALL, calendar
from training.draws.rows import MAX_LINES, Row

TODAY = dt.date(2026, 11, 22)
ROW = Row(2, dt.date(2022, 1, 22), (9, 22, 25, 28, 69), 3, 2)
SAID = "date=Datum,balls=A+B+C+D+E,bonus=PB,multiplier=Faktor,form=dmy"
GERMAN = "Faktor;PB;E;D;C;B;A;Datum\n2;3;69;28;25;22;9;22.01.2022\n"


def told(text: str, said: str) -> list[str]:
    return [
        str(item) for item in read(text.encode(), today=TODAY, columns=parse(said)).problems
    ]


def test_columns_of_other_names_and_order_are_the_same_draw():
    reading = read(GERMAN.encode(), today=TODAY, columns=parse(SAID))
    assert (reading.rows, reading.problems) == ((ROW,), ())
    assert reading.format == "own columns"
    assert read(GERMAN.encode(), today=TODAY).problems, "without them it is not known"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wann,was\n2022-01-22,9 22 25 28 69 3\n", "date=wann,balls=was"),
        (
            "wann\twas\tpb\n2022/1/22\t9-22-25-28-69\t3\n",
            "date=wann,balls=was,bonus=pb,form=ymd",
        ),
        ("3,9,22,25,28,69,20220122\n", "date=#7,balls=#2+#3+#4+#5+#6,bonus=#1,form=ymd"),
        ("x,x,y\n3,9|22|25|28|69,01.22.2022\n", "date=y,balls=#2,bonus=#1,form=mdy"),
        (
            '[{"b": "3", "w": "9,22,25,28,69", "t": "22/1/22"}]',
            "date=t,balls=w,bonus=b,form=dmy",
        ),
    ],
)
def test_every_shape_of_columns_is_read(text, said):
    reading = read(text.encode(), today=TODAY, columns=parse(said))
    assert reading.problems == ()
    assert [(row.date, row.result) for row in reading.rows] == [(ROW.date, ROW.result)]


@given(
    order=st.permutations(range(8)),
    names=st.lists(
        st.text("abcxyzÄß 0123456789", min_size=1, max_size=9).map(str.strip).filter(bool),
        min_size=8,
        max_size=8,
        unique=True,
    ),
    form=st.sampled_from(["%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y"]),
    delimiter=st.sampled_from(",;\t"),
    days=st.lists(
        st.sampled_from(calendar(POWERBALL, dt.date(2016, 1, 1), TODAY)),
        min_size=1,
        max_size=9,
        unique=True,
    ),
)
def test_a_file_with_permuted_and_renamed_columns_holds_the_same_draws(
    order, names, form, delimiter, days
):
    draws = [[str(day), 1, 20, 33, 50, 69, place + 1, 2] for place, day in enumerate(days)]
    kept = "\n".join(["draw_date,w1,w2,w3,w4,w5,powerball,multiplier", *map(_line, draws)])
    other = [[dt.date.fromisoformat(draw[0]).strftime(form), *draw[1:]] for draw in draws]
    lines = [delimiter.join(str(line[place]) for place in order) for line in [names, *other]]
    orders = {"%Y-%m-%d": "ymd", "%m/%d/%Y": "mdy", "%d.%m.%Y": "dmy"}
    said = Columns(names[0], tuple(names[1:6]), names[6], names[7], orders[form])
    reading = read("\n".join(lines).encode(), today=TODAY, columns=parse(str(said)))
    expected = read(kept.encode(), today=TODAY)
    assert (reading.rows, reading.problems) == (expected.rows, ())


def _line(cells: list[object]) -> str:
    return ",".join(map(str, cells))


def test_problems_name_the_line_and_the_column():
    text = GERMAN + "2;x;69;28;25;22;9;29.01.2022\n2;3;69;28;25;22;9;2022\n"
    assert told(text, SAID) == [
        "line 3, PB: 'x' is not a ball; write a whole number",
        "line 4, Datum: '2022' is not a date; write the date as YYYY-MM-DD or MM/DD/YYYY",
    ]
    assert told(GERMAN, SAID.replace("dmy", "mdy"))[0] == (
        "line 2, Datum: '22.01.2022' is not a date of the form MM-DD-YYYY; "
        "choose another form of the date"
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("bonus=PB", "bonus=Bonus"), "line 1, bonus: no column is called 'Bonus'"),
        (("bonus=PB", "bonus=#9"), "line 1, bonus: '#9' is not one of 8 columns"),
        (("bonus=PB", "bonus=A"), "line 1, bonus: column 7 is said to be two things"),
        (("bonus=PB", "bonus=#²"), "line 1, bonus: '#\\xb2' is not one of 8 columns"),
    ],
)
def test_a_column_that_is_not_there_is_told(change, reason):
    assert told(GERMAN, SAID.replace(*change))[0].startswith(reason)


def test_two_columns_of_one_name_must_be_told_apart():
    text = GERMAN.replace("Faktor;PB", "PB;PB")
    reason = "columns 1 and 2 are both called 'PB'; say #1 or #2"
    assert told(text, SAID.replace(",multiplier=Faktor", "")) == [f"line 1, bonus: {reason}"]
    assert told(text, SAID.replace("PB", "#2").replace("Faktor", "#1")) == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", "'' does not say what a column is"),
        ("datum=A", "'datum=A' does not say what a column is"),
        ("date=A,date=B", "date: it is said twice"),
        ("balls=A", "date: no column is the date"),
        ("date=A,balls=B+C", "balls: 2 columns are the white balls"),
        ("date=A,balls=B+C+D+E+F", "bonus: no column is the bonus ball"),
        ("date=A,balls=B,form=mmm", "form: 'mmm' is no form of a date"),
        ("date=" + "A" * 1000, "more than 1,000 characters"),
    ],
)
def test_a_mapping_that_is_none_is_refused_in_a_line(said, reason):
    with pytest.raises(BadColumns) as refusal:
        parse(said)
    assert str(refusal.value).startswith(reason)
    assert "\n" not in str(refusal.value)


@given(data=st.binary(max_size=300), said=st.sampled_from([SAID, "date=#1,balls=#2"]))
def test_no_bytes_make_it_fail(data, said):
    reading = read(data, today=TODAY, columns=parse(said))
    assert reading.rows or reading.problems


@pytest.mark.parametrize(
    "data",
    [
        b"\0" + GERMAN.encode(),
        GERMAN.encode("utf-16"),
        GERMAN.replace("A;", "Ä;").encode("latin-1"),
        GERMAN.encode() + b"\n" * MAX_LINES,
        b";".join(b"c%d" % place for place in range(9000)) + b"\n1;2\n",
        GERMAN.replace("9;22.", "=1+1;22.").encode(),
    ],
)
def test_hostile_files_are_refused_as_ever(data):
    reading = read(data, today=TODAY, columns=parse(SAID))
    assert (len(reading.problems), reading.rows) == (1, ())
