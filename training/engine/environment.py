"""What the bits of a run depend on besides its configuration and its draws."""

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

import registry.networks
import training.engine
from training.engine.config import Config
from training.engine.data import resolve_device
from training.engine.selection import Split

ROOT = Path(training.engine.__file__).resolve().parents[2]
PACKAGES = (registry.networks, training.engine)  # the source that decides the bits
# What must be equal for equal bits. A commit or a Python of its own changes none by itself.
EXACT = ("code", "torch", "numpy", "threads", "cpu", "device", "device_name")

CHANGED = "changed"  # names what was no longer the same when a run went on
Environment = dict[str, str | int]


class Used(Protocol):
    """Which draws a run uses, and for what."""

    @property
    def split(self) -> Split: ...
    @property
    def fingerprint(self) -> str: ...


def environment(config: Config, data: Used) -> Environment:
    """Versions, threads, processor, and which draws were used for what, as JSON types."""
    split, device = data.split, resolve_device(config.device)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    parts = {"train": split.train, "val": split.val, "test": split.test}
    return {
        "code": code_version(),
        "commit": commit() or "not recorded",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "threads": torch.get_num_threads(),
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "device": device.type,
        "device_name": name,
        "draws": data.fingerprint,
        "split": " ".join(f"{key} {part.start}:{part.stop}" for key, part in parts.items()),
    }


def differences(then: Mapping[str, str | int], here: Mapping[str, str | int]) -> list[str]:
    """Why the same bits cannot be promised here: what differs from `then`, in words."""
    changed = [name for name in EXACT if then.get(name) != here[name]]
    return [
        f"trained by other code ({_short(then)}, here {_short(here)})"
        if name == "code"
        else f"{name} was {then.get(name, 'not recorded')}, is {here[name]}"
        for name in changed
    ]


@cache
def code_version() -> str:
    """SHA-256 over the files of `PACKAGES`, as they were when this process first asked."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted(Path(package.__path__[0]).glob("*.py")):
            digest.update(f"{package.__name__}/{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


@cache
def commit() -> str:
    """The commit that is checked out, or "" where this is no clone. Read without git."""
    try:
        folder = _git_folder(ROOT / ".git")
        head = (folder / "HEAD").read_text().strip()
        return _resolve(folder, head.removeprefix("ref: ")) if " " in head else head
    except OSError:
        return ""


def _git_folder(dot_git: Path) -> Path:
    """`.git`, or what the file of that name in a worktree points to."""
    if dot_git.is_dir():
        return dot_git
    return dot_git.parent / dot_git.read_text().strip().removeprefix("gitdir: ")


def _resolve(folder: Path, name: str) -> str:
    """The commit of a branch: a file of its own, or a line of `packed-refs`."""
    shared = folder / "commondir"
    top = folder / shared.read_text().strip() if shared.is_file() else folder
    if (top / name).is_file():
        return (top / name).read_text().strip()
    packed = (top / "packed-refs").read_text().splitlines()
    return next((line.split()[0] for line in packed if line.endswith(f" {name}")), "")


def _short(found: Mapping[str, str | int]) -> str:
    return str(found.get("code", "not recorded"))[:12]
