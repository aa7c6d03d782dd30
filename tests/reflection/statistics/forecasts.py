"""What scoring keeps of forecasts that a test makes up."""

import numpy as np
import torch

from registry.networks.calibration import calibration
from registry.networks.forecast import Forecast
from registry.networks.heads import LIMIT, Drawn


def said(theta: np.ndarray) -> Forecast:
    """Static or changing white logits `(members, draws, 69)` as a forecast; a fair bonus ball."""
    wide = np.concatenate([theta, np.zeros((*theta.shape[:2], 26))], axis=2)
    wide[..., :69] = LIMIT * np.arctanh(wide[..., :69] / LIMIT)
    members = np.full(theta.shape[:2], -np.log(len(theta)))
    return Forecast(torch.from_numpy(wide), torch.from_numpy(members))


def kept(theta: np.ndarray, drawn: np.ndarray) -> dict:
    """What scoring keeps of these forecasts and draws `(draws, 5)`; the bonus ball is always 1."""
    balls = np.concatenate([drawn, np.full((len(drawn), 1), 69)], axis=1)
    wide = torch.from_numpy(np.tile(balls, (len(theta), 1, 1)))
    days = [f"day {number}" for number in range(len(drawn))]
    return calibration(said(theta), Drawn(wide, None, 11_238_513.0, 26.0, 69, 5), days)
