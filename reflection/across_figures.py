"""Figures of all sessions together: p-values beside chance, gaps, costs, and small curves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from reflection.comparison_figures import Drawing, by_colour
from reflection.services.across import Across, Effort
from reflection.services.curves import Overlay
from reflection.statistics.verdicts import signed
from registry.figures import furthest
from registry.looks import SERIES, Look, look_of
from training.figures import thinned

WIDTH, HEIGHT, AIR = 220, 72, 4  # pixels of a small curve


@dataclass(frozen=True)
class Small:
    """A curve as an inline picture on axes common to all; `chance` is where 0 lies."""

    name: str
    look: Look
    points: str
    chance: float
    words: str


def small_curves(curves: Sequence[Overlay]) -> list[Small]:
    """Validation gain by epoch, every curve on the same axes.

    One that ran away is cut off, or it would press all others onto chance.
    """
    if not curves:
        return []
    finite = [[gain for gain in one.val_gains if np.isfinite(gain)] or [0.0] for one in curves]
    reaches = [max(map(abs, gains)) for gains in finite]
    far = furthest(reaches)
    kinds = zip(finite, reaches, strict=True)
    near = [gain for gains, reach in kinds if reach <= far for gain in gains]
    low, high = min([0.0, *near]), max([0.0, *near])
    longest = max(one.epochs[-1] for one in curves)
    high_of = (HEIGHT - 2 * AIR) / ((high - low) or 1.0)

    def across(epoch: int) -> float:
        return AIR + (WIDTH - 2 * AIR) * (epoch - 1) / max(1, longest - 1)

    def up(gain: float) -> float:
        return HEIGHT - AIR - (min(high, max(low, gain)) - low) * high_of

    found = []
    for one, reach in zip(curves, reaches, strict=True):
        kept = thinned(np.asarray(one.val_gains, dtype=np.float64)).tolist()
        points = " ".join(
            f"{across(one.epochs[i]):.1f},{up(one.val_gains[i]):.1f}"
            for i in kept
            if np.isfinite(one.val_gains[i])
        )
        best = max((gain for gain in one.val_gains if np.isfinite(gain)), default=0.0)
        words = f"best {signed(best)} bits per draw in {one.epochs[-1]:,} epochs"
        words += ", cut off at the axis" if reach > far else ""
        found.append(
            Small(one.model_name, look_of(one.number), points, round(up(0.0), 1), words)
        )
    return found


def chances(found: Across) -> Drawing | None:
    """Every p-value beside what as many chances give, with their 95 % band."""
    ranks = found.ranks
    if not ranks:
        return None
    expected = [one.expected for one in ranks]
    figure = go.Figure()
    for name, values in (
        ("95 % of chances, low", [one.low for one in ranks]),
        ("95 % of chances, high", [one.high for one in ranks]),
        ("chance", expected),
    ):
        figure.add_scatter(
            name=name, x=expected, y=values, mode="lines",
            line={"width": 1.5, "dash": "dash" if name == "chance" else "dot"},
            hoverinfo="skip", meta={"series": SERIES},
        )  # fmt: skip
    for series, some in by_colour(ranks).items():
        figure.add_scatter(
            name="models", x=[one.expected for one in some], y=[one.p for one in some],
            mode="markers", text=[one.model_name for one in some], showlegend=False,
            marker={"size": 8, "symbol": [look_of(one.number).marker for one in some]},
            hovertemplate="%{text}: p %{y:.3f}<extra></extra>", meta={"series": series},
        )  # fmt: skip
    figure.update_layout(
        template=None,
        xaxis={"title": {"text": "p that chance gives in this place"}, "range": [0, 1]},
        yaxis={"title": {"text": "p of the model"}, "range": [0, 1]},
    )
    return Drawing(figure.to_plotly_json(), found.rank_sentence)


def gaps(efforts: Sequence[Effort]) -> Drawing | None:
    """How far training gain lies above validation gain, by epochs trained."""
    known = [one for one in efforts if one.gap is not None]
    if not known:
        return None
    words = (
        f"Training gain at the kept epoch less best validation gain, of {len(known):,} sessions by"
        " epochs trained; 0 is no over-fitting. Bits per draw."
    )
    figure = _by_kind(known, "epochs trained", "training less validation, bits per draw")
    for place, kind in enumerate(_kinds(known)):
        some = [one for one in known if one.encoder == kind]
        _dots(
            figure, kind, place, some, [one.epochs for one in some], [one.gap for one in some]
        )
    return Drawing(figure.to_plotly_json(), words)


def costs(efforts: Sequence[Effort]) -> Drawing | None:
    """Seconds of an epoch by parameters."""
    known = [one for one in efforts if one.parameters and one.seconds_per_epoch > 0.0]
    if not known:
        return None
    words = f"Seconds of process time for an epoch by parameters, of {len(known):,} sessions."
    figure = _by_kind(known, "parameters", "seconds per epoch", log=True)
    for place, kind in enumerate(_kinds(known)):
        some = [one for one in known if one.encoder == kind]
        x, y = [one.parameters for one in some], [one.seconds_per_epoch for one in some]
        _dots(figure, kind, place, some, x, y)
    return Drawing(figure.to_plotly_json(), words)


def _kinds(efforts: Sequence[Effort]) -> list[str]:
    return sorted({one.encoder for one in efforts})[:SERIES]


def _by_kind(efforts: Sequence[Effort], x: str, y: str, *, log: bool = False) -> go.Figure:
    kind = {"type": "log"} if log else {}
    figure = go.Figure()
    figure.update_layout(
        template=None,
        xaxis={"title": {"text": x}, **kind},
        yaxis={"title": {"text": y}, **kind},
    )
    return figure


def _dots(
    figure: go.Figure,
    kind: str,
    place: int,
    some: Sequence[Effort],
    x: Sequence[float | None],
    y: Sequence[float | None],
) -> None:
    figure.add_scatter(
        name=kind, x=list(x), y=list(y), mode="markers", marker={"size": 8},
        text=[f"{one.model_name}, session {one.session}" for one in some],
        hovertemplate="%{text}: %{y:.4g}<extra></extra>", meta={"series": place + 1},
    )  # fmt: skip
