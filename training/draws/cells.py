"""One cell of text -> a date, balls or a multiplier, in every notation the world uses."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from training.draws.rows import shown


class BadCell(Exception):
    """A cell that does not say what its column should hold."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?", re.ASCII)
_SLASHED = re.compile(rf"{_WEEKDAY}(\d\d?)[/-](\d\d?)[/-](\d{{4}}|\d\d)", re.ASCII | re.I)
_DAY_MONTH = re.compile(
    rf"{_WEEKDAY}(\d\d?)[- ]([a-z]{{3}})[a-z]*[- ](\d{{4}}|\d\d)", re.ASCII | re.I
)
_MONTH_DAY = re.compile(
    rf"{_WEEKDAY}([a-z]{{3}})[a-z]*\.? (\d\d?),? (\d{{4}}|\d\d)", re.ASCII | re.I
)
ORDERS = ("ymd", "mdy", "dmy")  # year, month and day as a person says that they stand
_NUMBERS = re.compile(
    rf"{_WEEKDAY}(\d{{1,4}})[./ -] ?(\d\d?)[./ -] ?(\d{{1,4}})|(\d{{8}})", re.ASCII | re.I
)
_DATE_REMEDY = "write the date as YYYY-MM-DD or MM/DD/YYYY"
_INTEGER = re.compile(r"\d{1,3}", re.ASCII)
_NUMBER_LIST = re.compile(r"[\[(]?\s*\d{1,3}(?:[\s|,;:-]+\d{1,3})*\s*[\])]?", re.ASCII)
_MULTIPLIER = re.compile(r"(\d{1,2})\s*x?|x\s*(\d{1,2})", re.ASCII | re.I)
_NO_MULTIPLIER = {"", "n/a", "na", "none", "null", "-", "--"}


def date(text: str) -> dt.date:
    """A date: ISO (with or without a time), US `MM/DD/YYYY`, `5/1/05`, `22-Jan-22`."""
    text = text.strip()
    for pattern, order in _DATE_FORMS:
        if match := pattern.fullmatch(text):
            return calendar_date(*order(match), text)
    raise BadCell(f"{shown(text)} is not a date", _DATE_REMEDY)


def ordered_date(text: str, order: str) -> dt.date:
    """A date of three numbers in one of ORDERS; what no order changes is read by `date`."""
    text = text.strip()
    match = _NUMBERS.fullmatch(text)
    if not match or _ISO.fullmatch(text):
        return date(text)
    numbers = list(match.groups()[:3])
    if match[4]:
        ends = (4, 6) if order == "ymd" else (2, 4)
        numbers = [match[4][: ends[0]], match[4][ends[0] : ends[1]], match[4][ends[1] :]]
    of = {part: int(number) for part, number in zip(order, numbers, strict=True)}
    if len(numbers[order.index("y")]) not in (2, 4) or not (1 <= of["m"] <= 12):
        wanted = "-".join({"y": "YYYY", "m": "MM", "d": "DD"}[part] for part in order)
        raise BadCell(
            f"{shown(text)} is not a date of the form {wanted}",
            "choose another form of the date",
        )
    return calendar_date(of["y"], of["m"], of["d"], text)


def calendar_date(year: int, month: int, day: int, text: str) -> dt.date:
    """The date of three numbers; a year of two digits lies between 1992 and 2091."""
    if year < 100:
        year += 1900 if year >= 92 else 2000
    if month > 12 and day <= 12:
        raise BadCell(
            f"{shown(text)} has month {month}", "write month before day, as the lotteries do"
        )
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise BadCell(f"{shown(text)} is not a day of the calendar", _DATE_REMEDY) from None


def _month(name: str) -> int:
    return MONTHS.get(name.lower(), 0)


_Order = Callable[[re.Match[str]], tuple[int, int, int]]
_DATE_FORMS: tuple[tuple[re.Pattern[str], _Order], ...] = (
    (_ISO, lambda m: (int(m[1]), int(m[2]), int(m[3]))),
    (_SLASHED, lambda m: (int(m[3]), int(m[1]), int(m[2]))),
    (_DAY_MONTH, lambda m: (int(m[3]), _month(m[2]), int(m[1]))),
    (_MONTH_DAY, lambda m: (int(m[3]), _month(m[1]), int(m[2]))),
)


def ball(text: str) -> int:
    """One ball: `7`, `07`."""
    text = text.strip()
    if not _INTEGER.fullmatch(text):
        what = f"{shown(text)} is not a ball" if text else "the ball is missing"
        raise BadCell(what, "write a whole number")
    return int(text)


def balls(text: str) -> tuple[int, ...]:
    """Several balls in one cell: `08 10 14`, `[1, 11, 18]`, `22|25|28`, `1-11-18`."""
    text = text.strip()
    if not _NUMBER_LIST.fullmatch(text):
        what = f"{shown(text)} is not a list of balls" if text else "the balls are missing"
        raise BadCell(what, "write whole numbers with spaces between them")
    return tuple(int(number) for number in _INTEGER.findall(text))


def multiplier(text: str) -> int | None:
    """The multiplier: `3`, `3X`, `03`, `x3`; `0X`, `N/A` and nothing mean that there was none."""
    text = text.strip()
    if text.lower() in _NO_MULTIPLIER:
        return None
    match = _MULTIPLIER.fullmatch(text)
    number = int(match[1] or match[2]) if match else 99
    if number > 10:
        raise BadCell(f"{shown(text)} is not a multiplier", "write 1 to 10, or leave it empty")
    return number or None
