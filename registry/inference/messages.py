"""Messages between the web and the inference process: a JSON header, then raw arrays.

    length of the header, 4 bytes big-endian | header, JSON | the arrays' bytes, in order

Pure. The header's `arrays` lists name, type and shape of each array. Both ends are ours, but
lengths are bounded all the same: a stray writer must not make a process allocate without end.
"""

import json
import math
import socket
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_HEADER = 1024**2
MAX_ARRAYS = 64 * 1024**2  # bytes of all arrays of a message
_LENGTH = struct.Struct(">I")
_TYPES = ("<i8", "<f8")

Arrays = dict[str, NDArray[Any]]


class Broken(Exception):
    """The other end closed, or did not speak this protocol."""


def send(line: socket.socket, header: dict[str, Any], arrays: Arrays | None = None) -> None:
    """Send one message. Integers go as int64, everything else as float64."""
    parts = {name: _plain(array) for name, array in (arrays or {}).items()}
    described = [[name, part.dtype.str, list(part.shape)] for name, part in parts.items()]
    text = json.dumps({**header, "arrays": described}).encode()
    body = b"".join(part.tobytes() for part in parts.values())
    line.sendall(_LENGTH.pack(len(text)) + text + body)


def receive(line: socket.socket) -> tuple[dict[str, Any], Arrays]:
    """The next message; Broken when there is none or it is not one."""
    (length,) = _LENGTH.unpack(_read(line, _LENGTH.size))
    if length > MAX_HEADER:
        raise Broken(f"A header of {length:,} bytes.")
    try:
        header = json.loads(_read(line, length))
        shapes = [
            (str(name), str(kind), tuple(shape)) for name, kind, shape in header["arrays"]
        ]
        sizes = [8 * math.prod(shape) for _, _, shape in shapes]
    except (ValueError, KeyError, TypeError) as error:
        raise Broken("Not a message.") from error
    if sum(sizes) > MAX_ARRAYS or any(kind not in _TYPES for _, kind, _ in shapes):
        raise Broken("Arrays that are too large, or of another type.")
    arrays = {
        name: np.frombuffer(_read(line, size), kind).reshape(shape)
        for (name, kind, shape), size in zip(shapes, sizes, strict=True)
    }
    return header, arrays


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    kind = "<i8" if array.dtype.kind in "iu" else "<f8"
    return np.ascontiguousarray(array, dtype=kind)


def _read(line: socket.socket, count: int) -> bytes:
    """Exactly `count` bytes."""
    parts = bytearray()
    while len(parts) < count:
        part = line.recv(min(count - len(parts), 1024**2))
        if not part:
            raise Broken("The other end closed.")
        parts += part
    return bytes(parts)
