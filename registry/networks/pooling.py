"""What an ensemble says before a draw, and what any model says of the next one."""

import numpy as np
import torch
from torch import Tensor

from registry.networks import heads
from registry.networks.baselines import learner_weights
from registry.networks.ensemble import PRIOR, EnsembleSpec, Spec, prefix_of
from registry.networks.features import tables
from registry.networks.forecast import Arrays, Forecast, forecast_at, forecast_next
from registry.networks.heads import Drawn
from registry.networks.history import History
from registry.networks.spec import NetSpec

_EDGE = 1.0 - 1e-9  # a logit at the very limit has no finite inverse


def forecast_coming(spec: Spec, weights: Arrays, history: History) -> tuple[Forecast, Drawn]:
    """The forecast of the last draw of `history` by a network or an ensemble, and its matrix."""
    if isinstance(spec, NetSpec):
        return forecast_next(spec, weights, history)
    said, _ = ensemble_forecast(spec, weights, history)
    newest = Forecast(said.logits[:, -1:], said.log_weights[:, -1:])
    return newest, _drawn(spec, history, newest, torch.tensor([len(history) - 1]))


def ensemble_forecast(
    spec: EnsembleSpec, weights: Arrays, history: History
) -> tuple[Forecast, Drawn]:
    """The forecasts of the last draws of `history`, and their matrices with what was drawn.

    Of a mixture all draws from its day on are forecast, each from the draws before it: its weights
    follow from them. Of the other pools only the last one.
    """
    index = torch.arange(_first(spec, history), len(history))
    said = [
        forecast_at(member.network, _tensors(weights, place), history, index)
        for place, member in enumerate(spec.members)
    ]
    prior = torch.from_numpy(weights[PRIOR][0].astype(np.float64))  # (M + 1,)
    pooled = (_added if spec.pool == "log-linear" else _mixed)(spec, said, prior)
    return pooled, _drawn(spec, history, pooled, index)


def _drawn(spec: EnsembleSpec, history: History, said: Forecast, index: Tensor) -> Drawn:
    encoded = tables([history], spec.members[0].network)
    return encoded.drawn(index.expand(len(said.logits), -1))


def _first(spec: EnsembleSpec, history: History) -> int:
    """Where the draws begin by which a mixture weighs its members."""
    last = len(history) - 1
    if spec.pool != "mixture":
        return last
    began = int(np.searchsorted(history.ordinal, spec.since.toordinal()))
    return min(last, max(began, spec.window))


def _tensors(weights: Arrays, place: int) -> Arrays:
    """The tensors of one member: name -> (count, *shape)."""
    prefix = prefix_of(place)
    found = {name: part for name, part in weights.items() if name.startswith(prefix)}
    return {name.removeprefix(prefix): part[0] for name, part in found.items()}


def _mixed(spec: EnsembleSpec, said: list[tuple[Forecast, Drawn]], prior: Tensor) -> Forecast:
    """A weighted mixture of the members and uniform, which speaks last."""
    fair = torch.zeros_like(said[0][0].logits[:1], dtype=torch.float64)  # (1, S, n + m)
    logits = [forecast.logits.double() for forecast, _ in said]
    gains = torch.stack(
        [forecast.gains(drawn) * heads.NATS_PER_BIT for forecast, drawn in said]
        + [torch.zeros(fair.shape[1], dtype=torch.float64)]
    )  # (M + 1, S) nats
    if spec.pool == "linear":
        gains = torch.zeros_like(gains)
    shares = learner_weights(prior.unsqueeze(0), gains)[0]  # (M + 1, S)
    inner = [
        share + forecast.log_weights
        for share, (forecast, _) in zip(shares[:-1], said, strict=True)
    ]
    return Forecast(torch.cat([*logits, fair]), torch.cat([*inner, shares[-1:]]))


def _added(spec: EnsembleSpec, said: list[tuple[Forecast, Drawn]], prior: Tensor) -> Forecast:
    """One conditional Bernoulli whose logits are the members', each times its factor."""
    factors = torch.softmax(prior, 0)[:-1]
    theta = torch.stack(
        [heads.clamped(forecast.logits[0], spec.white) for forecast, _ in said]
    )  # (M, S, n + m)
    logits = torch.tensordot(factors, theta, dims=1)
    share = (logits[..., : spec.white] / heads.LIMIT).clamp(-_EDGE, _EDGE)
    logits[..., : spec.white] = heads.LIMIT * torch.atanh(share)  # what the clamp makes th of
    return Forecast(logits.unsqueeze(0), torch.zeros(1, len(logits), dtype=torch.float64))
