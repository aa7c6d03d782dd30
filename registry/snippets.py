"""How to use a version outside Helios: lines to copy."""

from registry.models import ModelArtifact
from registry.storage import WEIGHTS


def load_snippet(version: ModelArtifact) -> str:
    """Five lines of Python that check a downloaded version and load it."""
    return "\n".join(
        (
            "from hashlib import sha256",
            "from safetensors.numpy import load",
            f'raw = open("{WEIGHTS}", "rb").read()',
            f'assert sha256(raw).hexdigest() == "{version.weights_sha256}"',
            "weights = load(raw)  # name -> float32 array (members, *shape)",
        )
    )


def download_command(version: ModelArtifact, origin: str) -> str:
    """A curl that fetches the weights; `origin` as http://host:port/."""
    path = f"api/models/{version.model.name}/versions/{version.version}/files/{WEIGHTS}"
    return f'curl -fO -H "Authorization: Bearer $HELIOS_TOKEN" {origin}{path}'
