"""What is kept of a forecast to ask later whether its opinions were honest.

A forecast's logits th, scaled by b, forecast P_b(S) ~ exp(b th.x): b = 1 is the model itself, 0 the
fair drum. The slope that fits the draws best, its error, and the evidence for any of SCALES follow
from sums over draws (`reflection.statistics.calibration`), so these are kept instead of the logits:
a few kilobytes, and sums of two stretches of draws add up to those of both.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from registry.networks import heads
from registry.networks.forecast import Forecast
from registry.networks.heads import NATS_PER_BIT, Drawn

SCALES = (-1.0, -0.5, -0.2, 0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0)
BLOCK = 100  # draws whose sums are kept together: slopes are compared from block to block
WIDTH = 1e-4  # of the difference that gives the variance
ROUNDS = 60


def calibration(said: Forecast, drawn: Drawn, dates: Sequence[str]) -> dict[str, Any]:
    """Sums over blocks of draws, and per ball how often it came and was expected to.

    `dates` are those of the B draws, oldest first. A mixture of several set distributions is taken
    as the one with its inclusion probabilities, which differs from it in the third decimal at most.
    """
    expected = said.inclusion(drawn)  # (B, n + m)
    alone = drawn.at(0)  # every member speaks of the same draws
    th = own_logits(said, expected, alone)
    chances = [_scaled(th, alone, b) for b in SCALES]
    wider = [
        _scaled(th, alone, b + WIDTH)[1] - _scaled(th, alone, b - WIDTH)[1] for b in SCALES
    ]
    gains = torch.stack([gain for gain, _ in chances]) / NATS_PER_BIT  # (scales, B)
    means = torch.stack([mean for _, mean in chances])
    variances = torch.stack(wider) / (2.0 * WIDTH)
    score = th.gather(-1, alone.balls).sum(-1)  # (B,)
    starts = range(0, len(dates), BLOCK)
    blocks = [
        {
            "first": dates[i],
            "last": dates[min(i + BLOCK, len(dates)) - 1],
            "draws": len(dates[i : i + BLOCK]),
            "score": float(score[i : i + BLOCK].sum()),
            **{
                name: rows[:, i : i + BLOCK].sum(1).tolist()
                for name, rows in (("gains", gains), ("means", means), ("variances", variances))
            },
        }
        for i in starts
    ]
    came = torch.zeros_like(expected).scatter_(-1, alone.balls, 1.0)
    return {
        "scales": list(SCALES),
        "blocks": blocks,
        "white": drawn.white,
        "observed": came.sum(0).int().tolist(),
        "expected": [round(value, 6) for value in expected.sum(0).tolist()],
        "variance": [
            round(value, 6) for value in (expected * (1.0 - expected)).sum(0).tolist()
        ],
    }


def own_logits(said: Forecast, expected: Tensor, drawn: Drawn) -> Tensor:
    """The natural parameters (B, n + m) of a forecast, or of the one set distribution like it."""
    if len(said.logits) == 1:
        return heads.clamped(said.logits[0], drawn.white)
    return _match(expected, drawn)


def _scaled(th: Tensor, drawn: Drawn, b: float) -> tuple[Tensor, Tensor]:
    """Of the forecast with logits b th: nats gained (B,) and the mean of th.x it expects (B,)."""
    nats, chance = heads.gain_and_inclusion(b * th, drawn)
    return nats, (th * chance).sum(-1)


def _match(wanted: Tensor, drawn: Drawn) -> Tensor:
    """Logits th (B, n + m) whose inclusion probabilities are the wanted ones."""
    there = wanted > 0.0
    safe = wanted.clamp(1e-12, 1.0 - 1e-12)
    aim = torch.logit(safe)
    th = torch.where(there, aim, 0.0)
    for _ in range(ROUNDS):
        _, chance = heads.gain_and_inclusion(th, drawn)
        step = torch.where(there, aim - torch.logit(chance.clamp(1e-12, 1.0 - 1e-12)), 0.0)
        th = th + step
        if float(step.abs().max()) < 1e-10:
            break
    return th
