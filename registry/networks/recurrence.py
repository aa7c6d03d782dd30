"""The recurrent part of K gated recurrent units (Cho et al. 2014, in torch's form), with its
gradient by hand: the weights' gradient is then one matrix product over all time steps, not W.

    r, z = sigmoid(gate_rz + own_rz),  n = tanh(gate_n + r * own_n),  h' = n + z * (h - n)

with own = h V + c, and the gates x U + b computed beforehand for all steps.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def recur(gates: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Hidden states (K, W, B, H) from input gates (K, W, B, 3 H), weight (K, H, 3 H), bias (K, 1, 3 H)."""
    if torch.compiler.is_exporting():
        return _unrolled(gates, weight, bias)
    node: Callable[..., Tensor] = Recurrence.apply
    return node(gates, weight, bias)


def _unrolled(gates: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """The same for an exporter, which would write every store into an array as a scatter."""
    size = gates.shape[-1] // 3
    h, states = torch.zeros_like(gates[:, 0, :, :size]), []
    for gate in gates.unbind(1):
        own = torch.baddbmm(bias, h, weight)  # (K, B, 3 H)
        both = torch.sigmoid(own[..., : 2 * size] + gate[..., : 2 * size])
        reset, update = both.chunk(2, -1)
        new = torch.tanh(gate[..., 2 * size :] + reset * own[..., 2 * size :])
        h = new + update * (h - new)
        states.append(h)
    return torch.stack(states, 1)


class Recurrence(torch.autograd.Function):
    """`recur` as one node of the graph. The gates lie as reset, update, new."""

    @staticmethod
    def forward(ctx: Any, gates: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Step through the window, keeping what the way back needs."""
        k, steps, b, width = gates.shape
        size = width // 3
        states = gates.new_zeros(k, steps + 1, b, size)  # h before each step, and the last one
        owns = gates.new_empty(steps, k, b, width)  # r, z, own_n
        news = gates.new_empty(steps, k, b, size)  # n
        for t in range(steps):
            gate, own, h = gates[:, t], owns[t], states[:, t]
            torch.baddbmm(bias, h, weight, out=own)  # (K, B, 3 H)
            own[..., : 2 * size].add_(gate[..., : 2 * size]).sigmoid_()
            reset, update, heard = own.chunk(3, -1)  # (K, B, H) each
            new = torch.addcmul(gate[..., 2 * size :], reset, heard, out=news[t]).tanh_()
            torch.lerp(new, h, update, out=states[:, t + 1])
        ctx.save_for_backward(states, owns, news, weight)
        return states[:, 1:]

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Back through time; `slopes[0]` (K, W, B, H) is the loss' slope by the states."""
        states, owns, news, weight = ctx.saved_tensors
        steps, k, b, width = owns.shape
        size, back = width // 3, weight.transpose(1, 2)  # (K, 3 H, H)
        by_own = owns.new_empty(k, steps, b, width)  # slope by h V + c
        by_new = owns.new_empty(k, steps, b, size)  # slope by gate_n
        slope = torch.zeros_like(news[0])  # (K, B, H), by the state of step t
        for t in range(steps - 1, -1, -1):
            (reset, update, heard), new = owns[t].chunk(3, -1), news[t]
            to_reset, to_update, to_heard = by_own[:, t].chunk(3, -1)
            slope = slope + slopes[0][:, t]
            stay = slope * update
            fresh = slope - stay
            torch.mul((states[:, t] - new).mul_(update), fresh, out=to_update)
            torch.addcmul(fresh, fresh * new, new, value=-1, out=by_new[:, t])
            torch.mul(by_new[:, t], reset, out=to_heard)
            torch.mul(to_heard * heard, 1.0 - reset, out=to_reset)
            slope = torch.baddbmm(stay, by_own[:, t], back)
        flat = by_own.view(k, steps * b, width)
        before = states[:, :-1].reshape(k, steps * b, size)
        by_gates = torch.cat((by_own[..., : 2 * size], by_new), -1)
        return by_gates, torch.bmm(before.transpose(1, 2), flat), flat.sum(1, keepdim=True)
