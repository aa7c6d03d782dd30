"""How to use a version outside Helios: lines to copy. `origin` is such as http://host:port/."""

from registry.models import ModelArtifact
from registry.storage import SIDECAR, WEIGHTS


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
    """A curl that fetches the weights."""
    address = _file(version, origin, WEIGHTS)
    return f'curl -fO -H "Authorization: Bearer $HELIOS_TOKEN" {address}'


def predict_command(version: ModelArtifact, origin: str) -> str:
    """A curl that asks what it expects of the next draw."""
    body = f'{{"version": {version.version}}}'
    return (
        'curl -f -H "Authorization: Bearer $HELIOS_TOKEN" -H "Content-Type: application/json" '
        f"-d '{body}' {origin}api/models/{version.model.name}/predict"
    )


def pandas_snippet(version: ModelArtifact, origin: str) -> str:
    """Python that reads every held-out draw and every epoch of a version into tables."""
    return "\n".join(
        (
            "import os",
            "import pandas as pd",
            'token = os.environ["HELIOS_TOKEN"]',
            'head = {"Authorization": f"Bearer {token}"}',
            f'address = "{_file(version, origin, SIDECAR)}"',
            'story = pd.read_json(address, typ="series", convert_dates=False, storage_options=head)',
            'test = story["evaluation"].get("test", {})',
            'draws = pd.DataFrame({key: test.get(key, []) for key in ("dates", "gains", "hits")})',
            'epochs = pd.DataFrame(story["history"])  # one row an epoch',
            'print(draws["gains"].describe())  # bits over chance per held-out draw; chance is 0',
        )
    )


def _file(version: ModelArtifact, origin: str, name: str) -> str:
    return f"{origin}api/models/{version.model.name}/versions/{version.version}/files/{name}"
