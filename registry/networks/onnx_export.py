"""A network as an ONNX graph: a program of its own, run in a process of its own.

    python -m registry.networks.onnx_export weights.safetensors network.json model.onnx

torch's exporter reads the one implementation there is, so the graph says what the model says. It
needs the extra of requirements-onnx.txt. Before the file is written the graph is run by onnx's
reference implementation and compared with torch. Inputs and outputs, for B draws:

    window (B, W, n + m)    the W draws before, oldest first, as zeros and ones; where it is read
    context (B, C)          `features.context` of the draw; where it is read
    logits (K, B, n + m)    of each member
    inclusion (B, n + m)    probability of each ball to be drawn, out of the network's whole matrix
"""

import contextlib
import json
import math
import os
import sys
from pathlib import Path

import numpy as np
import onnx
import onnx.reference
import torch
from safetensors.torch import load_file
from torch import Tensor

from registry.networks import heads
from registry.networks.heads import Drawn
from registry.networks.legacy import Refused, bound_this_process
from registry.networks.powerball_net import Inputs, forward
from registry.networks.spec import NETWORKS, NetSpec, layout

CPU_SECONDS = 150
TRIED = 3  # draws on which the graph is compared with torch
MOST_APART = 1e-4  # of a logit; float32 sums in another order
Parts = dict[str, Tensor]


class Forecaster(torch.nn.Module):
    """K members of one network as a module whose forward pass is what a prediction computes."""

    def __init__(self, spec: NetSpec, weights: Parts) -> None:
        super().__init__()
        self.spec, self.names = spec, [name for name, _ in layout(spec)]
        for number, name in enumerate(self.names):
            part = weights[name].float()
            self.register_buffer(f"p{number}", part if part.dim() > 2 else part.unsqueeze(1))

    def forward(self, *read: Tensor) -> tuple[Tensor, Tensor]:
        """What `inputs_of` names -> logits (K, B, n + m), inclusion (B, n + m)."""
        p = {name: self.get_buffer(f"p{i}") for i, name in enumerate(self.names)}
        members = len(p["head.weight"])
        seen = dict(zip(inputs_of(self.spec), read, strict=True))
        window, context = seen.get("window"), seen.get("context")
        if window is not None:
            window = window.transpose(0, 1) if self.spec.encoder == "gru" else window
            window = window.expand(members, *window.shape)
        if context is not None:
            context = context.expand(members, *context.shape)
        logits = forward(self.spec, p, Inputs(window, context))
        return logits, heads.inclusion(logits, _whole(self.spec)).mean(0)


def inputs_of(spec: NetSpec) -> list[str]:
    """Which inputs a network reads, in order."""
    reads = {"window": "window" in spec.features or spec.encoder != "mlp",
             "context": spec.context > 0}  # fmt: skip
    return [name for name, is_read in reads.items() if is_read]


def _whole(spec: NetSpec) -> Drawn:
    """A draw out of the largest matrix the network knows; nothing is said of its balls."""
    sets, nothing = math.comb(spec.white, spec.picks), torch.empty(0, dtype=torch.int64)
    return Drawn(nothing, None, float(sets), float(spec.bonus), spec.white, spec.picks)


def export(spec: NetSpec, weights: Parts) -> bytes:
    """The graph's bytes, compared with torch."""
    if spec.encoder not in NETWORKS:
        raise Refused(f"A {spec.encoder} baseline has no network that could be a graph.")
    module = Forecaster(spec, weights).eval()
    shapes = {"window": (TRIED, spec.window, spec.balls), "context": (TRIED, spec.context)}
    names = inputs_of(spec)
    random = torch.Generator().manual_seed(1)
    tried = tuple(torch.rand(shapes[name], generator=random) for name in names)
    draws = torch.export.Dim("draws", min=1, max=2**20)
    program = torch.onnx.export(
        module,
        tried,
        dynamo=True,
        optimize=False,  # two thirds of the time, and every runtime does it when it loads
        input_names=names,
        output_names=["logits", "inclusion"],
        dynamic_shapes=(tuple({0: draws} for _ in tried),),
    )
    assert program is not None  # only where it wrote a file itself
    raw: bytes = program.model_proto.SerializeToString()
    compare(raw, names, tried, module(*tried))
    return raw


def compare(
    raw: bytes, names: list[str], tried: tuple[Tensor, ...], said: tuple[Tensor, Tensor]
) -> None:
    """Refuse a graph that says something else than torch."""
    graph = onnx.reference.ReferenceEvaluator(onnx.load_from_string(raw))
    fed = {name: part.numpy() for name, part in zip(names, tried, strict=True)}
    for name, ours, theirs in zip(
        ("logits", "inclusion"), said, graph.run(None, fed), strict=True
    ):
        apart = float(np.abs(ours.numpy() - theirs).max())
        if not apart <= MOST_APART:
            raise Refused(f"The graph's {name} differ from torch's by {apart:.2g}.")


def main(source: str, network: str, target: str) -> None:
    """Export one file."""
    bound_this_process(cpu_seconds=CPU_SECONDS)
    torch.set_num_threads(1)
    spec = NetSpec.from_dict(json.loads(Path(network).read_text()))
    with Path(os.devnull).open("w") as silence, contextlib.redirect_stdout(silence):
        raw = export(spec, load_file(source))
    Path(target).write_bytes(raw)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Refused as refusal:
        print(refusal)  # noqa: T201 - the parent reads it
        sys.exit(1)
