"""Model files without a row: found, checked as far as that is cheap, and adopted on request.

Looked for are `NAME.safetensors` or `NAME.pth` with `NAME.json` directly in the models folder, and
whole version folders (from another copy of the database). Links, pipes, devices and what cannot
be read are reported and never followed.
"""

import stat
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from memory.refusals import Invalid, NotFound
from registry import storage
from registry.models import ModelArtifact
from registry.names import problem_with
from registry.services.bundles import MAX_SIDECAR, Upload
from registry.services.importing import TORCH, import_version, read_sidecar
from registry.services.networks import read_network

SUFFIXES = (".safetensors", *TORCH)
MAX_FOUND = 1000


@dataclass(frozen=True)
class Found:
    """A model without a row. `path` is below the models folder; `problem` is "" if adoptable."""

    path: str
    name: str
    problem: str


def find_unregistered() -> list[Found]:
    """Everything in the models folder that belongs to no version, at most MAX_FOUND things."""
    root = settings.HELIOS_HOME / "models"
    things = sorted(root.iterdir()) if root.is_dir() else []
    loose = [found for path in things if (found := _look(path)) is not None]
    return [*loose, *_strange_folders(root)][:MAX_FOUND]


def adopt(*, path: str, actor: str) -> ModelArtifact:
    """Register what `find_unregistered` found at `path`, and remove the file it came from.

    It becomes a new model, or one more version of the model it is named after. Raises NotFound
    for any other path, Invalid for what cannot be adopted.
    """
    found = next((found for found in find_unregistered() if found.path == path), None)
    if found is None:
        raise NotFound("There is no such file to adopt; scan again.")
    if found.problem:
        raise Invalid(f"{path} cannot be adopted. {found.problem}", code="weights_rejected")
    root = settings.HELIOS_HOME / "models"
    sources = _sources(root / path)
    upload = Upload(
        file_name=sources[0].name,
        weights=storage.read_file(sources[0], storage.MAX_WEIGHTS_BYTES),
        sidecar=storage.read_file(sources[1], MAX_SIDECAR),
    )
    version = import_version(name=found.name, upload=upload, actor=actor, add_version=True)
    if (root / path).is_dir():
        storage.remove_versions(root, [path])
    else:
        for source in sources:
            source.unlink()
    return version


def _look(path: Path) -> Found | None:
    """What a thing directly in the models folder is; None for what is no model's."""
    if path.name.startswith(".") or path.suffix == ".json":
        return None
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode):
        return None
    if not stat.S_ISREG(mode):
        return Found(path.name, path.stem, "It is not a plain file; links are not followed.")
    if path.suffix.lower() not in SUFFIXES:
        return Found(path.name, path.stem, f"Only {', '.join(SUFFIXES)} files are models.")
    return Found(path.name, path.stem, problem_with(path.stem) or _problem(path))


def _strange_folders(root: Path) -> list[Found]:
    """Version folders that no row knows."""
    folders = list(storage.folders(root))
    known = set(ModelArtifact.objects.values_list("folder", flat=True))
    found = []
    for folder in folders:
        if folder not in known:
            name, problem = _name_in(root / folder), _problem(root / folder)
            found.append(Found(folder, name, problem or problem_with(name)))
    return found


def _sources(path: Path) -> tuple[Path, Path]:
    """The weights and the sidecar of a found thing."""
    if path.is_dir():
        return path / storage.WEIGHTS, path / storage.SIDECAR
    return path, path.with_suffix(".json")


def _problem(path: Path) -> str:
    """Why a found thing cannot be adopted, from its sidecar alone; "" when it may be."""
    weights, sidecar = _sources(path)
    try:
        storage.open_plain(weights).close()
        read_network(read_sidecar(storage.read_file(sidecar, MAX_SIDECAR)).get("network"))
    except storage.BadFile as error:
        return str(error)
    return ""


def _name_in(folder: Path) -> str:
    """The name that the sidecar of a version folder tells, else the folder's own."""
    try:
        name = read_sidecar(storage.read_file(folder / storage.SIDECAR, MAX_SIDECAR)).get(
            "name"
        )
    except storage.BadFile:
        name = None
    return name if isinstance(name, str) else folder.parent.name
