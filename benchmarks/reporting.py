"""What every benchmark shares: fair timing side by side, and one JSON object at the end.

A figure is {"name", "value", "unit", "reach", "holds"}: `reach` is the number it must keep to and
`holds` whether it does; both are null for a figure that is only told.
"""

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("torch", "numpy", "Django", "lightning", "mlflow", "keras", "skorch")

Work = Callable[[], object]


class Clock:
    """What a second is: of the wall, or, on a machine that others keep busy, of this process."""

    def __init__(self) -> None:
        self.cpu = False

    def __call__(self) -> float:
        return time.process_time() if self.cpu else time.perf_counter()


clock = Clock()


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; `value` is null where it could not be measured, and `note` says why."""

    name: str
    value: float | None
    unit: str
    reach: float | None = None
    holds: bool | None = None
    note: str = ""


def at_most(name: str, value: float, unit: str, reach: float, note: str = "") -> Figure:
    """A figure that must not be larger than `reach`."""
    return Figure(name, round(value, 4), unit, reach, value <= reach, note)


def at_least(name: str, value: float, unit: str, reach: float, note: str = "") -> Figure:
    """A figure that must not be smaller than `reach`."""
    return Figure(name, round(value, 4), unit, reach, value >= reach, note)


def told(name: str, value: float, unit: str, note: str = "") -> Figure:
    """A figure without a goal."""
    return Figure(name, round(value, 4), unit, note=note)


def not_measured(name: str, unit: str, reach: float | None, why: str) -> Figure:
    """A figure that this machine cannot give."""
    return Figure(name, None, unit, reach, note=f"not measured: {why}")


def side_by_side(
    works: Mapping[str, Work], rounds: int, warm: int = 1
) -> dict[str, list[float]]:
    """Seconds of each piece of work, all of them once per round, so that a machine whose clock
    wanders slows them all.
    """
    for work in works.values():
        for _ in range(warm):
            work()
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds):
        # Every other round backwards: nobody always runs after the same neighbour.
        for name in list(works) if turn % 2 == 0 else list(works)[::-1]:
            began = clock()
            works[name]()
            seconds[name].append(clock() - began)
    return seconds


def in_turns(works: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """The same for works that measure themselves and return their seconds."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds):
        for name in list(works) if turn % 2 == 0 else list(works)[::-1]:
            seconds[name].append(works[name]())
    return seconds


def ratio(seconds: Mapping[str, list[float]], work: str, reference: str) -> float:
    """Median over the rounds of work / reference."""
    pairs = zip(seconds[work], seconds[reference], strict=True)
    return statistics.median(mine / theirs for mine, theirs in pairs)


def milliseconds(seconds: list[float]) -> float:
    """The median, in ms."""
    return 1e3 * statistics.median(seconds)


def report(figures: list[Figure]) -> None:
    """Print the one JSON object of a benchmark."""
    print(
        json.dumps(
            {"figures": [asdict(f) for f in figures], "environment": environment()}, indent=1
        )
    )


def environment() -> dict[str, object]:
    """What the figures depend on besides the code."""
    return {
        "argv": sys.argv,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": _cpu_name(),
        "cpus": os.cpu_count(),
        "clock": "process CPU time" if clock.cpu else "wall",
        "load": os.getloadavg(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
