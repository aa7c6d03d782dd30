"""The state as one safetensors file that proves its own integrity.

Tensors plus metadata: `progress` (JSON of everything that is not a tensor) and `sha256` over
the tensors and that JSON. Written to a temporary name, flushed to disk, then renamed.
"""

import dataclasses
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as read_tensors
from safetensors.numpy import save as write_tensors

from registry.networks.spec import NetSpec
from training.engine.config import Config, Row
from training.engine.reports import RowReport
from training.engine.state import Progress, State
from training.engine.stopping import EarlyStopping, Plateau, Runaway

FORMAT = "helios-checkpoint-1"
TENSORS = ("flat", "mean", "square", "best")

Arrays = dict[str, NDArray[np.float32]]


class CheckpointDamaged(Exception):
    """The file is torn, altered or another run's; fall back to the one before it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state as it was at one epoch boundary; another thread may write it while training goes on."""

    tensors: Arrays
    progress: str


def save(state: State, path: Path) -> None:
    """Write the state so that `path` is either the whole new file or what it was before."""
    write(_snapshot(state, copy=False), path)


def snapshot(state: State) -> Snapshot:
    """A copy of everything the state is."""
    return _snapshot(state, copy=True)


def _snapshot(state: State, *, copy: bool) -> Snapshot:
    tensors = {name: getattr(state, name).to("cpu", copy=copy).numpy() for name in TENSORS}
    return Snapshot(tensors, json.dumps(_progress(state), sort_keys=True))


def write(found: Snapshot, path: Path) -> None:
    """The same for a snapshot. Most of it (digest, writing, flushing) lets other threads run."""
    tensors, progress = found.tensors, found.progress
    metadata = {"format": FORMAT, "progress": progress, "sha256": _digest(tensors, progress)}
    scratch = path.with_name(path.name + ".tmp")
    with scratch.open("wb") as file:
        file.write(write_tensors(tensors, metadata))
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    _sync_folder(path.parent)


class Where(Protocol):
    """The draws that a state belongs to, and where they are."""

    @property
    def fingerprint(self) -> str: ...
    @property
    def device(self) -> torch.device: ...


def load(path: Path, config: Config, data: Where) -> State:
    """Read a state back; raise CheckpointDamaged unless it is whole and of this very run."""
    content = path.read_bytes()
    try:
        tensors = read_tensors(content)
        metadata = _metadata(content)
        found = metadata["sha256"], metadata["format"]
        expected = _digest(tensors, metadata["progress"]), FORMAT
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise CheckpointDamaged(f"{path.name} cannot be read: {error}") from error
    if found != expected:
        raise CheckpointDamaged(f"{path.name} does not match its own checksum.")
    progress = json.loads(metadata["progress"])
    if progress["config"] != config.as_dict() or progress["fingerprint"] != data.fingerprint:
        raise CheckpointDamaged(f"{path.name} belongs to another configuration or other draws.")
    return _state(progress, tensors, config, data.device)


def load_if_whole(path: Path | None, config: Config, data: Where) -> State | None:
    """The state that was saved, or None where there is none that can be gone on from."""
    if path is None:
        return None
    try:
        return load(path, config, data)
    except (CheckpointDamaged, FileNotFoundError):
        return None


def _progress(state: State) -> dict[str, Any]:
    """Everything of the state that is not a tensor, as JSON types; floats keep every bit."""
    return {
        "spec": state.spec.as_dict(),
        "config": state.config.as_dict(),
        "fingerprint": state.fingerprint,
        "epoch": state.epoch,
        "step": state.step,
        "environment": state.environment,
        "overall": dataclasses.asdict(state.overall),
        "rows": [dataclasses.asdict(progress) for progress in state.rows],
    }


def _state(
    progress: dict[str, Any], tensors: Arrays, config: Config, device: torch.device
) -> State:
    return State(
        spec=NetSpec.from_dict(progress["spec"]),
        config=config,
        fingerprint=progress["fingerprint"],
        rows=[_row(raw) for raw in progress["rows"]],
        overall=EarlyStopping(**progress["overall"]),
        epoch=progress["epoch"],
        step=progress["step"],
        environment=progress["environment"],
        **{name: torch.from_numpy(tensors[name].copy()).to(device) for name in TENSORS},
    )


def _row(raw: dict[str, Any]) -> Progress:
    return Progress(
        row=Row(**raw["row"]),
        stopping=EarlyStopping(**raw["stopping"]),
        plateau=Plateau(**raw["plateau"]),
        runaway=Runaway(**raw["runaway"]),
        last=None if raw["last"] is None else RowReport(**raw["last"]),
        diverged=raw["diverged"],
    )


def _digest(tensors: Arrays, progress: str) -> str:
    digest = hashlib.sha256(progress.encode())
    for name in TENSORS:
        array = tensors[name]
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _metadata(content: bytes) -> dict[str, str]:
    """The free text of a safetensors header: 8 bytes of length, then JSON."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    metadata: dict[str, str] = header["__metadata__"]
    return metadata


def _sync_folder(folder: Path) -> None:
    """A rename is on disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
