"""The head: one exact probability for the whole drawn set, and its score against a fair drum.

White balls: conditional Bernoulli, P(S) = prod_{i in S} w_i / e_k(w) with w = exp(th) and e_k the
elementary symmetric polynomial; bonus ball: softmax. Everything in float64 (statistics.md 1.2, 1.3).
A score is a *gain*: nats above the fair drum of the draw's own matrix, so that logits of zero score
exactly 0. Gradients are written by hand: d gain / d th = x - pi.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

LIMIT = 12.0  # |th| <= 12, softly: e_5 of 69 balls then stays between 1e-52 and 1e8
CACHED = 512  # draws whose intermediate values fit a core's cache
LOWEST = 1e9  # minus this is the logit of a ball that is not there
NATS_PER_BIT = math.log(2)


class Drawn(NamedTuple):
    """What was drawn, and out of which matrix. The leading axes are those of the logits.

    `exists` is None where every draw has the largest matrix; `sets` = C(n, k) and `bonuses` = m
    are numbers then, and one per draw otherwise.
    """

    balls: (
        Tensor  # (..., k + 1) int64, where among the n + m the drawn balls are; the bonus last
    )
    exists: Tensor | None  # (..., n + m) bool
    sets: Tensor | float  # (...,)
    bonuses: Tensor | float  # (...,)
    white: int  # n
    picks: int  # k

    def at(self, i: int) -> "Drawn":
        """The i-th entry of the first axis."""
        return self._pick(i)

    def part(self, start: int, stop: int) -> "Drawn":
        """A part of the first axis."""
        return self._pick(slice(start, stop))

    def _pick(self, which: int | slice) -> "Drawn":
        if self.exists is None:
            return self._replace(balls=self.balls[which])
        sets, bonuses = (torch.as_tensor(size)[which] for size in (self.sets, self.bonuses))
        exists = self.exists[which]
        return self._replace(balls=self.balls[which], exists=exists, sets=sets, bonuses=bonuses)


def elementary(w: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Elementary symmetric polynomials: e_k(w) (...,) and, per ball, e_{k-1} of the others (..., n).

    Only sums of positive terms, so nothing cancels. Level a holds e_a of the first a, a + 1, ...
    balls, one cumulative sum over level a - 1, from both ends at once; without ball i,
    e_{k-1} = sum_a e_a(before i) e_{k-1-a}(after i), and n - k + 1 of its terms are not zero.
    """
    both = torch.stack((w, w.flip(-1)))  # (2, ..., n)
    levels = [both.cumsum(-1)]
    for a in range(1, k - 1):
        levels.append((both[..., a:] * levels[-1][..., :-1]).cumsum(-1))
    terms = w.shape[-1] - k + 1
    before = [level[0, ..., :terms] for level in levels]  # e_1 .. e_{k-1} of the balls before
    after = [level[1, ..., :terms].flip(-1) for level in levels]  # ... of the balls after
    without = torch.zeros_like(w)
    without[..., :terms] += after[-1]
    without[..., k - 1 :] += before[-1]
    for a in range(1, k - 1):
        without[..., a : a + terms].addcmul_(before[a - 1], after[k - 2 - a])
    return (w[..., k - 1 :] * before[-1]).sum(-1), without


def gain(logits: Tensor, drawn: Drawn) -> Tensor:
    """Nats above the fair drum of each draw: logits (..., n + m) -> (...,). Not differentiable."""
    return gain_and_gradient(logits, drawn)[0]


def gain_and_gradient(logits: Tensor, drawn: Drawn) -> tuple[Tensor, Tensor]:
    """The gain (...,) in nats and its derivative by the logits (..., n + m), both float64.

    On a CPU a few models at a time: what they need fits the cache, and no bit depends on it.
    """
    return _few_at_a_time(_gain_and_gradient, logits, drawn)


def gain_and_chances(logits: Tensor, drawn: Drawn) -> tuple[Tensor, Tensor]:
    """The gain (...,), bit by bit that of `gain`, and what `inclusion` says (..., n + m)."""
    return _few_at_a_time(_gain_and_chances, logits, drawn)


Rule = Callable[[Tensor, Drawn], tuple[Tensor, Tensor]]


def _few_at_a_time(rule: Rule, logits: Tensor, drawn: Drawn) -> tuple[Tensor, Tensor]:
    size = max(1, CACHED // logits[0, ..., 0].numel())
    if logits.dim() < 3 or len(logits) <= size or logits.is_cuda:
        return rule(logits, drawn)
    starts = range(0, len(logits), size)
    parts = [rule(logits[i : i + size], drawn.part(i, i + size)) for i in starts]
    return torch.cat([first for first, _ in parts]), torch.cat([second for _, second in parts])


def _gain_and_chances(logits: Tensor, drawn: Drawn) -> tuple[Tensor, Tensor]:
    scores = _scores(logits, drawn.white)[0]
    chance, surplus = _chances(scores, drawn)
    return scores.gather(-1, drawn.balls).sum(-1) - surplus, chance


def _gain_and_gradient(logits: Tensor, drawn: Drawn) -> tuple[Tensor, Tensor]:
    n = drawn.white
    scores, share = _scores(logits, n)
    chance, surplus = _chances(scores, drawn)
    nats = scores.gather(-1, drawn.balls).sum(-1) - surplus
    gradient = _add_at(chance.neg_(), drawn.balls, 1.0)
    gradient[..., :n] *= 4.0 * share * (1.0 - share)  # the clamp's own derivative
    return nats, gradient


def inclusion(logits: Tensor, drawn: Drawn) -> Tensor:
    """Probability of each ball to be drawn (..., n + m): the white ones sum to k, the bonus to 1."""
    return _chances(_scores(logits, drawn.white)[0], drawn)[0]


def clamped(logits: Tensor, white: int) -> Tensor:
    """The natural parameters th (..., n + m) that a network's logits stand for."""
    return _scores(logits, white)[0]


def gain_and_inclusion(scores: Tensor, drawn: Drawn) -> tuple[Tensor, Tensor]:
    """Of natural parameters (not clamped any more): nats above the fair drum of each draw (...,),
    and the probability of each ball to be drawn (..., n + m).
    """
    shifted = scores.clone()
    chance, surplus = _chances(shifted, drawn)
    return shifted.gather(-1, drawn.balls).sum(-1) - surplus, chance


def cross_entropy_and_gradient(logits: Tensor, drawn: Drawn) -> tuple[Tensor, Tensor]:
    """The original Helios' loss in nats (...,) and its derivative by the logits (..., n + m).

    Softmax over the white balls against 1/k on each drawn one, plus softmax over the bonus balls:
    ln 69 + ln 26 = 7.4922 nats for logits of zero.
    """
    scores, n = logits.double(), drawn.white
    if drawn.exists is not None:
        scores = scores.masked_fill(~drawn.exists, -LOWEST)
    logs = torch.cat((scores[..., :n].log_softmax(-1), scores[..., n:].log_softmax(-1)), -1)
    white, bonus = drawn.balls[..., :-1], drawn.balls[..., -1:]
    nats = -logs.gather(-1, white).mean(-1) - logs.gather(-1, bonus).squeeze(-1)
    slope = _add_at(logs.exp(), white, -1.0 / drawn.picks)
    return nats, _add_at(slope, bonus, -1.0)


def _add_at(values: Tensor, balls: Tensor, amount: float) -> Tensor:
    """Add to the values (..., n + m) of some balls (..., k), in place."""
    return values.scatter_add_(-1, balls, values.new_full((1,), amount).expand_as(balls))


def _scores(logits: Tensor, white: int) -> tuple[Tensor, Tensor]:
    """th of the white balls and the logits of the bonus balls (..., n + m), and, of the white ones,
    where th lies between its limits: share = (1 + tanh(logit / LIMIT)) / 2 (..., n).
    """
    scores = logits.double()
    share = torch.sigmoid(scores[..., :white] * (2.0 / LIMIT))
    return torch.cat(((share - 0.5) * (2.0 * LIMIT), scores[..., white:]), -1), share


def _chances(scores: Tensor, drawn: Drawn) -> tuple[Tensor, Tensor]:
    """Each ball's probability to be drawn (..., n + m), and how much larger than a fair drum's the
    normalising constants are, in nats (...,).

    Shifts `scores` in place: they end below the maximum of their drum. The maximum instead of the
    mean, so that equal scores become exactly 0 and a fair forecast's surplus log(1) = 0.
    """
    n = drawn.white
    w = _weights(scores[..., :n], None if drawn.exists is None else drawn.exists[..., :n])
    u = _weights(scores[..., n:], None if drawn.exists is None else drawn.exists[..., n:])
    e, without = elementary(w, drawn.picks)  # (...,), (..., n)
    total = u.sum(-1)  # (...,)
    chance = torch.cat((w * without / e.unsqueeze(-1), u / total.unsqueeze(-1)), -1)
    return chance, torch.log((e / drawn.sets) * (total / drawn.bonuses))


def _weights(scores: Tensor, exists: Tensor | None) -> Tensor:
    """exp(score) after shifting the scores in place; a ball that is not there weighs 0. (..., n)"""
    there = scores if exists is None else scores.masked_fill(~exists, -math.inf)
    scores -= there.amax(-1, keepdim=True)
    return scores.exp() if exists is None else scores.exp().masked_fill_(~exists, 0.0)


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
