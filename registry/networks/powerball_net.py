"""PowerballNet: one configurable network as pure functions over a flat (K, P) parameter tensor.

K models of the same shape lie in the rows and compute together; a single model is K = 1.
B is the batch, W the window, N + M the balls of both drums (n + m in the formulas).
"""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from registry.networks.recurrence import recur
from registry.networks.spec import NetSpec, layout, parameter_count

LANES = (
    32  # rows are padded to whole vector registers: a row has the same bits wherever it lies
)

Parameters = Mapping[str, Tensor]
Drop = Callable[[Tensor], Tensor]


class Inputs(NamedTuple):
    """What the network sees of a batch; None where the feature is off."""

    window: Tensor | None  # (K, B, W, n + m) multi-hot; the GRU takes (K, W, B, n + m)
    context: Tensor | None  # (K, B, C) frequencies, gaps, day of the week

    def at(self, i: int) -> "Inputs":
        """The i-th entry of the first axis."""
        window = None if self.window is None else self.window[i]
        return Inputs(window, None if self.context is None else self.context[i])


class Dropout:
    """Silences a share of the units. Each model has its own random numbers, a function of its seed
    and the epoch alone, so a row of a sweep drops what the model trained alone would drop.
    """

    def __init__(
        self, rate: float, seeds: Sequence[int], epoch: int, device: torch.device
    ) -> None:
        self.keep = 1.0 - rate
        self.generators = [generator(seed, "dropout", epoch, device=device) for seed in seeds]

    def __call__(self, x: Tensor) -> Tensor:
        """(K, ...) -> (K, ...), scaled so that the mean stays."""
        mask = torch.empty_like(x)
        for row, random in zip(mask, self.generators, strict=True):
            row.bernoulli_(self.keep, generator=random)
        return x * mask.div_(self.keep)


def keep_all(x: Tensor) -> Tensor:
    """No dropout."""
    return x


def generator(
    seed: int, purpose: str, epoch: int = 0, *, device: torch.device | str = "cpu"
) -> torch.Generator:
    """Counter-based randomness: a generator that depends on (seed, purpose, epoch) only."""
    digest = hashlib.blake2b(f"{seed}/{purpose}/{epoch}".encode(), digest_size=8).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest, "big") >> 1)


def row_length(spec: NetSpec) -> int:
    """Length of a flat row: the parameters, padded with zeros to whole registers."""
    return -(-parameter_count(spec) // LANES) * LANES


def views(flat: Tensor, spec: NetSpec) -> dict[str, Tensor]:
    """The parameters of (K, P) as (K, *shape) views; a vector gets an axis for the batch, (K, 1, n)."""
    found, start = {}, 0
    for name, shape in layout(spec):
        size = math.prod(shape)
        lead = (1,) if len(shape) == 1 else ()
        found[name] = flat[:, start : start + size].view(len(flat), *lead, *shape)
        start += size
    return found


def initial(spec: NetSpec, seed: int) -> Tensor:
    """The parameters of one untrained model (P,). Its head is zero: training starts at chance."""
    flat, random = torch.zeros(1, row_length(spec)), generator(seed, "initial")
    for name, part in views(flat, spec).items():
        if name == "position":
            part.normal_(0.0, 0.02, generator=random)
        elif "norm" in name:
            part.fill_(1.0 if name.endswith("weight") else 0.0)
        elif not name.startswith("head") and not spec.is_baseline:
            bound = 1.0 / math.sqrt(_fan_in(name, spec))
            part.uniform_(-bound, bound, generator=random)
    return flat[0]


def forward(spec: NetSpec, p: Parameters, inputs: Inputs, drop: Drop = keep_all) -> Tensor:
    """Logits (K, B, n + m): white balls first, then the bonus balls."""
    return linear(p, "head", ENCODERS[spec.encoder](spec, p, inputs, drop))


def linear(p: Parameters, name: str, x: Tensor) -> Tensor:
    """(K, B, inputs) -> (K, B, outputs), each model with its own weights."""
    return torch.baddbmm(p[f"{name}.bias"], x, p[f"{name}.weight"])


def mlp(spec: NetSpec, p: Parameters, inputs: Inputs, drop: Drop) -> Tensor:
    """(K, B, W * (n + m) + C) -> (K, B, H)."""
    parts = [part.flatten(2) for part in inputs if part is not None]
    x = parts[0] if len(parts) == 1 else torch.cat(parts, -1)
    for i in range(spec.layers):
        x = drop(torch.relu(linear(p, f"layers.{i}", x)))  # (K, B, H)
    return x


def gru(spec: NetSpec, p: Parameters, inputs: Inputs, drop: Drop) -> Tensor:
    """(K, W, B, n + m) -> (K, B, H + C), from matrix products, which K models can share."""
    assert inputs.window is not None
    k, w, b, _ = inputs.window.shape
    x = torch.relu(linear(p, "embed", inputs.window.flatten(1, 2)))  # (K, W * B, E)
    for i in range(spec.layers):
        x = drop(x) if i else x
        gates = linear(p, f"gru.{i}.input", x).view(k, w, b, -1)  # (K, W, B, 3 H)
        states = recur(gates, p[f"gru.{i}.hidden.weight"], p[f"gru.{i}.hidden.bias"])
        x = states.flatten(1, 2)  # (K, W * B, H)
    return _with_context(drop(x[:, -b:]), inputs)


def transformer(spec: NetSpec, p: Parameters, inputs: Inputs, drop: Drop) -> Tensor:
    """(K, B, W, n + m) -> (K, B, H + C): pre-norm blocks, read at the newest draw."""
    assert inputs.window is not None
    k, b, w, _ = inputs.window.shape
    x = linear(p, "embed", inputs.window.flatten(1, 2)).view(k, b, w, -1)  # (K, B, W, H)
    x = (x + p["position"].unsqueeze(1)).flatten(1, 2)  # (K, B * W, H)
    for i in range(spec.layers):
        block = f"blocks.{i}"
        heard = _attention(
            spec, linear(p, f"{block}.qkv", _norm(p, f"{block}.norm1", x)), k * b
        )
        x = x + drop(linear(p, f"{block}.out", heard.view_as(x)))
        inner = F.gelu(
            linear(p, f"{block}.up", _norm(p, f"{block}.norm2", x))
        )  # (K, B * W, 4 H)
        x = x + drop(linear(p, f"{block}.down", inner))
    newest = x.view(k, b, w, -1)[:, :, -1]  # (K, B, H)
    return _with_context(_norm(p, "norm", newest), inputs)


def _attention(spec: NetSpec, qkv: Tensor, batch: int) -> Tensor:
    """Self-attention with the K models folded into the batch: (K, B * W, 3 H) -> (K * B, W, H)."""
    size = spec.hidden // spec.heads
    parts = qkv.reshape(batch, spec.window, 3, spec.heads, size).permute(2, 0, 3, 1, 4)
    query, key, value = parts.unbind(0)  # (K * B, heads, W, size)
    heard = F.scaled_dot_product_attention(query, key, value)
    return heard.transpose(1, 2).reshape(batch, spec.window, spec.hidden)


def _norm(p: Parameters, name: str, x: Tensor) -> Tensor:
    """Layer normalisation over the last axis, each model with its own scale."""
    scaled = F.layer_norm(x, x.shape[-1:])
    return torch.addcmul(p[f"{name}.bias"], scaled, p[f"{name}.weight"])


def _with_context(x: Tensor, inputs: Inputs) -> Tensor:
    return x if inputs.context is None else torch.cat((x, inputs.context), -1)


def _fan_in(name: str, spec: NetSpec) -> int:
    """Inputs of a unit, the scale of its first weights; a GRU's gates count the hidden size."""
    if name.startswith("gru."):
        return spec.hidden
    return dict(layout(spec))[name.replace(".bias", ".weight")][0]


ENCODERS = {"mlp": mlp, "gru": gru, "transformer": transformer}
