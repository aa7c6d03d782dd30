"""Torch files and ONNX graphs, made by a process of its own that may do little and lives shortly.

The web process never imports torch, and a file from outside is never unpickled where there are
secrets: the child has no database, no settings, an empty environment and bounds on time and size.
"""

import io
import json
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from memory.refusals import Refusal
from registry.storage import MAX_TENSORS, MAX_WEIGHTS_BYTES, BadFile

SECONDS = 60  # importing torch takes 2 to 4
ONNX_SECONDS = 240  # a GRU is unrolled; 20 s on two shared cores
PATIENCE = 120  # seconds that a conversion waits for another one
_LEGACY = "registry.networks.legacy"
_ONNX = "registry.networks.onnx_export"

# One at a time: each takes a core and half a gigabyte, and training needs both.
_turn = threading.Lock()


class Busy(Refusal):
    """Too many want the same; nothing was changed."""

    status = 503
    code = "busy"


def to_safetensors(raw: bytes) -> bytes:
    """The tensors of a torch file as safetensors; BadFile for anything but plain tensors."""
    _check_zip(raw)
    return _convert(_LEGACY, ["import"], {"source": raw})


def to_torch(raw: bytes) -> bytes:
    """Safetensors as a torch file, for `torch.load(..., weights_only=True)`."""
    return _convert(_LEGACY, ["export"], {"source": raw})


def to_onnx(raw: bytes, network: Mapping[str, Any]) -> bytes:
    """Safetensors of a network as an ONNX graph; needs the extra of requirements-onnx.txt."""
    files = {"source": raw, "network": json.dumps(dict(network)).encode()}
    return _convert(_ONNX, [], files, ONNX_SECONDS)


def _check_zip(raw: bytes) -> None:
    """Refuse what is not a zip as torch writes it, before anything unpacks it."""
    try:
        members = zipfile.ZipFile(io.BytesIO(raw)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise BadFile("The file is not one that torch.save writes.") from error
    if len(members) > MAX_TENSORS + 100:
        raise BadFile(f"The file has {len(members):,} parts.")
    if sum(member.file_size for member in members) > MAX_WEIGHTS_BYTES:
        raise BadFile(f"The file unpacks to more than {MAX_WEIGHTS_BYTES:,} bytes.")


def _convert(
    module: str, words: list[str], files: Mapping[str, bytes], seconds: int = SECONDS
) -> bytes:
    """What `module` makes of `files`: they lie in a folder, and the result beside them."""
    if not _turn.acquire(timeout=PATIENCE):
        raise Busy("Other files are being converted; try again in a minute.")
    try:
        with tempfile.TemporaryDirectory(prefix="helios-convert-") as place:
            for name, raw in files.items():
                (Path(place) / name).write_bytes(raw)
            paths = [str(Path(place) / name) for name in (*files, "target")]
            return _run([sys.executable, "-m", module, *words, *paths], place, seconds)
    finally:
        _turn.release()


def _run(command: list[str], place: str, seconds: int) -> bytes:
    """The last path of the command, written by it; BadFile with its last words otherwise."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command,
            cwd=settings.BASE_DIR,
            env={"PATH": "", "HOME": place, "PYTHONPATH": str(settings.BASE_DIR)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BadFile(f"Converting the file took more than {seconds} s.") from error
    target = Path(command[-1])
    if done.returncode != 0 or not target.is_file():
        words = done.stdout.decode(errors="replace").strip().splitlines()
        raise BadFile(words[-1][:300] if words else "The file could not be read by torch.")
    return target.read_bytes()
