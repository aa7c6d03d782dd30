"""A figure as a few lines that need no script: what is seen first, and all that is seen without.

The lines lie in a box of WIDTH by HEIGHT that is stretched over the page; it holds no text, so
nothing that is read is scaled.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

WIDTH, HEIGHT = 1000.0, 300.0
MOST = 240  # points of a line
Number = float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A path of the sketch in one series' colour."""

    series: int
    dash: str
    faint: bool
    path: str


@dataclass(frozen=True, slots=True)
class Sketch:
    """Lines, the heights of chance, and what the edges of the box stand for."""

    lines: list[Line]
    chance: list[float]
    low: float
    high: float


def sketch(figure: go.Figure) -> Sketch | None:
    """The lines of a figure; None when there is nothing to draw."""
    traces = [t.to_plotly_json() for t in figure.data if t.mode == "lines"]
    log = figure.layout.yaxis.type == "log"
    chance = [s.y0 for s in figure.layout.shapes if (s.name or "").startswith("chance")]
    window = figure.layout.xaxis.range or _span(x for t in traces for x in t["x"])
    if window is None:
        return None
    shown = [y for t in traces for x, y in zip(t["x"], t["y"], strict=True) if _in(x, window)]
    heights = _span([*shown, *chance])
    if heights is None or not any(y is not None for y in shown):
        return None
    low, high = heights
    bottom, top = (_scale(low, log), _scale(high, log))

    def place(x: Number, y: Number) -> str | None:
        if x is None or y is None or not _in(x, window):
            return None
        across = (x - window[0]) / ((window[1] - window[0]) or 1) * WIDTH
        down = HEIGHT - (_scale(y, log) - bottom) / ((top - bottom) or 1) * HEIGHT
        return f"{across:.1f} {down:.1f}"

    return Sketch(
        [_line(trace, place) for trace in traces],
        [float(p.split()[1]) for y in chance if (p := place(window[0], y))],
        low,
        high,
    )


def _line(trace: dict[str, Any], place: Any) -> Line:
    points = list(zip(trace["x"], trace["y"], strict=True))
    step = max(1, len(points) // MOST)
    few = [
        p for i, p in enumerate(points) if i % step == 0 or None in p or i == len(points) - 1
    ]
    path, pen = [], "M"
    for x, y in few:
        at = place(x, y)
        if at is not None:
            path.append(pen + at)
        pen = "M" if at is None else "L"
    meta = trace["meta"]
    return Line(
        meta.get("series", 8),
        trace["line"].get("dash", "solid"),
        meta["role"] in ("raw", "band"),
        "".join(path),
    )


def _in(x: Number, window: Sequence[float]) -> bool:
    return x is not None and window[0] <= x <= window[1]


def _span(values: Iterable[Number]) -> tuple[float, float] | None:
    known = [value for value in values if value is not None]
    return (min(known), max(known)) if known else None


def _scale(value: float, log: bool) -> float:
    return math.log10(value) if log else value
