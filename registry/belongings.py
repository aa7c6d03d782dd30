"""Whose the files below models/ are: for the page of the memory."""

from collections.abc import Collection

from memory.floors import Belonging, Kept
from registry.models import ModelArtifact

FOLDER = "models/"


def keep(paths: Collection[str]) -> Kept:
    """The models of versions' files, by their paths inside HELIOS_HOME. One query."""
    folders = {path: _folder(path) for path in paths if path.startswith(FOLDER)}
    versions = ModelArtifact.objects.select_related("model").filter(
        folder__in={folder for folder in folders.values() if folder}
    )
    of = {version.folder: version for version in versions}
    return Kept(
        {
            path: Belonging(str(of[folder]), of[folder].model.get_absolute_url())
            for path, folder in folders.items()
            if folder in of
        }
    )


def _folder(path: str) -> str:
    return path.removeprefix(FOLDER).rpartition("/")[0]
