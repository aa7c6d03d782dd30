"""A version as a file to take away, in every form there is. Its files are checked before."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec

from memory.refusals import Invalid, NotFound, Refusal
from registry.cards import model_card
from registry.models import ModelArtifact
from registry.networks.spec import NETWORKS
from registry.services.bundles import bundle, packed
from registry.services.conversion import to_onnx, to_torch
from registry.services.mlflow_runs import mlflow_run
from registry.services.opening import read_file
from registry.storage import SIDECAR, WEIGHTS, BadFile

EXTRA = ("onnx", "onnxscript")  # the packages of requirements-onnx.txt
MAX_TOGETHER = 50  # versions in one file


class ExtraMissing(Refusal):
    """Something optional was asked for that is not installed."""

    status = 501
    code = "extra_missing"


@dataclass(frozen=True)
class Exported:
    """A file to take away: what it is called, its bytes and their SHA-256 in hex."""

    file_name: str
    content: bytes
    digest: str


def export_version(*, version: ModelArtifact, form: str) -> Exported:
    """A version in one of FORMS, checked against its SHA-256.

    Raises NotFound for another form, Conflict for files that are deleted or damaged, Invalid
    where the form does not fit the model and ExtraMissing where a package is needed for it.
    """
    if form not in FORMS:
        raise NotFound(f"A version can be had as {', '.join(FORMS)}.")
    ending, make = FORMS[form]
    content = make(version)
    name = f"{version.model.name}-v{version.version}{ending}"
    return Exported(name, content, sha256(content).hexdigest())


def export_versions(*, versions: Iterable[ModelArtifact]) -> bytes:
    """The bundles of several versions in one zip; at most MAX_TOGETHER."""
    chosen = list(versions)
    if not 0 < len(chosen) <= MAX_TOGETHER:
        raise Invalid(fields={"models": f"Choose 1 to {MAX_TOGETHER} models with a version."})
    bundles = (export_version(version=version, form="bundle") for version in chosen)
    return packed((one.file_name, one.content) for one in bundles)


def onnx_problem(version: ModelArtifact) -> str:
    """Why a version cannot be had as ONNX here, in one line with the remedy; "" when it can."""
    if version.encoder not in NETWORKS:
        return f"ONNX: a {version.encoder} model has no network that could be a graph."
    if any(find_spec(package) is None for package in EXTRA):
        return "ONNX needs an extra: pip install -r requirements-onnx.txt"
    return ""


def _onnx(version: ModelArtifact) -> bytes:
    """The network as a graph that was compared with torch; takes 8 to 20 s."""
    if problem := onnx_problem(version):
        if version.encoder in NETWORKS:
            raise ExtraMissing(problem)
        raise Invalid(problem, code="no_network")
    try:
        return to_onnx(_weights(version), version.network)
    except BadFile as error:
        raise Invalid(f"{version} cannot be had as ONNX. {error}", code="no_graph") from error


def _weights(version: ModelArtifact) -> bytes:
    return read_file(artifact=version, file_name=WEIGHTS)[0]


FORMS: Mapping[str, tuple[str, Callable[[ModelArtifact], bytes]]] = {
    "bundle": (".zip", lambda version: bundle(version=version)),
    "safetensors": (".safetensors", _weights),
    "json": (".json", lambda version: read_file(artifact=version, file_name=SIDECAR)[0]),
    "pth": (".pth", lambda version: to_torch(_weights(version))),
    "onnx": (".onnx", _onnx),
    "mlflow": (".mlflow.zip", lambda version: mlflow_run(version=version)),
    "card": (".md", lambda version: model_card(version).encode()),
}
