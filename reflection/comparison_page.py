"""What the page of a comparison shows: chips, tables and figures of what its address names.

The address is the whole state: `m` names the models in their order, `base` the one the others are
measured against (chance without it), `all` shows equal settings too, `x` lays curves over each
other by `epoch` or `seconds`, `smooth` by how much (0 to 0.99), `train` draws training beside
validation.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from memory.exports import safe_cell
from reflection import comparison_figures as figures
from reflection.comparison_figures import Drawing
from reflection.figures import Dot, dots
from reflection.parallel_figure import parallel
from reflection.services import Comparison, overlays, split_names
from reflection.services.competitors import Competitor, Setting
from reflection.statistics.comparing import Difference
from reflection.statistics.intervals import Interval
from registry.looks import SERIES, Look, looks_of

MOST = 50  # models of one page
MOST_SMOOTH = 0.99


@dataclass(frozen=True)
class Wanted:
    """The state that an address of the page carries."""

    names: tuple[str, ...]
    base: str = ""
    everything: bool = False
    by: str = "epoch"
    train: bool = False
    smooth: float = 0.0

    @classmethod
    def read(cls, query: QueryDict, known: Sequence[str]) -> "Wanted":
        """The state of these known names; a base that is none of them is chance."""
        keys = {name.casefold(): name for name in known}
        return cls(
            names=tuple(known),
            base=keys.get(query.get("base", "").casefold(), ""),
            everything=query.get("all") == "1",
            by="seconds" if query.get("x") == "seconds" else "epoch",
            train=query.get("train") == "1",
            smooth=_factor(query.get("smooth", "")),
        )

    def address(self, **changes: Any) -> str:
        """The query of this state with something changed."""
        state = replace(self, **changes)
        return f"?{urlencode([('m', name) for name in state.names] + state.look)}"

    @property
    def look(self) -> list[tuple[str, str]]:
        """What the address says beside the models, without what is usual."""
        found = {
            "base": self.base if self.base in self.names else "",
            "all": "1" if self.everything else "",
            "x": "seconds" if self.by == "seconds" else "",
            "train": "1" if self.train else "",
            "smooth": f"{self.smooth:g}" if self.smooth else "",
        }
        return [(name, value) for name, value in found.items() if value]


def _factor(text: str) -> float:
    """How much to smooth; 0 for what is no such number."""
    try:
        factor = float(text)
    except ValueError:
        return 0.0
    return factor if 0.0 < factor <= MOST_SMOOTH else 0.0


def query_of(query: QueryDict) -> str:
    """The state of an address in the page's own words, without what it does not know."""
    names, _ = split_names([name for name in query.getlist("m") if name][:MOST])
    return Wanted.read(query, names).address()[1:]


@dataclass(frozen=True)
class Chip:
    """A compared model with the addresses that remove it, move it or make it the baseline."""

    name: str
    look: Look
    is_base: bool
    remove: str
    earlier: str | None
    later: str | None
    base: str


def chips(wanted: Wanted, models: Sequence[Competitor]) -> list[Chip]:
    """One chip for each model, in their order."""
    found = []
    looks = looks_of([one.number for one in models])
    for place, (name, look) in enumerate(zip(wanted.names, looks, strict=True)):
        rest = [other for other in wanted.names if other != name]
        found.append(
            Chip(
                name=name,
                look=look,
                is_base=name == wanted.base,
                remove=wanted.address(names=rest),
                earlier=wanted.address(names=_moved(rest, name, place - 1)) if place else None,
                later=(
                    wanted.address(names=_moved(rest, name, place + 1))
                    if place < len(rest)
                    else None
                ),
                base=wanted.address(base="" if name == wanted.base else name),
            )
        )
    return found


def _moved(rest: list[str], name: str, place: int) -> list[str]:
    return [*rest[:place], name, *rest[place:]]


@dataclass(frozen=True)
class Row:
    """A model in the ranking, with its dot on the common axis; `interval` is what the dot shows."""

    model: Competitor
    look: Look
    interval: Interval | None
    dot: Dot | None
    against: Difference | None


def ranking(found: Comparison) -> list[Row]:
    """The models by rank: gains over chance, or differences from the baseline."""
    looks = looks_of([model.number for model in found.models])
    paired = list(zip(found.models, looks, found.against, strict=True))
    paired.sort(key=lambda row: row[0].rank)
    shown = [
        (against.anytime if against else None) if found.base else model.shown
        for model, _, against in paired
    ]
    placed = dots(shown)
    return [
        Row(model, look, interval, dot, against)
        for (model, look, against), interval, dot in zip(paired, shown, placed, strict=True)
    ]


@dataclass(frozen=True)
class Cell:
    """First less second, in the direction of the matrix; None on the diagonal or unmeasured."""

    mean: float
    low: float | None
    high: float | None
    p: float
    differs: bool


def matrix(found: Comparison) -> list[tuple[str, list[Cell | None]]]:
    """Every model less every other: rows of names and cells."""
    cells: dict[tuple[str, str], Cell] = {}
    for pair, p in zip(found.differences, found.corrected_p, strict=True):
        low, high = pair.anytime.low, pair.anytime.high
        cells[pair.first, pair.second] = Cell(pair.interval.mean, low, high, p, pair.differs)
        cells[pair.second, pair.first] = Cell(
            -pair.interval.mean,
            None if high is None else -high,
            None if low is None else -low,
            p,
            pair.differs,
        )
    names = [one.model_name for one in found.models]
    return [(row, [cells.get((row, column)) for column in names]) for row in names]


@dataclass(frozen=True)
class Metric:
    """A row of the metrics table: a value for each model, and which of them is best."""

    name: str
    texts: list[str]
    best: int | None


def metrics(models: Sequence[Competitor]) -> list[Metric]:
    """What each model scored and cost; the best of a row is named only where best means something."""
    return [
        _metric(
            "Gain on these draws, bits", [_mean(one.shown) for one in models], "{:+.4f}", max
        ),
        _metric(
            "Best validation gain, bits", [one.best_gain for one in models], "{:+.4f}", max
        ),
        _metric("Training", [one.seconds or None for one in models], "{:,.1f} s", min),
        _metric("Parameters", [one.parameter_count for one in models], "{:,}", None),
        _metric("Calibration slope", [_slope(one) for one in models], "{:+.2f}", None),
        _metric("Sessions", [len(one.trend.sessions) for one in models], "{:,}", None),
    ]


def _metric(name: str, values: Sequence[float | None], form: str, pick: object) -> Metric:
    texts = [
        "not measured" if value is None else form.format(value).replace("-", "\N{MINUS SIGN}")
        for value in values
    ]
    measured = [value for value in values if value is not None]
    if len(measured) < 2 or len(set(measured)) == 1 or pick is None:
        return Metric(name, texts, None)
    best = max(measured) if pick is max else min(measured)
    return Metric(name, texts, list(values).index(best))


def _mean(interval: Interval | None) -> float | None:
    return interval.mean if interval else None


def _slope(one: Competitor) -> float | None:
    return one.slope.value if one.slope else None


def shown_settings(found: Comparison, *, everything: bool) -> list[Setting]:
    """The settings of the diff table: those that differ, or all."""
    return [setting for setting in found.settings if everything or setting.differs]


def drawings(found: Comparison, wanted: Wanted) -> dict[str, Drawing | None]:
    """The figures, each where there is something to draw."""
    curves = overlays(wanted.names[:SERIES])
    return {
        "curves": figures.overlay(
            curves, by=wanted.by, train=wanted.train, smooth=wanted.smooth
        ),
        "efficiency": figures.efficiency(found.models),
        "trends": figures.trends(found.models),
        "parallel": parallel(found.models, found.settings),
    }


HEADS = (
    "rank", "model", "version", "kind", "dataset", "gain", "low", "high", "draws",
    "best_validation_gain", "training_seconds", "parameters", "calibration_slope", "sessions",
)  # fmt: skip


def table(found: Comparison) -> list[list[str]]:
    """The comparison as plain rows below their heads, for CSV and Markdown; bits per draw."""
    rows = [list(HEADS)]
    for one in sorted(found.models, key=lambda model: model.rank):
        interval = one.shown
        values: Iterable[object] = (
            one.rank, one.model_name, one.version, one.encoder, one.dataset,
            *((interval.mean, interval.low, interval.high, interval.n) if interval else [None] * 4),
            one.best_gain, one.seconds, one.parameter_count, _slope(one), len(one.trend.sessions),
        )  # fmt: skip
        rows.append(["" if value is None else _plain(value) for value in values])
    return rows


def _plain(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(safe_cell(value))


def markdown(found: Comparison) -> str:
    """The comparison for a note or an issue: verdict, table and pairs."""
    head, *rows = table(found)
    lines = [f"# Comparison of {len(found.models)} models", "", found.verdict, ""]
    lines += [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    if found.differences:
        lines += [
            "",
            "| first | second | difference | 95 %, any look | corrected p |",
            "|---|---|---|---|---|",
        ]
    for pair, p in zip(found.differences, found.corrected_p, strict=True):
        ends = (
            ""
            if pair.anytime.low is None
            else f"{pair.anytime.low:+.4f} to {pair.anytime.high:+.4f}"
        )
        lines.append(
            f"| {pair.first} | {pair.second} | {pair.interval.mean:+.4f} | {ends} | {p:.3f} |"
        )
    return "\n".join([*lines, "", "Gains are bits over chance per draw.", ""])
