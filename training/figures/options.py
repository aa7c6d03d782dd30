"""How a curve is shown: its axes, its smoothing, its zoom. All of it is in the address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

AXES = {"epoch": "Epoch", "time": "Time of work", "wall": "Clock"}
LARGEST_SMOOTHING = 0.99
USUAL_SMOOTHING = 0.6
FEW_POINTS = 30  # a curve of fewer is shown as measured
_ZOOM = re.compile(r"(-?\d{1,9}(?:\.\d{1,6})?)-(\d{1,9}(?:\.\d{1,6})?)")


@dataclass(frozen=True, slots=True)
class ChartOptions:
    """`?x=time&smooth=0.6&log=1&delta=0&z=10-60`.

    `delta` shows bits gained over chance, else the loss. `smooth` None leaves it to the number of
    points. `zoom` is in epochs or, on the axes of time, in seconds.
    """

    x: str = "epoch"
    smooth: float | None = None
    log: bool = False
    delta: bool = True
    zoom: tuple[float, float] | None = None

    def factor(self, points: int) -> float:
        """The smoothing of a curve of so many points."""
        if self.smooth is None:
            return 0.0 if points < FEW_POINTS else USUAL_SMOOTHING
        return self.smooth

    @property
    def query(self) -> dict[str, str]:
        """The part of an address that says this, without what is usual."""
        found = {}
        if self.x != "epoch":
            found["x"] = self.x
        if self.smooth is not None:
            found["smooth"] = f"{self.smooth:g}"
        if self.log:
            found["log"] = "1"
        if not self.delta:
            found["delta"] = "0"
        if self.zoom:
            found["z"] = "-".join(f"{end:g}" for end in self.zoom)
        return found


def read_options(query: Mapping[str, str]) -> tuple[ChartOptions, dict[str, str]]:
    """The options of an address, and what of it could not be read (and is as usual instead)."""
    problems = {}
    x = query.get("x") or "epoch"
    if x not in AXES:
        problems["x"], x = f"Must be one of {', '.join(AXES)}.", "epoch"
    smooth = _number(query.get("smooth", ""))
    if query.get("smooth") and (smooth is None or not 0 <= smooth <= LARGEST_SMOOTHING):
        problems["smooth"], smooth = f"Must be a number from 0 to {LARGEST_SMOOTHING}.", None
    zoom = _zoom(query.get("z") or _fields(query))
    if query.get("z") and zoom is None:
        problems["z"] = "Must be two numbers, the smaller first: 10-60."
    flags = query.get("log") == "1", query.get("delta") != "0"
    return ChartOptions(x, smooth, *flags, zoom=zoom), problems


def _fields(query: Mapping[str, str]) -> str:
    """The zoom that was typed into two fields; one of them may be empty."""
    first, last = query.get("from", ""), query.get("to", "")
    return f"{first or 0}-{last or 10**9 - 1}" if first or last else ""


def _zoom(text: str) -> tuple[float, float] | None:
    match = _ZOOM.fullmatch(text)
    if match is None:
        return None
    first, last = float(match[1]), float(match[2])
    return (first, last) if first < last else None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
