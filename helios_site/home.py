"""HELIOS_HOME, the one folder everything is written to, and the secret it holds.

Imported by settings, so it imports nothing of Django that needs settings.
"""

import os
import secrets
from pathlib import Path

SECRET_FILE = "secret.key"  # noqa: S105 - a file name


def prepare_home(home: Path) -> None:
    """Make the folder (0700) and, once, a random secret (0600). Safe to call twice at once."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(home / SECRET_FILE, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(50))


def read_secret(home: Path) -> str:
    """The stored secret, or "" before `prepare_home` has run (Django then refuses to start)."""
    path = home / SECRET_FILE
    return path.read_text().strip() if path.exists() else ""
