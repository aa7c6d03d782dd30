"""A file between its preview and its import, kept on the server under a name of our own.

The browser holds only a random token. A staged file belongs to one user and lives an hour.
"""

from __future__ import annotations

import errno
import json
import re
import secrets
import time
from pathlib import Path

from django.conf import settings

from memory.refusals import Full, NotFound
from training.services.draws.imports import DrawFile

LIFETIME = 3600  # seconds
MOST = 20  # files at once; the oldest makes room
_TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


def stage(*, file: DrawFile, actor: str) -> str:
    """Keep a file for its import; the answer is the token that gives it back."""
    folder = settings.HELIOS_HOME / "staging"
    token = secrets.token_hex(16)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        _clean(folder)
        path = folder / token
        path.touch(mode=0o600)
        head = [actor, file.file_name, file.game, file.dataset, file.columns]
        path.write_bytes(json.dumps(head).encode() + b"\n" + file.data)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise Full(
                "The disk is full: free some space and upload the file again."
            ) from error
        raise
    return token


def take_staged(*, token: str, actor: str) -> DrawFile:
    """The staged file of this user; NotFound for any other token, or after an hour."""
    gone = NotFound("The uploaded file is no longer here; upload it again.")
    if not _TOKEN.fullmatch(token):
        raise gone
    path = settings.HELIOS_HOME / "staging" / token
    try:
        old = path.stat().st_mtime < time.time() - LIFETIME
        head, _, data = path.read_bytes().partition(b"\n")
    except FileNotFoundError:
        raise gone from None
    # A file that an older version staged names no columns
    owner, file_name, game, dataset, *columns = json.loads(head)
    if old or owner != actor:
        raise gone
    return DrawFile(data, file_name, game, dataset, *columns)


def discard_staged(*, token: str) -> None:
    """Forget a staged file that was imported."""
    if _TOKEN.fullmatch(token):
        (settings.HELIOS_HOME / "staging" / token).unlink(missing_ok=True)


def _clean(folder: Path) -> None:
    """Remove expired files, and the oldest ones beyond the number that may wait."""
    files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
    limit = time.time() - LIFETIME
    for number, path in enumerate(files):
        if path.stat().st_mtime < limit or number <= len(files) - MOST:
            path.unlink(missing_ok=True)
