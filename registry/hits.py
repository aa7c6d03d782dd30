"""The white balls that a version had right, beside what chance hits. Pure: no Django.

A ticket of the `picks` likeliest balls hits as many of the drawn as a hypergeometric count says:
mean picks^2 / white (statistics.md 1.1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import comb
from operator import index
from typing import Any

import numpy as np
import plotly.graph_objects as go
from scipy.special import bdtr, chdtrc

from memory.sentences import counted
from registry.curves import thinned
from registry.looks import SERIES, Look

FEWEST = 5.0  # expected draws in a cell of the chi-square test
Z = 1.959964  # of a normal 95 % interval


@dataclass(frozen=True)
class Cell:
    """Draws with so many hits, what chance expects, and between which counts 95 % of chances lie."""

    hits: str
    draws: int
    expected: float
    low: int
    high: int
    bar: float  # per cent of the longest
    mark: float  # likewise, of what is expected


@dataclass(frozen=True)
class Histogram:
    """How often each number of hits came; `p` is the chi-square test's, None below two cells."""

    cells: list[Cell]
    draws: int
    p: float | None


def scored_draws(test: Mapping[str, Any], picks: int) -> tuple[list[str], list[int]] | None:
    """The dates and hits of test draws as a file tells them; None where it tells something else."""
    try:
        dates = [date.fromisoformat(day).isoformat() for day in test["dates"]]
        hits = [index(count) for count in test["hits"]]
    except (KeyError, TypeError, ValueError):
        return None
    known = hits and len(hits) == len(dates) and all(0 <= count <= picks for count in hits)
    return (dates, hits) if known else None


def chances_of(picks: int, white: int) -> list[float]:
    """The probabilities of 0, 1, ... `picks` hits by any ticket."""
    every = comb(white, picks)
    return [comb(picks, k) * comb(white - picks, picks - k) / every for k in range(picks + 1)]


def histogram(hits: Sequence[int], *, picks: int, white: int) -> Histogram:
    """Observed and expected numbers of draws; many hits are put together until 5 are expected."""
    chances = chances_of(picks, white)
    counts = np.bincount(np.asarray(hits, dtype=np.int64), minlength=picks + 1).tolist()
    names = [str(k) for k in range(picks + 1)]
    while len(chances) > 1 and chances[-1] * len(hits) < FEWEST:
        for column in (chances, counts):
            rarest = column.pop()
            column[-1] += rarest
        names.pop()
        names[-1] = f"{len(names) - 1} or more"
    expected = [chance * len(hits) for chance in chances]
    longest = max([*counts, *expected]) or 1.0
    cells = [
        Cell(
            name,
            count,
            mean,
            *_middle(len(hits), chance),
            round(100 * count / longest, 2),
            round(100 * mean / longest, 2),
        )
        for name, count, mean, chance in zip(names, counts, expected, chances, strict=True)
    ]
    if len(cells) < 2:
        return Histogram(cells, len(hits), None)
    off = sum((cell.draws - cell.expected) ** 2 / cell.expected for cell in cells)
    return Histogram(cells, len(hits), float(chdtrc(len(cells) - 1, off)))


def _middle(draws: int, chance: float) -> tuple[int, int]:
    """The counts between which a binomial one lies with 95 % at least."""
    below = bdtr(np.arange(draws + 1, dtype=np.float64), draws, chance)
    return int(np.searchsorted(below, 0.025)), int(np.searchsorted(below, 0.975))


def hits_figure(
    dates: Sequence[str], hits: Sequence[int], *, picks: int, white: int, look: Look
) -> dict[str, Any]:
    """Hits less expected so far, draw by draw, with the 95 % band of chance."""
    places = np.arange(1, len(hits) + 1)
    over = np.cumsum(hits) - places * picks * picks / white
    reach = Z * np.sqrt(places * variance_of(picks, white))
    kept = [
        int(x) - 1 for x, _ in thinned(list(zip(places.tolist(), over.tolist(), strict=True)))
    ]
    days = [dates[place] for place in kept]
    figure = go.Figure()
    for name, path in (("95 % of chances", -reach), ("95 % of chances", reach)):
        figure.add_scatter(
            name=name,
            x=days,
            y=path[kept].round(4).tolist(),
            mode="lines",
            line={"width": 0},
            fill="tonexty" if path is reach else "none",
            hoverinfo="skip",
            showlegend=path is reach,
            meta={"series": SERIES, "role": "band"},
        )
    figure.add_scatter(
        name="hits over chance",
        x=days,
        y=over[kept].round(4).tolist(),
        mode="lines",
        line={"width": 2},
        hovertemplate="%{y:+.2f} hits",
        meta={"series": look.series, "role": "curve"},
    )
    across = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": 0, "y1": 0}
    label = {"text": "chance", "xref": "paper", "x": 1, "xanchor": "right", "y": 0}
    figure.update_layout(
        template=None,
        xaxis={"title": {"text": "draw"}, "type": "date"},
        yaxis={"title": {"text": "white balls hit over chance, so far"}},
        shapes=[across | {"name": "chance", "line": {"dash": "dash", "width": 1.5}}],
        annotations=[label | {"yanchor": "bottom", "showarrow": False}],
    )
    found: dict[str, Any] = figure.to_plotly_json()
    return found


def variance_of(picks: int, white: int) -> float:
    """Of the hits of one draw, by chance."""
    share = picks / white
    return picks * share * (1 - share) * (white - picks) / (white - 1)


def hits_words(hits: Sequence[int], *, picks: int, white: int) -> str:
    """What the figure shows, in one sentence: its text alternative."""
    draws, total = len(hits), int(sum(hits))
    expected = draws * picks * picks / white
    reach = Z * (draws * variance_of(picks, white)) ** 0.5
    side = "more" if total > expected else "fewer"
    return (
        f"{counted(total, 'white ball')} among its {picks} likeliest in {counted(draws, 'test draw')},"
        f" {abs(total - expected):.1f} {side} than the {expected:.1f} of chance; of chances 95 %"
        f" end within {reach:.1f} of that."
    )
