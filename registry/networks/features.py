"""History -> tensors. Nothing here about draw t looks at draw t or later (the poison test).

What is known of draw t before it happens is its day and its matrix.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from registry.networks.heads import Drawn
from registry.networks.history import History
from registry.networks.powerball_net import Inputs
from registry.networks.spec import WEEK, NetSpec

Floats = NDArray[np.float32]

GAP_SCALE = 5.0  # log(1 + draws since last seen) / 5: about 0 to 1


def multi_hot(history: History, spec: NetSpec) -> Floats:
    """Each draw as zeros and ones over all balls, white first. (N, n + m)"""
    hot = np.zeros((len(history), spec.balls), np.float32)
    np.put_along_axis(hot, positions(history, spec), 1.0, axis=1)
    return hot


def positions(history: History, spec: NetSpec) -> NDArray[np.int64]:
    """Where among all balls the drawn ones are, the bonus ball last. (N, k + 1)"""
    return np.column_stack([history.white - 1, spec.white + history.bonus - 1])


def existing(history: History, spec: NetSpec) -> NDArray[np.bool_]:
    """Which balls each draw's matrix has. (N, n + m)"""
    white = np.arange(1, spec.white + 1) <= history.white_size[:, None]
    bonus = np.arange(1, spec.bonus + 1) <= history.bonus_size[:, None]
    return np.hstack([white, bonus])


def frequency(hot: Floats, window: int) -> Floats:
    """Share of the `window` draws before each draw that had the ball. (N, n + m)"""
    n = len(hot)
    total = np.vstack(
        [np.zeros((1, hot.shape[1]), np.float64), hot.cumsum(0, dtype=np.float64)]
    )
    first = np.maximum(np.arange(n) - window, 0)
    share: Floats = ((total[:n] - total[first]) / window).astype(np.float32)
    return share


def recency(hot: Floats) -> Floats:
    """Draws since the ball came last, on a log scale; before the first draw counts as seen. (N, n + m)"""
    n = len(hot)
    here = np.arange(n)[:, None]
    seen = np.maximum.accumulate(np.where(hot > 0, here, -1), axis=0)
    before = np.vstack([np.full((1, hot.shape[1]), -1), seen])[:n]
    gaps: Floats = (np.log1p(here - before) / GAP_SCALE).astype(np.float32)
    return gaps


def calendar(history: History) -> Floats:
    """Day of the week, one-hot. (N, 7)"""
    return np.eye(WEEK, dtype=np.float32)[history.weekday]


def context(history: History, spec: NetSpec) -> Floats | None:
    """The aggregate features of each draw that are switched on (N, C), or None."""
    hot, there = multi_hot(history, spec), existing(history, spec)
    parts = []
    if "frequency" in spec.features:
        parts.append(frequency(hot, spec.window) * there)
    if "recency" in spec.features:
        parts.append(recency(hot) * there)
    if "calendar" in spec.features:
        parts.append(calendar(history))
    return np.hstack(parts).astype(np.float32) if parts else None


def seen_by_last(history: History, spec: NetSpec) -> History:
    """The end of a history, as long as what the features of its last draw look at.

    They are the same bits as with the whole of it: a window of draws, and back to where each
    ball of the last draw's matrix came last. One that never came makes it the whole.
    """
    last = len(history) - 1
    seen = np.full(spec.balls, -1)
    places = positions(history, spec)[:last]
    seen[places] = np.arange(last)[:, None]  # of equal places the last one stays
    first = min(seen[existing(history, spec)[last]].min(), last - spec.window)
    return history.take(slice(max(int(first), 0), None))


@dataclass(frozen=True, eq=False)
class Tables:
    """Everything of a history that training reads, resident on one device, one row per draw.

    R histories of equal length may lie one after the other (N = R * length): models that train
    together on different data then differ only in where their indices start.
    """

    spec: NetSpec
    hot: Tensor  # (N, n + m) float32
    balls: Tensor  # (N, k + 1) int64, positions among the n + m, the bonus last
    context: Tensor | None  # (N, C) float32
    exists: Tensor | None  # (N, n + m) bool; None where every draw has the largest matrix
    sets: Tensor  # (N,) float64, C(n, k) of the draw's own matrix
    bonuses: Tensor  # (N,) float64

    def inputs(self, index: Tensor) -> Inputs:
        """What the network sees of the draws at `index`, of shape (..., K, B)."""
        seen = None if self.context is None else _rows(self.context, index)
        if "window" not in self.spec.features or self.spec.is_baseline:
            return Inputs(None, seen)
        back = torch.arange(-self.spec.window, 0, device=index.device)  # (W,)
        if self.spec.encoder == "gru":  # time first: (..., K, W, B)
            return Inputs(_rows(self.hot, index.unsqueeze(-2) + back.unsqueeze(-1)), seen)
        return Inputs(_rows(self.hot, index.unsqueeze(-1) + back), seen)

    def drawn(self, index: Tensor) -> Drawn:
        """What was drawn at `index`, of shape (..., K, B)."""
        spec, balls = self.spec, _rows(self.balls, index)
        if self.exists is None:
            sets = math.comb(spec.white, spec.picks)
            return Drawn(balls, None, float(sets), float(spec.bonus), spec.white, spec.picks)
        exists, sets_, bonuses = (
            _rows(self.exists, index),
            self.sets[index],
            self.bonuses[index],
        )
        return Drawn(balls, exists, sets_, bonuses, spec.white, spec.picks)

    @property
    def floats_per_draw(self) -> int:
        """Numbers gathered for one draw of one model: what a batch costs in memory."""
        window = self.spec.window if "window" in self.spec.features else 0
        return window * self.spec.balls + self.spec.context + self.spec.balls


def tables(
    histories: list[History], spec: NetSpec, device: torch.device | str = "cpu"
) -> Tables:
    """Encode histories of equal length once, for good."""
    hot = np.vstack([multi_hot(history, spec) for history in histories])
    balls = np.vstack([positions(history, spec) for history in histories])
    there = np.vstack([existing(history, spec) for history in histories])
    seen = [context(history, spec) for history in histories]
    stacked = (
        None if seen[0] is None else np.vstack([part for part in seen if part is not None])
    )
    whites = np.concatenate([history.white_size for history in histories])
    bonuses = np.concatenate([history.bonus_size for history in histories])
    sets = [math.comb(int(size), spec.picks) for size in whites]
    return Tables(
        spec=spec,
        hot=torch.from_numpy(hot).to(device),
        balls=torch.from_numpy(balls).to(device),
        context=None if stacked is None else torch.from_numpy(stacked).to(device),
        exists=None if there.all() else torch.from_numpy(there).to(device),
        sets=torch.tensor(sets, dtype=torch.float64, device=device),
        bonuses=torch.from_numpy(bonuses.astype(np.float64)).to(device),
    )


def _rows(table: Tensor, index: Tensor) -> Tensor:
    """table[index] for rows: (N, F) and (...) -> (..., F)."""
    return table.index_select(0, index.reshape(-1)).view(*index.shape, table.shape[1])
