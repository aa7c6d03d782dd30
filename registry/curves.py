"""How a version was trained, as a Plotly figure of the history in its model.json. Pure: no Django.

y is bits gained over chance per draw: chance is 0. Colours and fonts are the page's: a trace says
in `meta.series` which series of the stylesheet it is. chart.js draws it.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from memory.sentences import counted
from registry.looks import FIRST, Look

MOST_POINTS = 1500  # of one series
Epoch = Mapping[str, Any]
Pair = tuple[int, float]


def training_curve(
    history: Sequence[Epoch], best_epoch: int | None, look: Look = FIRST
) -> dict[str, Any] | None:
    """Validation and training gain by epoch, chance and the best epoch; None without two epochs.

    `history` holds `number`, `train_bits`, `val_bits` and `gain` (validation) of each epoch. The
    training draws' chance is taken to be the validation draws': val_bits + gain.
    """
    rows = [row for row in history if _is_whole(row)]
    if len(rows) < 2:
        return None
    validation = [(row["number"], row["gain"]) for row in rows]
    training = [(r["number"], r["val_bits"] + r["gain"] - r["train_bits"]) for r in rows]
    figure = go.Figure()
    _line(figure, "validation", validation, series=look.series, dash="solid")
    _line(figure, "training", training, series=look.beside, dash="dot")
    best = [pair for pair in validation if pair[0] == best_epoch]
    figure.add_scatter(
        name="best epoch",
        x=[x for x, _ in best],
        y=[y for _, y in best],
        mode="markers",
        marker={"size": 11, "symbol": "circle-open", "line": {"width": 2}},
        hovertemplate="%{y:+.4f} bits",
        meta={"series": look.series, "role": "best"},
    )
    chance = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": 0, "y1": 0}
    label = {"text": "chance", "xref": "paper", "x": 1, "xanchor": "right", "y": 0}
    figure.update_layout(
        template=None,
        xaxis={"title": {"text": "epoch"}},
        yaxis={"title": {"text": "bits over chance per draw"}},
        shapes=[chance | {"name": "chance", "line": {"dash": "dash", "width": 1.5}}],
        annotations=[label | {"yanchor": "bottom", "showarrow": False}],
        meta={"points": len(rows), "most": MOST_POINTS},
    )
    found: dict[str, Any] = figure.to_plotly_json()
    return found


def curve_sentence(history: Sequence[Epoch], best_epoch: int | None) -> str:
    """What the figure shows, in one sentence: its text alternative."""
    rows = [row for row in history if _is_whole(row)]
    last = rows[-1]
    words = f"Validation gain of {counted(len(rows), 'epoch')}, {last['gain']:+.4f} bits in the last one"
    best = next((row for row in rows if row["number"] == best_epoch), None)
    if best is not None:
        words += f"; the best was epoch {best_epoch:,} with {best['gain']:+.4f}, which was kept"
    return f"{words}. Chance is 0.".replace(" -", " \N{MINUS SIGN}")


def _is_whole(row: Epoch) -> bool:
    return all(
        isinstance(row.get(k), int | float)
        for k in ("number", "train_bits", "val_bits", "gain")
    )


def _line(figure: go.Figure, name: str, pairs: list[Pair], *, series: int, dash: str) -> None:
    kept = thinned(pairs)
    figure.add_scatter(
        name=name,
        x=[x for x, _ in kept],
        y=[y for _, y in kept],
        mode="lines",
        line={"width": 2, "dash": dash},
        hovertemplate="%{y:+.4f} bits",
        meta={"series": series, "role": "curve"},
    )


def thinned(pairs: list[Pair], most: int = MOST_POINTS) -> list[Pair]:
    """At most `most` points: both ends, and minimum and maximum of equal buckets between."""
    if len(pairs) <= most:
        return pairs
    inner, buckets = pairs[1:-1], (most - 2) // 2
    edges = [number * len(inner) // buckets for number in range(buckets + 1)]
    kept = {pairs[0], pairs[-1]}
    for start, stop in pairwise(edges):
        bucket = inner[start:stop]
        kept |= {min(bucket, key=_height), max(bucket, key=_height)}
    return sorted(kept)


def _height(pair: Pair) -> float:
    return pair[1]
