"""Weights on disk: written so that a crash leaves all or nothing, read with suspicion.

Pure: no Django, no torch. Below one root folder lies `<key>/<version>/` with two files.
Names that begin with a dot are ours (`.tmp`, `.trash`): no model's key begins with one.
A safetensors file is checked here before the library sees it: the library takes 17 s for a
header of 500,000 tensors and loads NaN, duplicate keys and flipped bits without complaint
(reliability.md L5, L6).
"""

import hashlib
import json
import math
import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

WEIGHTS = "weights.safetensors"
SIDECAR = "model.json"
UNFINISHED = ".tmp"
MAX_HEADER_BYTES = 1024 * 1024
MAX_TENSORS = 1_000
MAX_WEIGHTS_BYTES = 512 * 1024**2
MAX_SIDECAR_BYTES = 16 * 1024**2
MAX_UPLOAD_BYTES = (
    MAX_WEIGHTS_BYTES + 2 * 1024**2
)  # of a whole form: weights, sidecar, the rest
_ITEM_SIZE = {"F32": 4}
REMOVERS = 8  # threads
_LENGTH_BYTES = 8  # the header's length, little-endian, opens the file

Shapes = Mapping[str, tuple[int, ...]]


class BadFile(Exception):
    """A file that cannot be what it should be; the message is a sentence for a person."""


@dataclass(frozen=True)
class Written:
    """What now lies on disk."""

    weights_sha256: str
    sidecar_sha256: str
    size_bytes: int


def encode_weights(weights: Mapping[str, np.ndarray], shapes: Shapes) -> bytes:
    """Weights as the bytes of a safetensors file; float32, finite and of `shapes`, or BadFile."""
    arrays = {name: np.ascontiguousarray(array) for name, array in weights.items()}
    _compare({name: array.shape for name, array in arrays.items()}, shapes)
    for name, array in arrays.items():
        if array.dtype != np.float32:
            raise BadFile(f"The tensor {name!r} is {array.dtype}, not float32.")
    _check_finite(arrays)
    return save(arrays)


def decode_weights(raw: bytes, shapes: Shapes) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file, with exactly the names and `shapes` asked for.

    Raises BadFile for anything else: header too large, unknown, missing or doubled names,
    other shapes or types, overlaps, gaps, bytes too many or too few, values not finite.
    """
    _compare(read_header(raw), shapes)
    weights = load(raw)
    _check_finite(weights)
    return weights


def _check_finite(weights: Mapping[str, np.ndarray]) -> None:
    for name, array in weights.items():
        if not np.isfinite(array).all():
            raise BadFile(f"The tensor {name!r} holds values that are not finite.")


def read_header(raw: bytes) -> dict[str, tuple[int, ...]]:
    """Name and shape of each tensor, once every byte of the file is accounted for."""
    if len(raw) < _LENGTH_BYTES:
        raise BadFile("The file is too short to hold weights.")
    length = int.from_bytes(raw[:_LENGTH_BYTES], "little")
    if length > MAX_HEADER_BYTES:
        raise BadFile(f"The header is {length:,} bytes; at most {MAX_HEADER_BYTES:,} are read.")
    start = _LENGTH_BYTES + length
    try:
        header = json.loads(raw[_LENGTH_BYTES:start], object_pairs_hook=_no_twins)
    except (ValueError, RecursionError) as error:
        raise BadFile("The header is not readable.") from error
    if not isinstance(header, dict):
        raise BadFile("The header is not an object.")
    header.pop("__metadata__", None)
    if not 0 < len(header) <= MAX_TENSORS:
        raise BadFile(f"A model has 1 to {MAX_TENSORS:,} tensors, not {len(header):,}.")
    tensors = {name: _tensor(name, entry) for name, entry in header.items()}
    position = 0
    for name, (_, begin, end) in sorted(tensors.items(), key=lambda item: item[1][1:]):
        if begin != position:
            raise BadFile(f"The tensor {name!r} overlaps another or leaves a gap.")
        position = end
    if start + position != len(raw):
        raise BadFile(f"The file has {len(raw):,} bytes instead of {start + position:,}.")
    return {name: shape for name, (shape, _, _) in tensors.items()}


def _tensor(name: str, entry: Any) -> tuple[tuple[int, ...], int, int]:
    """Shape, first and last byte of one header entry."""
    try:
        kind, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
    except (TypeError, KeyError, ValueError) as error:
        raise BadFile(f"The header's entry {name!r} is not readable.") from error
    if kind not in _ITEM_SIZE:
        raise BadFile(f"The tensor {name!r} is {kind!r}; only F32 is read.")
    numbers = [*shape, begin, end] if isinstance(shape, list) else [None]
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise BadFile(f"The header's entry {name!r} is not readable.")
    if math.prod(shape) * _ITEM_SIZE[kind] != end - begin:
        raise BadFile(f"The tensor {name!r} has a shape that does not fit its bytes.")
    return tuple(shape), begin, end


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_TENSORS + 1 or len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("too many keys, or one twice")
    return dict(pairs)


def _compare(found: Shapes, wanted: Shapes) -> None:
    """Exactly the tensors of the network, no more and no fewer."""
    for name in sorted(found.keys() ^ wanted.keys()):
        verb = "is missing" if name in wanted else "does not belong to this network"
        raise BadFile(f"The tensor {name[:100]!r} {verb}.")
    for name, shape in wanted.items():
        if found[name] != tuple(shape):
            raise BadFile(f"The tensor {name!r} has shape {found[name]}, not {tuple(shape)}.")


def open_plain(path: Path) -> BufferedReader:
    """Open a plain file for reading; BadFile for links, pipes, devices and what is missing.

    Never follows a symbolic link and never waits for a pipe.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        reason = "is missing" if isinstance(error, FileNotFoundError) else "cannot be read"
        raise BadFile(f"{path.name} {reason}.") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise BadFile(f"{path.name} is not a plain file.")
    return os.fdopen(handle, "rb")


def read_file(path: Path, limit: int) -> bytes:
    """All bytes of a plain file of at most `limit` bytes; else BadFile."""
    with open_plain(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise BadFile(f"{path.name} has {size:,} bytes; the limit is {limit:,}.")
        try:
            return file.read()
        except OSError as error:
            raise BadFile(f"{path.name} cannot be read: {error.strerror}.") from error


def checked_file(path: Path, limit: int, sha256: str) -> bytes:
    """All bytes of a file that still has the digest it was stored with; else BadFile."""
    raw = read_file(path, limit)
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise BadFile(f"{path.name} is not the file that was stored: its SHA-256 differs.")
    return raw


def stage_version(root: Path, weights: bytes, sidecar: Mapping[str, Any]) -> Written:
    """Write both files of a version where nobody looks yet; they are durable on return.

    `put_in_place` gives them their name once their row is committed. Files whose row never
    was are swept away at the next start.
    """
    text = json.dumps(sidecar, indent=1, allow_nan=False).encode()
    written = Written(
        weights_sha256=hashlib.sha256(weights).hexdigest(),
        sidecar_sha256=hashlib.sha256(text).hexdigest(),
        size_bytes=len(weights) + len(text),
    )
    place = root / UNFINISHED / secrets.token_hex(8)
    place.mkdir(parents=True, mode=0o700)
    try:
        for name, content in ((WEIGHTS, weights), (SIDECAR, text)):
            _write(place / name, content)
        _sync(place)
        place.rename(_staged(root, written.sidecar_sha256))
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    _sync(root / UNFINISHED)
    return written


def put_in_place(root: Path, sidecar_sha256: str, folder: str) -> bool:
    """Give staged files the name `root/folder`; whether they have it now.

    Whoever finds the folder missing may do it: the writer after its commit, a reader that was
    faster, or the next start. Doing it twice, or at the same time, changes nothing.
    """
    target = root / folder
    staged = _staged(root, sidecar_sha256)
    if staged.is_dir() and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError, FileExistsError):
            staged.rename(target)
            _sync(target.parent)
            _sync(root)
    return target.is_dir()


def _staged(root: Path, sidecar_sha256: str) -> Path:
    """Where staged files wait: the sidecar names its model, version and moment, so it is unique."""
    return root / UNFINISHED / sidecar_sha256


def remove_versions(root: Path, folders: Sequence[str]) -> None:
    """Take version folders from the disk; what is gone already is no matter.

    First each loses its name, in one step, so that a crash leaves no half of it. Removing waits
    for the disk most of the time, so several are removed at once.
    """
    if not folders or not root.is_dir():
        return
    (root / UNFINISHED).mkdir(parents=True, exist_ok=True)

    def remove(folder: str) -> None:
        nameless = root / UNFINISHED / secrets.token_hex(8)
        with suppress(FileNotFoundError):
            (root / folder).rename(nameless)
            shutil.rmtree(nameless, ignore_errors=True)

    with ThreadPoolExecutor(REMOVERS) as pool:
        list(pool.map(remove, folders))
    for parent in {(root / folder).parent for folder in folders}:
        with suppress(OSError):  # it has other versions, or is gone
            parent.rmdir()


def folders(root: Path) -> Iterator[str]:
    """The `<key>/<number>` folders below `root`; links are not followed."""
    for key in _subfolders(root):
        for version in _subfolders(root / key):
            if version.isascii() and version.isdigit():
                yield f"{key}/{version}"


def _subfolders(place: Path) -> list[str]:
    """Names of real folders that are not ours, in order; none where nothing can be read."""
    try:
        with os.scandir(place) as entries:
            found = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted(name for name in found if not name.startswith("."))


def sweep(root: Path) -> int:
    """Remove what interrupted writes and removals left behind; how many things that was.

    Only at the start, while nobody writes.
    """
    left = list((root / UNFINISHED).iterdir()) if (root / UNFINISHED).is_dir() else []
    for thing in left:
        if thing.is_dir() and not thing.is_symlink():
            shutil.rmtree(thing, ignore_errors=True)
        else:
            thing.unlink(missing_ok=True)
    return len(left)


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
