"""A version as one file: weights, sidecar and card in a plain zip."""

import io
import zipfile

from registry.cards import model_card
from registry.models import ModelArtifact
from registry.services.opening import read_file
from registry.storage import SIDECAR, WEIGHTS

CARD = "README.md"
# Always the same moment, so that the same version gives the same bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)


def bundle(*, version: ModelArtifact) -> bytes:
    """The bytes of a zip with the checked weights, model.json and the model card.

    Members are stored, not compressed: weights do not shrink. Raises what `read_file` raises.
    """
    members = {
        name: read_file(artifact=version, file_name=name)[0] for name in (WEIGHTS, SIDECAR)
    }
    members[CARD] = model_card(version).encode()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), content)
    return whole.getvalue()
