"""The reference skeptics: closed-form forecasts that "train" like networks (statistics.md 3.4).

Each is a mixture of J fixed learners. Draw by draw, a learner's weight follows how well it has
forecast so far (Bayes, prior `log_prior`), so the mixture never falls more than log2(J) bits behind
its best learner:

* uniform: the fair drum, J = 1;
* counts: weights c_i + s k / n from the counts so far, s in SHRINKAGE;
* overlap: the balls of the previous draw have odds ratio r, r in ODDS_RATIOS.

Counts never cross a change of the matrix.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from registry.networks import heads
from registry.networks.features import Tables, existing, multi_hot
from registry.networks.history import History
from registry.networks.spec import COMPONENTS, ODDS_RATIOS, SHRINKAGE, NetSpec

Floats = NDArray[np.float64]

CHUNK = 1024  # draws scored at once


def learner_logits(history: History, spec: NetSpec) -> Tensor:
    """What every learner says before each draw: logits (N, J, n + m), float64."""
    if spec.encoder == "uniform":
        th = np.zeros((len(history), COMPONENTS["uniform"], spec.balls))
    else:
        th = _counts(history, spec) if spec.encoder == "counts" else _overlap(history, spec)
    return torch.from_numpy(_through_clamp(th, spec.white))


def learner_gains(logits: Tensor, tables: Tables) -> Tensor:
    """Nats above chance of every learner at each draw: (N, J, n + m) -> (J, N)."""
    parts, learners = [], logits.shape[1]
    for start in range(0, len(logits), CHUNK):
        stop = min(start + CHUNK, len(logits))
        index = torch.arange(start, stop, device=logits.device)
        drawn = tables.drawn(index.expand(learners, -1))
        parts.append(heads.gain(logits[start:stop].transpose(0, 1), drawn))
    return torch.cat(parts, 1)


def learner_weights(log_prior: Tensor, gains: Tensor) -> Tensor:
    """Log weights before each draw: prior (K, J) and gains (J, N) -> (K, J, N).

    Gains of K histories, one per model, are (K, J, N).
    """
    past = torch.zeros_like(gains)
    past[..., 1:] = gains[..., :-1].cumsum(-1)
    return torch.log_softmax(log_prior.double().unsqueeze(-1) + past, 1)


def mixture_gains(log_prior: Tensor, gains: Tensor) -> Tensor:
    """Nats above chance of the whole mixture at each draw, per model: (K, N)."""
    return torch.logsumexp(learner_weights(log_prior, gains) + gains, 1)


def _counts(history: History, spec: NetSpec) -> Floats:
    """log(c_i + s k / n), relative to its fair value; 0 for s = infinity. (N, J, n + m)"""
    seen = _counts_before(history, spec)  # (N, n + m)
    n, w = len(history), spec.white
    share = np.empty((n, spec.balls))
    share[:, :w] = (spec.picks / history.white_size)[:, None]
    share[:, w:] = (1.0 / history.bonus_size)[:, None]
    finite = [np.log((seen + s * share) / (s * share)) for s in SHRINKAGE if math.isfinite(s)]
    return np.stack([*finite, np.zeros_like(share)], 1)


def _counts_before(history: History, spec: NetSpec) -> Floats:
    """How often each ball came earlier in the same matrix. (N, n + m)"""
    sizes = np.stack([history.white_size, history.bonus_size], 1)
    changed = np.flatnonzero((sizes[1:] != sizes[:-1]).any(1)) + 1
    hot = multi_hot(history, spec).astype(np.float64)
    return np.vstack([era.cumsum(0) - era for era in np.split(hot, changed)])


def _overlap(history: History, spec: NetSpec) -> Floats:
    """log r for the white balls of the previous draw that still exist, 0 for all others. (N, J, n + m)"""
    before = np.zeros((len(history), spec.balls))
    before[1:, : spec.white] = multi_hot(history, spec)[:-1, : spec.white]
    before *= existing(history, spec)
    return before[:, None, :] * np.log(ODDS_RATIOS)[:, None]


def _through_clamp(th: Floats, white: int) -> Floats:
    """Logits that the head's soft clamp turns into exactly these th."""
    th[..., :white] = heads.LIMIT * np.arctanh(th[..., :white] / heads.LIMIT)
    return th
