"""The games as data: matrices, eras, draw days, and what a fair drum scores in bits.

Every era begins with its first draw, not with the day its rule took effect. Each limit was
checked against the published history: no draw of an era exceeds it and every limit is reached.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import pairwise
from math import comb, log2
from zoneinfo import ZoneInfo

MONDAY, TUESDAY, WEDNESDAY, FRIDAY, SATURDAY = 0, 1, 2, 4, 5
DRAWN_IN = "America/New_York"  # the clock that both games publish their draws by


class UnknownMatrix(ValueError):
    """A text that does not describe a matrix."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """`picks` white balls out of 1..`white`, and one bonus ball out of 1..`bonus`."""

    white: int
    picks: int
    bonus: int

    def __str__(self) -> str:
        return f"{self.picks} of {self.white} + 1 of {self.bonus}"

    @property
    def white_bits(self) -> float:
        """Bits that a fair drum needs for the white set: log2 C(white, picks)."""
        return log2(comb(self.white, self.picks))

    @property
    def bonus_bits(self) -> float:
        return log2(self.bonus)

    @property
    def bits(self) -> float:
        """Bits per draw of the uniform forecast: the chance line of every score."""
        return self.white_bits + self.bonus_bits

    @classmethod
    def parse(cls, text: str) -> Matrix:
        """`5/69+26` (or `5 of 69 + 1 of 26`) as a matrix; a draw always has 5 white balls."""
        pattern = r"\s*5\s*(?:/|of)\s*(\d{1,2})\s*\+\s*(?:1\s*(?:/|of)\s*)?(\d{1,2})\s*"
        match = re.fullmatch(pattern, text)
        if match is None:
            raise UnknownMatrix("write a matrix as 5/69+26")
        white, bonus = int(match[1]), int(match[2])
        if white < 6 or bonus < 2:
            raise UnknownMatrix("a matrix needs at least 6 white balls and 2 bonus balls")
        return cls(white, 5, bonus)


@dataclass(frozen=True, slots=True)
class Era:
    """A time in which one matrix held. `key` is the date of its first draw, `start`."""

    key: str
    start: dt.date
    matrix: Matrix
    source: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """The weekdays of drawing from a date on (0 = Monday)."""

    start: dt.date
    weekdays: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Game:
    """One lottery game: its eras in order, its draw days, and the names of its extra balls.

    `drawn_at` is the published time of a draw, by the clock of `DRAWN_IN`.
    """

    key: str
    title: str
    bonus_name: str
    multiplier_name: str
    eras: tuple[Era, ...]
    schedules: tuple[Schedule, ...]
    drawn_at: dt.time
    no_draw: frozenset[dt.date] = field(default_factory=frozenset)

    @property
    def current_era(self) -> Era:
        return self.eras[-1]

    def era_of(self, day: dt.date) -> Era | None:
        """The era of a date; None before the first draw."""
        place = bisect_right(self.eras, day, key=lambda era: era.start)
        return self.eras[place - 1] if place else None

    def weekdays_on(self, day: dt.date) -> tuple[int, ...]:
        """The weekdays of drawing at a date (before the first draw: the first schedule)."""
        place = bisect_right(self.schedules, day, key=lambda schedule: schedule.start)
        return self.schedules[max(place - 1, 0)].weekdays

    def draws_on(self, day: dt.date) -> bool:
        """Is a draw expected on this date?"""
        return day.weekday() in self.weekdays_on(day) and day not in self.no_draw

    def moment_of(self, day: dt.date) -> dt.datetime:
        """When the draw of a date begins: whatever is said later is no forecast."""
        return dt.datetime.combine(day, self.drawn_at, ZoneInfo(DRAWN_IN))


def _era(start: str, white: int, bonus: int, source: str) -> Era:
    return Era(start, dt.date.fromisoformat(start), Matrix(white, 5, bonus), source)


_POWERBALL_RULES = "Multi-State Lottery Association, rules"
_MEGA_RULES = "Mega Millions consortium, rules"

POWERBALL = Game(
    key="powerball",
    title="Powerball",
    bonus_name="Powerball",
    multiplier_name="Power Play",
    eras=(
        _era("1992-04-22", 45, 45, "Multi-State Lottery Association, first draw"),
        _era("1997-11-05", 49, 42, f"{_POWERBALL_RULES} from 1997-11-02"),
        _era("2002-10-09", 53, 42, f"{_POWERBALL_RULES} from 2002-10-06"),
        _era("2005-08-31", 55, 42, f"{_POWERBALL_RULES} from 2005-08-28"),
        _era("2009-01-07", 59, 39, f"{_POWERBALL_RULES} from 2009-01-04"),
        _era("2012-01-18", 59, 35, f"{_POWERBALL_RULES} from 2012-01-15"),
        _era("2015-10-07", 69, 26, f"{_POWERBALL_RULES} from 2015-10-04"),
    ),
    schedules=(
        Schedule(dt.date(1992, 4, 22), (WEDNESDAY, SATURDAY)),
        Schedule(dt.date(2021, 8, 23), (MONDAY, WEDNESDAY, SATURDAY)),
    ),
    drawn_at=dt.time(22, 59),
)

MEGA_MILLIONS = Game(
    key="megamillions",
    title="Mega Millions",
    bonus_name="Mega Ball",
    multiplier_name="Megaplier",
    eras=(
        _era("2002-05-17", 52, 52, "Mega Millions consortium, first draw under this name"),
        _era("2005-06-24", 56, 46, f"{_MEGA_RULES} from 2005-06-22"),
        _era("2013-10-22", 75, 15, f"{_MEGA_RULES} from 2013-10-19"),
        _era("2017-10-31", 70, 25, f"{_MEGA_RULES} from 2017-10-28"),
        _era("2025-04-08", 70, 24, f"{_MEGA_RULES} from 2025-04-05"),
    ),
    schedules=(Schedule(dt.date(2002, 5, 17), (TUESDAY, FRIDAY)),),
    drawn_at=dt.time(23, 0),
    # The published history has no draw on these two Christmas Days.
    no_draw=frozenset({dt.date(2007, 12, 25), dt.date(2009, 12, 25)}),
)

GAMES: dict[str, Game] = {game.key: game for game in (POWERBALL, MEGA_MILLIONS)}


def calendar(game: Game, first: dt.date, last: dt.date) -> list[dt.date]:
    """Every expected draw date from `first` to `last`, both included."""
    bounds = [schedule.start for schedule in game.schedules[1:]]
    edges = [dt.date.min, *bounds, dt.date.max]
    days: list[dt.date] = []
    for schedule, (start, end) in zip(game.schedules, pairwise(edges), strict=True):
        begin, stop = max(first, start), min(last, end - dt.timedelta(days=1))
        for ordinal in range(begin.toordinal(), stop.toordinal() + 1):
            if (ordinal + 6) % 7 in schedule.weekdays:  # ordinal 1 was a Monday
                days.append(dt.date.fromordinal(ordinal))
    return [day for day in days if day not in game.no_draw] if game.no_draw else days


def missing_dates(game: Game, held: Collection[dt.date]) -> list[dt.date]:
    """Expected draw dates between the first and the last held draw that are not held."""
    if not held:
        return []
    known = set(held)
    return [day for day in calendar(game, min(known), max(known)) if day not in known]


def next_draw_date(game: Game, after: dt.date) -> dt.date:
    """The first expected draw date later than `after`."""
    day = after + dt.timedelta(days=1)
    while not game.draws_on(day):
        day += dt.timedelta(days=1)
    return day


def latest_draw_dates(game: Game, count: int, last: dt.date) -> list[dt.date]:
    """The `count` latest expected draw dates up to `last`, oldest first.

    Before the game's first draw its first weekdays go on, so that a simulated history may be
    longer than the real one.
    """
    days: list[dt.date] = []
    first = last + dt.timedelta(days=1)
    while len(days) < count:
        # a year holds about 104 draws at two a week
        step = dt.timedelta(days=7 * (count - len(days)) // 2 + 14)
        days = [*calendar(game, first - step, first - dt.timedelta(days=1)), *days]
        first -= step
    return days[-count:]
