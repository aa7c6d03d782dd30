"""How to use a version outside Helios: a few lines to copy."""

from registry.models import ModelArtifact
from registry.storage import WEIGHTS


def load_snippet(version: ModelArtifact, origin: str) -> str:
    """Five lines of Python that fetch a version and check it; `origin` as http://host:port/."""
    address = (
        f"{origin}api/models/{version.model.name}/versions/{version.version}/files/{WEIGHTS}"
    )
    return "\n".join(
        (
            "import hashlib, os, urllib.request",
            "from safetensors.numpy import load",
            f'request = urllib.request.Request("{address}")',
            'request.add_header("Authorization", "Bearer " + os.environ["HELIOS_TOKEN"])',
            "raw = urllib.request.urlopen(request).read()",
            f'assert hashlib.sha256(raw).hexdigest() == "{version.weights_sha256}"',
            "weights = load(raw)  # name -> float32 array (members, *shape)",
        )
    )
