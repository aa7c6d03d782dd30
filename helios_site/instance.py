"""What only one running Helios may hold: its home and its port."""

import contextlib
import errno
import fcntl
import os
import socket
import time
from pathlib import Path

from memory.refusals import Conflict

ORPHAN_SECONDS = 10.0


def claim(home: Path, part: str) -> int:
    """Take the lock of this part ("web" or "queue") of a home; returns its descriptor.

    Children inherit the descriptor, so the lock lasts until the last of them is gone. After
    a kill -9 of the supervisor they need some seconds to end in good order: wait for them.
    """
    handle = os.open(home / f"{part}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + ORPHAN_SECONDS
    while not _locked(handle):
        owner = os.pread(handle, 20, 0).decode().strip()
        if _is_alive(owner):
            raise Conflict(f"Helios is already running on {home} (process {owner}).")
        if time.monotonic() > deadline:
            raise Conflict(f"Processes of a Helios that was killed still use {home}.")
        time.sleep(0.1)
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
    return handle


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(process: str) -> bool:
    if not process.isdigit():
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(process), 0)
        return True
    return False


def listen(host: str, port: int) -> socket.socket:
    """Open the port. The supervisor keeps it open while the web process is started again,
    so that a browser waits for a moment instead of being refused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            text = f"Port {port} is in use. Choose another one: PORT={port + 1} make run"
            raise Conflict(text) from error
        raise Conflict(f"{host}:{port} cannot be opened: {error.strerror}.") from error


def local_host(host: str) -> str:
    """The name under which this computer reaches a server that listens on `host`."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
    return everywhere.get(host, host)
