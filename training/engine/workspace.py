"""The models that still train: parameters as autograd leaves, and their optimizer.

Views are made once, not per step: they never move. Gradients land in one flat buffer, and AdamW is
torch's fused kernel on whole rows, one call per group of rows with equal settings.
"""

from collections import defaultdict
from dataclasses import dataclass

import torch
from torch import Tensor

from registry.networks.powerball_net import views
from training.engine.state import State

ENGINE = torch.autograd.Variable._execution_engine
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # AdamW's usual constants


@dataclass(frozen=True, slots=True)
class Group:
    """Rows with the same learning rate and weight decay, as the kernel takes them."""

    learning_rate: float
    weight_decay: float
    flat: list[Tensor]
    gradient: list[Tensor]
    mean: list[Tensor]
    square: list[Tensor]

    def step(self, steps: list[Tensor]) -> None:
        """One step of AdamW; `steps` are the steps of each row with this one."""
        torch._fused_adamw_(
            self.flat,
            self.gradient,
            self.mean,
            self.square,
            [],
            steps,
            lr=self.learning_rate,
            beta1=BETA1,
            beta2=BETA2,
            weight_decay=self.weight_decay,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
        )


def gradients(logits: Tensor, slope: Tensor, leaves: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The gradient by each leaf, from the loss' slope by the logits, both (K, B, n + m).

    What `torch.autograd.grad` calls, without the checks before it: they cost a fifth of a
    small network's pass, and the first one imports sympy, half a second of a new worker.
    """
    found: tuple[Tensor, ...] = ENGINE.run_backward(
        (logits,), (slope,), False, False, leaves, False, accumulate_grad=False
    )
    return found


class Workspace:
    """The active rows of a state: the state's own tensors while all rows train, copies after that."""

    def __init__(self, state: State) -> None:
        self.rows = state.active
        everyone = len(self.rows) == len(state.rows)
        names = ("flat", "mean", "square")
        whole = [getattr(state, name) for name in names]
        parts = whole if everyone else [part[self.rows] for part in whole]
        self._copied = [] if everyone else list(zip(whole, parts, strict=True))
        self.flat, self.mean, self.square = parts
        self.gradient = torch.zeros_like(self.flat)
        self.leaves = views(self.flat.detach(), state.spec)
        self._leaves = tuple(leaf.requires_grad_() for leaf in self.leaves.values())
        self._slopes = list(views(self.gradient, state.spec).values())
        self.groups: list[Group] = []
        self._step = torch.tensor(float(state.step), device=self.flat.device)

    def set_rates(self, rates: list[tuple[float, float]]) -> None:
        """Take each row's (learning rate, weight decay) for the coming epoch."""
        members: dict[tuple[float, float], list[int]] = defaultdict(list)
        for k, rate in enumerate(rates):
            members[rate].append(k)
        parts = (self.flat, self.gradient, self.mean, self.square)
        self.groups = [
            Group(
                *rate,
                *([part] if len(ks) == len(rates) else [part[k] for k in ks] for part in parts),
            )
            for rate, ks in members.items()
        ]

    def backward(self, logits: Tensor, slope: Tensor) -> None:
        """Fill the flat gradient from the loss' slope by the logits, both (K, B, n + m)."""
        torch._foreach_copy_(self._slopes, gradients(logits, slope, self._leaves))

    def clip(self, norm: Tensor, longest: float) -> None:
        """Shorten each row's gradient to `longest`; `norm` (K,) are the lengths now."""
        self.gradient.mul_((longest / (norm + 1e-6)).clamp(max=1.0).unsqueeze(1))

    def adamw(self) -> None:
        """One step of AdamW (Loshchilov & Hutter 2019) on every row."""
        self._step += 1
        for group in self.groups:
            group.step([self._step] * len(group.flat))

    def store(self) -> None:
        """Write the copies back, so that the state is whole again."""
        for whole, part in self._copied:
            whole[self.rows] = part
