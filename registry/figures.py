"""Small figures drawn by the server: a gain as a dot with its interval. Pure: no Django.

All marks of one table share one axis, so that they can be compared; chance is 0 and always
on the axis.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

WIDTH = 120  # of the drawing, in its own units
_MARGIN = 4
_SMALLEST = 0.01  # bits; half an axis, so that noise near zero does not look large
_FAR = 10  # times the usual distance from chance: beyond it a mark lies at the axis' end
_PLOT_HEIGHT = 120
_STEP = 10  # between two balls
_LEAST_OVER = 0.01


@dataclass(frozen=True)
class Mark:
    """A gain and its interval on the axis; x coordinates from 0 to WIDTH."""

    chance: float
    dot: float
    low: float | None
    high: float | None
    side: str  # of the interval: "above" chance, "chance" or "below"


@dataclass(frozen=True)
class Axis:
    """An axis of bits per draw from `low` to `high`, with chance (0) on it."""

    low: float
    high: float

    def x(self, bits: float) -> float:
        """Where a value lies; a tenth of a unit is finer than a pixel."""
        share = (min(max(bits, self.low), self.high) - self.low) / (self.high - self.low)
        return round(_MARGIN + share * (WIDTH - 2 * _MARGIN), 1)

    def mark(self, gain: float | None, low: float | None, high: float | None) -> Mark | None:
        """The mark of a gain; None when it was not measured."""
        if gain is None:
            return None
        return Mark(
            chance=self.x(0),
            dot=self.x(gain),
            low=None if low is None else self.x(low),
            high=None if high is None else self.x(high),
            side=side_of(low, high),
        )


def axis_of(values: Iterable[float | None]) -> Axis:
    """The axis of these values with chance on it; one that is far off the others is at its end.

    One model that diverged would otherwise press all marks into one point.
    """
    known = [value for value in values if value is not None]
    far = furthest(map(abs, known))
    low, high = min([-_SMALLEST, *known]), max([_SMALLEST, *known])
    return Axis(max(low, -far), min(high, far))


def furthest(reaches: Iterable[float]) -> float:
    """How far from chance, in bits, a common axis goes for what reaches so far."""
    return _FAR * max(_SMALLEST, median([*reaches] or [0.0]))


def side_of(low: float | None, high: float | None) -> str:
    """On which side of chance a 95 % interval lies; "unknown" without one."""
    if low is None or high is None:
        return "unknown"
    if low > 0:
        return "above"
    return "below" if high < 0 else "chance"


@dataclass(frozen=True)
class Ball:
    """A ball of a forecast: where its dot lies, and its chance beside the fair one."""

    number: int
    x: float
    y: float
    chance: float
    over: float  # chance / fair - 1


@dataclass(frozen=True)
class BallPlot:
    """The chances of all balls of a drum as dots around the fair line."""

    balls: list[Ball]
    width: int
    height: int
    fair_y: float
    fair: float
    largest: float  # the deviation at the edge of the plot, as a share of the fair chance


def ball_plot(chances: Iterable[float], fair: float) -> BallPlot:
    """Dots for balls 1, 2, ...; the fair line is the middle, and at least 1 % is shown each way."""
    overs = [chance / fair - 1 for chance in chances]
    largest = max([_LEAST_OVER, *map(abs, overs)])
    middle, reach = _PLOT_HEIGHT / 2, _PLOT_HEIGHT / 2 - _MARGIN
    balls = [
        Ball(
            number=number,
            x=round((number - 0.5) * _STEP, 1),
            y=round(middle - reach * over / largest, 1),
            chance=(over + 1) * fair,
            over=over,
        )
        for number, over in enumerate(overs, 1)
    ]
    return BallPlot(balls, len(balls) * _STEP, _PLOT_HEIGHT, middle, fair, largest)


SPARK = (60, 16)  # width and height of a sparkline


def sparkline(values: Iterable[float]) -> str:
    """The `points` of a polyline through some values, scaled to their own range; "" below 2."""
    curve = list(values)
    if len(curve) < 2:
        return ""
    low, high = min(curve), max(curve)
    span = (high - low) or 1.0
    step = (SPARK[0] - 2) / (len(curve) - 1)
    drop = SPARK[1] - 2
    points = ((1 + i * step, 1 + drop * (high - value) / span) for i, value in enumerate(curve))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
