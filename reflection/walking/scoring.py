"""What every fold said about the draws after it, one at a time, and what came."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from reflection.walking.data import WalkData
from reflection.walking.folds import Chunk, Fold
from registry.networks import baselines
from registry.networks.calibration import calibration, own_logits
from registry.networks.forecast import Forecast, network_forecast
from registry.networks.heads import Drawn
from registry.networks.powerball_net import views
from training.engine.config import Config
from training.engine.reports import Floats, Ints
from training.engine.scoring import caught
from training.engine.state import State


@dataclass(frozen=True, eq=False)
class Scored:
    """Consecutive draws of one history, each forecast by what was known before it.

    `gains` (S,) are bits above chance, `hits` and `bonus_hits` how many of the likeliest balls
    came; `logits` (S, n + m) float32 the set distribution of each forecast, of a mixture the one
    with its inclusion probabilities. `calibration` are the sums of
    `registry.networks.calibration`.
    """

    first: int
    gains: Floats
    hits: Ints
    bonus_hits: Ints
    logits: NDArray[np.float32]
    calibration: dict[str, Any]


def score(config: Config, data: WalkData, chunk: Chunk, state: State) -> list[Scored]:
    """The forecasts of a chunk that is trained, history by history."""
    each = len(config.rows)
    found = []
    for history in range(data.histories):
        said = []
        for number, fold in enumerate(chunk):
            first = (number * data.histories + history) * each
            rows = views(state.best[first : first + each], data.spec)
            index = _index(data, fold, history).expand(each, -1)
            said.append(network_forecast(data.spec, rows, data.tables, index))
        together = Forecast(
            torch.cat([one.logits for one in said], 1),
            torch.cat([one.log_weights for one in said], 1),
        )
        found.append(_scored(data, chunk, history, together))
    return found


def score_baseline(data: WalkData, chunk: Chunk) -> list[Scored]:
    """A baseline's forecasts: its learners are weighed anew before every draw, nothing is fitted."""
    found = []
    part = slice(chunk[0].cut, chunk[-1].stop)
    for history, (logits, gains) in enumerate(data.learners):
        prior = torch.zeros(1, len(gains), dtype=torch.float64, device=data.device)
        weights = baselines.learner_weights(prior, gains)[0]  # (J, N)
        said = Forecast(logits[part].transpose(0, 1), weights[:, part])
        found.append(_scored(data, chunk, history, said))
    return found


def _scored(data: WalkData, chunk: Chunk, history: int, said: Forecast) -> Scored:
    drawn = _drawn(data, Fold(chunk[0].cut, chunk[-1].stop), history, len(said.logits))
    dates = data.split.dates[chunk[0].cut : chunk[-1].stop]
    alone, chance, n = drawn.at(0), said.inclusion(drawn), data.spec.white
    return Scored(
        first=chunk[0].cut,
        gains=said.gains(drawn).cpu().numpy(),
        hits=caught(chance[:, :n], alone.balls[:, :-1]).cpu().numpy(),
        bonus_hits=caught(chance[:, n:], alone.balls[:, -1:] - n).cpu().numpy(),
        logits=own_logits(said, chance, alone).float().cpu().numpy(),
        calibration=calibration(said, drawn, dates),
    )


def _index(data: WalkData, fold: Fold, history: int) -> torch.Tensor:
    """Where the draws that a fold forecasts lie in the tables. (S,)"""
    return torch.arange(fold.cut, fold.stop, device=data.device) + history * data.draws


def _drawn(data: WalkData, fold: Fold, history: int, members: int) -> Drawn:
    return data.tables.drawn(_index(data, fold, history).expand(members, -1))
