"""What a model says before a draw: a weighted mixture of set distributions, networks and baselines alike."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from registry.networks import baselines, heads
from registry.networks.features import Tables, seen_by_last, tables
from registry.networks.heads import Drawn
from registry.networks.history import History
from registry.networks.powerball_net import Parameters, forward, views
from registry.networks.spec import NetSpec, layout

CHUNK = 256  # draws per forward pass; a constant, so that a score has the same bits for every K

Arrays = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Forecast:
    """J distributions over B draws: logits (J, B, n + m) and log weights (J, B) that sum to one."""

    logits: Tensor
    log_weights: Tensor

    def gains(self, drawn: Drawn) -> Tensor:
        """Bits per draw above the fair drum (B,); `drawn` has the leading axes (J, B)."""
        nats = heads.mixture(heads.gain(self.logits, drawn), self.log_weights)
        return nats / heads.NATS_PER_BIT

    def inclusion(self, drawn: Drawn) -> Tensor:
        """Probability of each ball to be drawn (B, n + m)."""
        weights = self.log_weights.exp().unsqueeze(-1)
        return (weights * heads.inclusion(self.logits, drawn)).sum(0)

    def theta(self, draw: int, white: int) -> Tensor:
        """Natural parameters of one of the draws (J, n + m), of `white` = n white balls."""
        return heads.clamped(self.logits[:, draw], white)


def network_logits(spec: NetSpec, p: Parameters, encoded: Tables, index: Tensor) -> Tensor:
    """Logits (K, S, n + m) of K networks for the draws at `index` (K, S), in equal chunks of draws."""
    chunks = torch.tensor_split(index, -(-index.shape[1] // CHUNK), dim=1)
    with torch.inference_mode():
        return torch.cat([forward(spec, p, encoded.inputs(chunk)) for chunk in chunks], 1)


def network_forecast(spec: NetSpec, p: Parameters, encoded: Tables, index: Tensor) -> Forecast:
    """K networks with equal weights on the draws at `index` (K, S)."""
    weights = torch.full(
        index.shape, -math.log(len(index)), dtype=torch.float64, device=index.device
    )
    return Forecast(network_logits(spec, p, encoded, index), weights)


def baseline_forecast(
    log_prior: Tensor, logits: Tensor, gains: Tensor, index: Tensor
) -> Forecast:
    """A baseline on the draws at `index` (S,): prior (1, J), logits (N, J, n + m), gains (J, N)."""
    weights = baselines.learner_weights(log_prior, gains)[0]  # (J, N)
    return Forecast(logits[index].transpose(0, 1), weights[:, index])


def forecast_at(
    spec: NetSpec, weights: Arrays, history: History, index: Tensor
) -> tuple[Forecast, Drawn]:
    """The forecasts of the draws of `history` at `index` (S,), each from those before it, and their
    matrices with what was drawn.

    `weights` are those of an outcome or a registered version: name -> (K, *shape).
    """
    p = parameters(spec, weights)
    encoded = tables([history], spec)
    models = len(next(iter(p.values())))
    if spec.is_baseline:
        logits = baselines.learner_logits(history, spec)
        gains = baselines.learner_gains(logits, encoded)
        said = baseline_forecast(p["log_prior"][:1, 0], logits, gains, index)
    else:
        said = network_forecast(spec, p, encoded, index.expand(models, -1))
    return said, encoded.drawn(index.expand(len(said.logits), -1))


def forecast_next(spec: NetSpec, weights: Arrays, history: History) -> tuple[Forecast, Drawn]:
    """The forecast of the last draw of `history` (see `History.followed_by`) and its matrix."""
    if not spec.is_baseline:  # which learns from all draws
        history = seen_by_last(history, spec)
    return forecast_at(spec, weights, history, torch.tensor([len(history) - 1]))


def parameters(spec: NetSpec, weights: Arrays) -> dict[str, Tensor]:
    """Arrays (K, *shape) as the tensors `forward` takes; raise ValueError if they do not fit."""
    shapes = dict(layout(spec))
    if {name: array.shape[1:] for name, array in weights.items()} != shapes:
        raise ValueError("The weights do not fit the network.")
    flat = np.hstack([weights[name].reshape(len(weights[name]), -1) for name in shapes])
    return views(torch.from_numpy(flat.astype(np.float32, copy=False)), spec)


def arrays(spec: NetSpec, flat: Tensor) -> Arrays:
    """The parameters of (K, P) as arrays by name: (K, *shape), copies."""
    parts, shapes = views(flat.detach().cpu(), spec), dict(layout(spec))
    return {
        name: part.reshape(-1, *shapes[name]).numpy().copy() for name, part in parts.items()
    }
