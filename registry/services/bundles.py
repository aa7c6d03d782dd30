"""One file per version: a plain zip that is written here and read with suspicion."""

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from registry.cards import model_card
from registry.models import ModelArtifact
from registry.services.opening import read_file
from registry.storage import MAX_WEIGHTS_BYTES, SIDECAR, WEIGHTS, BadFile

CARD = "README.md"
MAX_SIDECAR = 1024**2  # bytes of a sidecar from outside
_LIMITS = {WEIGHTS: MAX_WEIGHTS_BYTES, SIDECAR: MAX_SIDECAR, CARD: MAX_SIDECAR}
# Always the same moment, so that the same version gives the same bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class Upload:
    """The two files of a model from outside. `file_name` is what the weights were called."""

    file_name: str
    weights: bytes
    sidecar: bytes


def bundle(*, version: ModelArtifact) -> bytes:
    """The bytes of a zip with the checked weights, model.json and the model card.

    Members are stored, not compressed: weights do not shrink. Raises what `read_file` raises.
    """
    members = {
        name: read_file(artifact=version, file_name=name)[0] for name in (WEIGHTS, SIDECAR)
    }
    members[CARD] = model_card(version).encode()
    return packed(members.items())


def packed(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of files by name; the same files give the same bytes."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), content)
    return whole.getvalue()


def open_bundle(raw: bytes) -> Upload:
    """The two files that matter of a bundle, in memory; BadFile for any other zip.

    No member's name is ever used as a path, so there is nothing to slip out of.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = {member.filename: member for member in archive.infolist()}
            if len(members) != len(archive.infolist()) or not {WEIGHTS, SIDECAR} <= set(
                members
            ):
                raise BadFile(f"A bundle holds {WEIGHTS} and {SIDECAR}, each once.")
            for name, member in members.items():
                if name not in _LIMITS or member.compress_type not in _KINDS:
                    raise BadFile(f"{name[:80]!r} does not belong in a bundle.")
            weights, sidecar = (_read(archive, members[name]) for name in (WEIGHTS, SIDECAR))
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError) as error:
        raise BadFile("The bundle is not a readable zip.") from error
    return Upload(WEIGHTS, weights, sidecar)


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member within its limit, whatever size its header claims."""
    limit = _LIMITS[member.filename]
    with archive.open(member) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise BadFile(f"{member.filename} has more than {limit:,} bytes.")
    return content
