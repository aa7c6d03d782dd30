"""What a figure shows while it has nothing to draw: chance, the epochs that are planned, and words.

chart-grow.js takes it away again with the first epoch.
"""

from typing import Any

import plotly.graph_objects as go

NO_EPOCH = "no epoch yet"
NOT_MEASURED = "not measured"


def wait(
    figure: go.Figure, words: str, *, planned: int = 0, chance: float | None = None
) -> None:
    """Put the words into an empty figure; `planned` epochs give the x axis, chance the y axis."""
    note: dict[str, Any] = {
        **{"name": "empty", "text": words, "showarrow": False},
        **{"xref": "paper", "x": 0.5, "yref": "paper", "y": 0.8},
    }
    figure.add_annotation(note)
    across = {"range": [0, planned]} if planned else {"showticklabels": False}
    level = 0.0 if chance is None else chance
    ticks = [] if chance is None else [level]
    figure.update_layout(
        xaxis=across, yaxis={"range": [level - 1, level + 1], "tickvals": ticks}
    )
