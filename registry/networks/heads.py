"""The head: one exact probability for the whole drawn set, and its score against a fair drum.

White balls: conditional Bernoulli, P(S) = prod_{i in S} w_i / e_k(w) with w = exp(th) and e_k the
elementary symmetric polynomial; bonus ball: softmax. Everything in float64 (statistics.md 1.2, 1.3).
A score is a *gain*: nats above the fair drum of the draw's own matrix, so that logits of zero score
exactly 0. Gradients are written by hand: d gain / d th = x - pi.
"""

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor

LIMIT = 12.0  # |th| <= 12, softly: e_5 of 69 balls then stays between 1e-52 and 1e8
NATS_PER_BIT = math.log(2)


class Drawn(NamedTuple):
    """What was drawn, and out of which matrix. The leading axes are those of the logits.

    `exists` is None where every draw has the largest matrix; `sets` = C(n, k) and `bonuses` = m
    are numbers then, and one per draw otherwise.
    """

    hot: Tensor  # (..., n + m) float64, 1 for a ball that was drawn
    exists: Tensor | None  # (..., n + m) bool
    sets: Tensor | float  # (...,)
    bonuses: Tensor | float  # (...,)
    white: int  # n
    picks: int  # k

    def at(self, i: int) -> "Drawn":
        """The i-th entry of the first axis."""
        if self.exists is None:
            return self._replace(hot=self.hot[i])
        sets, bonuses = torch.as_tensor(self.sets)[i], torch.as_tensor(self.bonuses)[i]
        return self._replace(hot=self.hot[i], exists=self.exists[i], sets=sets, bonuses=bonuses)


def elementary(w: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Elementary symmetric polynomials: e_k(w) (...,) and, per ball, e_{k-1} of the others (..., n).

    Only sums of positive terms, so nothing cancels: below[a, 0, ..., i] is e_a of the balls before
    i, below[a, 1, ..., i] of the i last ones, each level one cumulative sum over the one before.
    """
    both = torch.stack((w, w.flip(-1)))  # (2, ..., n)
    n = w.shape[-1]
    below = both.new_empty(k, *both.shape[:-1], n + 1)  # (k, 2, ..., n + 1)
    below[0] = 1.0
    below[1:, ..., 0] = 0.0
    for a in range(1, k):
        torch.cumsum(both * below[a - 1, ..., :n], -1, out=below[a, ..., 1:])
    before = below[:, 0, ..., :n]  # (k, ..., n)
    after = below[:, 1, ..., :n].flip(0, -1)  # (k, ..., n), e_{k-1-a} of the balls after i
    return (w * before[-1]).sum(-1), (before * after).sum(0)


def squash(logits: Tensor, white: int) -> Tensor:
    """th / LIMIT of the white logits, in (-1, 1), float64. (..., n)"""
    return torch.tanh(logits[..., :white] / LIMIT).double()


def _centred(th: Tensor, exists: Tensor | None) -> tuple[Tensor, Tensor]:
    """Logits below their maximum and their weights exp(th); a ball that is not there weighs 0.

    The maximum instead of the mean: equal logits become exactly 0.
    """
    if exists is None:
        th = th - th.amax(-1, keepdim=True)
        return th, th.exp()
    th = th - th.masked_fill(~exists, -math.inf).amax(-1, keepdim=True)
    return th, th.masked_fill(~exists, -math.inf).exp()


def _parts(exists: Tensor | None, white: int) -> tuple[Tensor | None, Tensor | None]:
    return (None, None) if exists is None else (exists[..., :white], exists[..., white:])


def gain(logits: Tensor, drawn: Drawn) -> Tensor:
    """Nats above the fair drum of each draw: logits (..., n + m) -> (...,). Not differentiable."""
    return gain_and_gradient(logits, drawn)[0]


def gain_and_gradient(logits: Tensor, drawn: Drawn) -> tuple[Tensor, Tensor]:
    """The gain (...,) in nats and its derivative by the logits (..., n + m), both float64."""
    n = drawn.white
    white_exists, bonus_exists = _parts(drawn.exists, n)
    squashed = squash(logits, n)
    th, w = _centred(squashed * LIMIT, white_exists)  # (..., n)
    z, u = _centred(logits[..., n:].double(), bonus_exists)  # (..., m)
    e, without = elementary(w, drawn.picks)  # (...,), (..., n)
    total = u.sum(-1)  # (...,)
    # Ratios to the fair drum's own C(n, k) and m, so that a fair forecast gains log(1) = 0 exactly.
    nats = (drawn.hot * torch.cat((th, z), -1)).sum(-1)
    nats = nats - torch.log(e / drawn.sets) - torch.log(total / drawn.bonuses)
    chance = torch.cat((w * without / e.unsqueeze(-1), u / total.unsqueeze(-1)), -1)
    gradient = drawn.hot - chance
    gradient[..., :n] *= 1.0 - squashed.square()
    return nats, gradient


def inclusion(logits: Tensor, drawn: Drawn) -> Tensor:
    """Probability of each ball to be drawn (..., n + m): the white ones sum to k, the bonus to 1."""
    n = drawn.white
    white_exists, bonus_exists = _parts(drawn.exists, n)
    _, w = _centred(squash(logits, n) * LIMIT, white_exists)
    _, u = _centred(logits[..., n:].double(), bonus_exists)
    e, without = elementary(w, drawn.picks)
    return torch.cat((w * without / e.unsqueeze(-1), u / u.sum(-1, keepdim=True)), -1)


def cross_entropy_and_gradient(logits: Tensor, drawn: Drawn) -> tuple[Tensor, Tensor]:
    """The original Helios' loss in nats (...,) and its derivative by the logits (..., n + m).

    Softmax over the white balls against 1/k on each drawn one, plus softmax over the bonus balls:
    ln 69 + ln 26 = 7.4922 nats for logits of zero.
    """
    n = drawn.white
    white_exists, bonus_exists = _parts(drawn.exists, n)
    th, w = _centred(logits[..., :n].double(), white_exists)
    z, u = _centred(logits[..., n:].double(), bonus_exists)
    a, b = w.sum(-1, keepdim=True), u.sum(-1, keepdim=True)
    target = torch.cat((drawn.hot[..., :n] / drawn.picks, drawn.hot[..., n:]), -1)
    nats = (a.log() + b.log()).squeeze(-1) - (target * torch.cat((th, z), -1)).sum(-1)
    return nats, torch.cat((w / a, u / b), -1) - target


class DrawGain(torch.autograd.Function):
    """`gain` as a differentiable function, for code that lives inside autograd."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, drawn: Drawn) -> Tensor:
        """Logits (..., n + m) -> gain in nats (...,)."""
        nats, gradient = gain_and_gradient(logits, drawn)
        ctx.save_for_backward(gradient.to(logits.dtype))
        return nats

    @staticmethod
    def backward(ctx: Any, *outputs: Tensor) -> tuple[Tensor, None]:
        """Chain the hand-written gradient."""
        (gradient,) = ctx.saved_tensors
        return gradient * outputs[0].unsqueeze(-1).to(gradient.dtype), None


def mixture(gains: Tensor, log_weights: Tensor) -> Tensor:
    """Gain of a weighted mixture of forecasts: (J, ...) and (J, ...) -> (...,), in nats."""
    return torch.logsumexp(gains + log_weights, 0)
