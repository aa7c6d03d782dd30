"""Whose a file below models/ is: for the page of the memory."""

from memory.floors import Belonging
from registry.models import ModelArtifact

FOLDER = "models/"


def owner(path: str) -> Belonging | None:
    """The model of a version's file, by its path inside HELIOS_HOME."""
    folder = path.removeprefix(FOLDER).rpartition("/")[0]
    if not path.startswith(FOLDER) or not folder:
        return None
    found = ModelArtifact.objects.select_related("model").filter(folder=folder).first()
    return Belonging(str(found), found.model.get_absolute_url()) if found else None
