"""The figure of a backtest: what betting its forecasts would have become, draw by draw."""

import plotly.graph_objects as go

from reflection.comparison_figures import Drawing
from reflection.services.replayed import Replayed
from reflection.statistics.verdicts import signed
from training.figures import MOST_POINTS, thinned


def wealth_figure(found: Replayed) -> Drawing:
    """Bits of wealth so far: every forecast bet whole, and hedged; chance and what is needed."""
    figure = go.Figure()
    days = found.paths.dates
    curves = (("whole stake", found.paths.raw, "solid"), ("hedged", found.paths.hedged, "dot"))
    for series, (name, path, dash) in enumerate(curves, 1):
        places = thinned(path).tolist()
        figure.add_scatter(
            name=name,
            x=[days[place] for place in places],
            y=path[places].tolist(),
            mode="lines",
            line={"width": 2, "dash": dash},
            hovertemplate="%{y:+.2f} bits",
            meta={"series": series, "role": "curve"},
        )
    across = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y"}
    label = {"xref": "paper", "x": 1, "xanchor": "right", "yanchor": "bottom"}
    lines = [("chance", 0.0)]
    if found.paths.hedged.max() > found.evidence.needed_bits / 2:
        lines.append(("evidence", found.evidence.needed_bits))
    figure.update_layout(
        template=None,
        xaxis={"title": {"text": "draw"}, "type": "date"},
        yaxis={"title": {"text": "bits of wealth so far"}},
        shapes=[
            {**across, "name": name, "y0": y, "y1": y, "line": {"dash": "dash", "width": 1.5}}
            for name, y in lines
        ],
        annotations=[{**label, "text": name, "y": y, "showarrow": False} for name, y in lines],
        meta={"points": found.draws, "most": MOST_POINTS},
    )
    words = (
        f"Log2 of what one coin became that bet every forecast from {found.first_date} to"
        f" {found.last_date}: {signed(found.evidence.raw_bits, 2)} bits with the whole stake,"
        f" {signed(found.evidence.hedged_bits, 2)} averaged over 101 stakes; chance stays at 0,"
        f" evidence needs {signed(found.evidence.needed_bits, 1)}."
    )
    return Drawing(figure.to_plotly_json(), words)
