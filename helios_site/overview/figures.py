"""The figure of the overview, drawn by the server. Pure: no Django.

Places are shares of the width and height in percent, so that the drawing keeps its text and
dots at any width without a script. Gains are bits per draw over chance, which is 0.
"""

import datetime as dt
from dataclasses import dataclass

SMALLEST = 0.01  # bits; half an axis, so that noise near zero does not look large
LEFT, RIGHT, TOP, BOTTOM = 1.0, 97.0, 6.0, 94.0  # where the curve may be, in percent
DOTS = 120  # sessions that are drawn beside the records, the newest


@dataclass(frozen=True, slots=True)
class Done:
    """A finished session: its best validation gain with the 95 % interval."""

    pk: int
    model: str
    at: dt.datetime
    gain: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Dot:
    """A session in the drawing."""

    done: Done
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Stair:
    """A time in which one session was the best: its level, its interval, where it ends."""

    x: str
    end: str
    width: str
    y: str
    next_y: str  # of the step after it, where the line rises to
    band_y: str
    band_height: str


@dataclass(frozen=True, slots=True)
class Best:
    """The best gain so far, step by step."""

    count: int
    far: int  # sessions so far below that they are not drawn
    records: list[Dot]
    others: list[Dot]
    stairs: list[Stair]
    chance_y: str
    low: float
    high: float
    first: dt.datetime
    last: dt.datetime

    @property
    def best(self) -> Done:
        return self.records[-1].done

    @property
    def is_short(self) -> bool:
        """Do the ends need the time of day to differ?"""
        return self.last - self.first < dt.timedelta(days=2)

    @property
    def side(self) -> str:
        """Where the interval of the best lies: above, around or below chance, or unknown."""
        low, high = self.best.low, self.best.high
        if low is None or high is None:
            return "unknown"
        return "above" if low > 0 else "below" if high < 0 else "around"


@dataclass(frozen=True, slots=True)
class _Plane:
    """From moments and gains to places."""

    first: dt.datetime
    last: dt.datetime
    low: float
    high: float

    def x(self, at: dt.datetime) -> float:
        span = (self.last - self.first).total_seconds()
        share = (at - self.first).total_seconds() / span if span else 0.5
        return LEFT + share * (RIGHT - LEFT)

    def y(self, gain: float) -> float:
        share = (self.high - gain) / (self.high - self.low)
        return TOP + share * (BOTTOM - TOP)


def best_so_far(done: list[Done]) -> Best | None:
    """The drawing of finished sessions in order of their end; None when there is none."""
    if not done:
        return None
    records: list[Done] = []
    for one in done:
        if not records or one.gain > records[-1].gain:
            records.append(one)
    ends = [end for one in records for end in (one.gain, one.low, one.high) if end is not None]
    low, high = min(-SMALLEST, *ends), max(SMALLEST, *ends)
    # A session that ran away may lie hundreds of bits below: it would press all others flat.
    floor = low - (high - low)
    known = {one.pk for one in records}
    near = [one for one in done if one.pk not in known and one.gain > floor]
    others = near[-DOTS:]
    plane = _Plane(done[0].at, done[-1].at, min([low, *(one.gain for one in others)]), high)
    return Best(
        count=len(done),
        far=len(done) - len(records) - len(near),
        records=[_dot(plane, one) for one in records],
        others=[_dot(plane, one) for one in others],
        stairs=_stairs(plane, records),
        chance_y=_percent(plane.y(0)),
        low=plane.low,
        high=plane.high,
        first=plane.first,
        last=plane.last,
    )


def _dot(plane: _Plane, one: Done) -> Dot:
    return Dot(one, _percent(plane.x(one.at)), _percent(plane.y(one.gain)))


def _stairs(plane: _Plane, records: list[Done]) -> list[Stair]:
    """One stair for each record; the last one reaches to the edge."""
    stairs = []
    for place, one in enumerate(records):
        after = records[place + 1] if place + 1 < len(records) else None
        begin, end = plane.x(one.at), plane.x(after.at) if after else RIGHT
        top = plane.y(one.gain if one.high is None else one.high)
        foot = plane.y(one.gain if one.low is None else one.low)
        level = plane.y(one.gain)
        stairs.append(
            Stair(
                x=_percent(begin),
                end=_percent(end),
                width=_percent(max(0.0, end - begin)),
                y=_percent(level),
                next_y=_percent(plane.y(after.gain) if after else level),
                band_y=_percent(top),
                band_height=_percent(foot - top),
            )
        )
    return stairs


def _percent(place: float) -> str:
    return f"{place:.2f}%"
