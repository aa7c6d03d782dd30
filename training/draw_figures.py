"""Small figures of draws as inline SVG: places across in percent, heights in pixels.

Nothing is scaled: at any width of the page the points move apart and the text keeps its size.
"""

from __future__ import annotations

from dataclasses import dataclass

from training.draws.frequency import BallCount, Frequency

HEIGHT = 200
TOP, BOTTOM = 20, 28  # pixels left for the number on the band's edge, and those of the balls
LEFT, RIGHT = 1.5, 1.5  # percent


@dataclass(frozen=True, slots=True)
class Dot:
    x: float  # percent of the width
    y: float  # pixels from the top
    ball: BallCount


@dataclass(frozen=True, slots=True)
class Mark:
    """A number on an axis."""

    place: float
    text: str


@dataclass(frozen=True, slots=True)
class DotPlot:
    """A dot per ball, the expected count as a line, and the band of a fair drum."""

    height: int
    left: float
    width: float
    expected: float
    band_top: float
    band_height: float
    dots: tuple[Dot, ...]
    across: tuple[Mark, ...]
    up: tuple[Mark, ...]


def dot_plot(found: Frequency) -> DotPlot:
    """The figure of one drum. Counts never start at zero: they are nearly equal by nature."""
    counts = [ball.count for ball in found.balls]
    low, high = min(found.low, *counts), max(found.high, *counts)
    span = max(high - low, 1)

    def y(count: float) -> float:
        return round(TOP + (high - count) / span * (HEIGHT - TOP - BOTTOM), 1)

    def x(ball: int) -> float:
        return round(LEFT + (ball - 0.5) / found.size * (100 - LEFT - RIGHT), 2)

    step = 10 if found.size > 40 else 5
    return DotPlot(
        height=HEIGHT,
        left=LEFT,
        width=100 - LEFT - RIGHT,
        expected=y(found.expected),
        band_top=y(found.high),
        band_height=round(y(found.low) - y(found.high), 1),
        dots=tuple(Dot(x(ball.ball), y(ball.count), ball) for ball in found.balls),
        across=tuple(Mark(x(b), str(b)) for b in (1, *range(step, found.size + 1, step))),
        up=tuple(
            Mark(y(count), f"{count:,}")
            for count in sorted({low, found.low, found.high, high})
            if _apart(count, found, low, high)
        ),
    )


def _apart(count: int, found: Frequency, low: int, high: int) -> bool:
    """The band's edges are always named, the extremes only where they do not touch them."""
    if count in (found.low, found.high):
        return True
    nearest = found.low if count == low else found.high
    return abs(count - nearest) * 8 > high - low


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the bar of eras, in percent of all draws."""

    start: float
    width: float


def era_segments(counts: list[int]) -> list[Segment]:
    """One segment per era, as wide as its share of the draws."""
    total, start, segments = max(sum(counts), 1), 0.0, []
    for count in counts:
        share = 100 * count / total
        segments.append(Segment(round(start, 2), round(max(share - 0.3, 0.1), 2)))
        start += share
    return segments
