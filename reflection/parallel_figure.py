"""Parallel coordinates: each model a line through its settings to its gain. Pure.

Drawn as plain lines: Plotly's own kind compiles code in the browser, which the
Content-Security-Policy of the pages forbids.
"""

from collections.abc import Sequence

import plotly.graph_objects as go

from reflection.comparison_figures import Drawing
from reflection.services.competitors import Competitor, Setting
from reflection.statistics.verdicts import signed
from registry.looks import SERIES, Look, looks_of

FEWEST_MODELS = 6
FEWEST_SETTINGS = 3
FAINT = 0.35  # of 1
GAIN = "best gain, bits"


def parallel(models: Sequence[Competitor], settings: Sequence[Setting]) -> Drawing | None:
    """The figure, where there are enough models and numbers that differ to see a pattern."""
    axes = [
        (setting.label, [float(str(value)) for value in setting.values])
        for setting in settings
        if setting.differs and all(_is_number(value) for value in setting.values)
    ]
    kept = [place for place, one in enumerate(models) if one.best_gain is not None]
    if len(kept) < FEWEST_MODELS or len(axes) < FEWEST_SETTINGS:
        return None
    axes.append((GAIN, [one.best_gain or 0.0 for one in models]))
    drawn = sorted(kept, key=lambda place: models[place].rank)
    figure = go.Figure()
    looks = looks_of([models[place].number for place in drawn])
    for order, place in enumerate(drawn):
        look, faint = looks[order], order >= SERIES
        _line(figure, models[place].model_name, place, axes, kept, look, faint=faint)
    figure.update_layout(_layout(axes, kept))
    best = models[drawn[0]]
    words = (
        f"{len(kept)} models, each a line through {len(axes) - 1} settings to its best validation"
        f" gain; every axis reaches from the lowest to the highest value compared. The first in"
        f" rank, {best.model_name}, gained {signed(best.best_gain or 0.0)} bits per draw (chance 0)."
        f" Those after the eighth are faint. A pattern here is no effect: settings were chosen by a person."
    )
    return Drawing(figure.to_plotly_json(), words)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _line(
    figure: go.Figure,
    name: str,
    place: int,
    axes: Sequence[tuple[str, list[float]]],
    kept: Sequence[int],
    look: Look,
    *,
    faint: bool,
) -> None:
    figure.add_scatter(
        name=name,
        x=list(range(len(axes))),
        y=[_share(values, kept, values[place]) for _, values in axes],
        text=[f"{label} {values[place]:g}" for label, values in axes],
        mode="lines+markers",
        line={"width": 2, "dash": look.dash},
        marker={"symbol": look.marker},
        opacity=FAINT if faint else 1,
        hovertemplate="%{text}",
        meta={"series": look.series, "role": "curve", "quiet": True},
    )


def _share(values: Sequence[float], kept: Sequence[int], value: float) -> float:
    low, high = _ends(values, kept)
    return 0.5 if high == low else (value - low) / (high - low)


def _ends(values: Sequence[float], kept: Sequence[int]) -> tuple[float, float]:
    seen = [values[place] for place in kept]
    return min(seen), max(seen)


def _layout(axes: Sequence[tuple[str, list[float]]], kept: Sequence[int]) -> dict[str, object]:
    """An upright line for each axis with its ends written on it."""
    upright = [
        {"type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "line": {"width": 1}}
        for place in range(len(axes))
    ]
    ends = [
        {
            "x": place,
            "y": y,
            "text": signed(end) if label == GAIN else f"{end:.4g}",
            "showarrow": False,
            "yanchor": anchor,
            "font": {"size": 11},
        }
        for place, (label, values) in enumerate(axes)
        for y, anchor, end in zip(
            (-0.02, 1.02), ("top", "bottom"), _ends(values, kept), strict=True
        )
    ]
    return {
        "template": None,
        "shapes": upright,
        "annotations": ends,
        "hovermode": "closest",
        "xaxis": {
            "tickvals": list(range(len(axes))),
            "ticktext": [label for label, _ in axes],
            "tickangle": -30,  # long names beside each other
            "range": [-0.3, len(axes) - 0.7],
            "showgrid": False,
            "zeroline": False,
        },
        "yaxis": {"visible": False, "range": [-0.15, 1.15]},
    }
