"""Torch files to safetensors and back: a program of its own, run in a process of its own.

    python -m registry.networks.legacy import model.pth model.safetensors
    python -m registry.networks.legacy export model.safetensors model.pth

A torch file is a pickle. It is read with `weights_only=True` and never otherwise; what that
refuses is refused. The last line of the output says why.
"""

import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

MEMORY = 6 * 1024**3  # bytes of addresses; torch alone maps more than one GB
CPU_SECONDS = 50
FILE_BYTES = 1024**3
_NESTS = ("state_dict", "model_state_dict", "model")


class Refused(Exception):
    """The file does not hold what a model is made of."""


def bound_this_process(cpu_seconds: int = CPU_SECONDS) -> None:
    """No more memory, time and file size than a conversion needs."""
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))


def read_torch(path: Path) -> dict[str, Tensor]:
    """The float32 tensors of a torch file by name; Refused for anything else in it."""
    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        first = (
            str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        )
        raise Refused(f"Torch does not read it as plain weights: {first[:200]}") from error
    for name in _NESTS:
        if isinstance(held, Mapping) and isinstance(held.get(name), Mapping):
            held = held[name]
    return {_name(name): _plain(name, tensor) for name, tensor in _items(held)}


def _items(held: Any) -> list[tuple[Any, Any]]:
    if not isinstance(held, Mapping) or not held:
        raise Refused("It does not hold a dictionary of tensors (a state_dict).")
    return list(held.items())


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise Refused("The name of a tensor is not text.")
    return name


def _plain(name: str, tensor: Any) -> Tensor:
    if not isinstance(tensor, Tensor) or tensor.is_sparse or not tensor.is_floating_point():
        raise Refused(f"{name!r} is not a dense tensor of floating-point numbers.")
    return tensor.detach().to(torch.float32).contiguous().clone()


def main(direction: str, source: str, target: str) -> None:
    """Convert one file."""
    bound_this_process()
    if direction == "import":
        save_file(read_torch(Path(source)), target)
    else:
        torch.save(load_file(source), target)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Refused as refusal:
        print(refusal)  # noqa: T201 - the parent reads it
        sys.exit(1)
