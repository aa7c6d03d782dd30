"""Torch files, read and written by a process of their own that may do little and lives shortly.

The web process never imports torch, and a file from outside is never unpickled where there are
secrets: the child has no database, no settings, an empty environment and bounds on time and size.
"""

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from django.conf import settings

from registry.storage import MAX_TENSORS, MAX_WEIGHTS_BYTES, BadFile

SECONDS = 60  # importing torch takes 2 to 4
_MODULE = "registry.networks.legacy"


def to_safetensors(raw: bytes) -> bytes:
    """The tensors of a torch file as safetensors; BadFile for anything but plain tensors."""
    _check_zip(raw)
    return _convert("import", raw)


def to_torch(raw: bytes) -> bytes:
    """Safetensors as a torch file, for `torch.load(..., weights_only=True)`."""
    return _convert("export", raw)


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


def _convert(direction: str, raw: bytes) -> bytes:
    with tempfile.TemporaryDirectory(prefix="helios-convert-") as place:
        source, target = Path(place) / "source", Path(place) / "target"
        source.write_bytes(raw)
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", _MODULE, direction, str(source), str(target)],
                cwd=settings.BASE_DIR,
                env={"PATH": "", "HOME": place, "PYTHONPATH": str(settings.BASE_DIR)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise BadFile(f"Reading the file took more than {SECONDS} s.") from error
        if done.returncode != 0 or not target.is_file():
            words = done.stdout.decode(errors="replace").strip().splitlines()
            raise BadFile(words[-1][:300] if words else "The file could not be read by torch.")
        return target.read_bytes()
