"""Where the inference process listens: a socket file that only this account can open."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "infer.sock"
_LONGEST = 100  # bytes; a socket's address holds 104 to 108


@contextmanager
def address_in(home: Path) -> Iterator[str]:
    """The address of the socket in `home`; a folder whose name is too long is named by number."""
    path = home / NAME
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
        return
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{NAME}"
    finally:
        os.close(folder)


def connect(home: Path, timeout: float) -> socket.socket:
    """A connection to the inference process; OSError when it does not listen."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(timeout)
    try:
        with address_in(home) as address:
            line.connect(address)
    except OSError:
        line.close()
        raise
    return line


def listen(home: Path) -> socket.socket:
    """Listen in `home`, in the place of a process that is gone. The file's mode is 0600."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    (home / NAME).unlink(missing_ok=True)
    before = os.umask(0o177)
    try:
        with address_in(home) as address:
            line.bind(address)
    finally:
        os.umask(before)
    line.listen(64)
    return line
