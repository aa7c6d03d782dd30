"""Models and versions as mappings of the shapes in `models`; numbers finite or null."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from memory.wire import camel
from registry.models import ModelArtifact, RegisteredModel
from registry.queries import Row
from registry.storage import SIDECAR, WEIGHTS

# A name whose first training is not over yet.
_NO_VERSION = {
    **dict.fromkeys(("version", "status", "encoder", "parameterCount", "sizeBytes")),
    **dict.fromkeys(
        (
            "dataSource",
            "matrix",
            "trainedUntil",
            "sessionId",
            "trainedAt",
            "epochs",
            "bestEpoch",
        )
    ),
    **dict.fromkeys(("valGain", "valInterval", "testGain", "testInterval", "testDraws")),
    "loaded": False,
}


def model_dict(row: Row) -> dict[str, Any]:
    """A row of `queries.list_rows`: a model, described by its newest version."""
    has_version = row["newest__version"] is not None
    newest = (
        version_summary(lambda name: row[f"newest__{name}"]) if has_version else _NO_VERSION
    )
    return {
        "name": row["name"],
        "number": row["number"],
        "archived": row["archived_at"] is not None,
        "createdAt": row["created_at"],
        "aliases": row["aliases"],
        "tags": row["tags"],
        **newest,
    }


def version_summary(get: Callable[[str], Any]) -> dict[str, Any]:
    """What a list shows of a version; `get` gives a column by its name."""
    metrics = get("metrics")
    return {
        "version": get("version"),
        "status": get("status"),
        "loaded": get("status") == ModelArtifact.Status.LOADED,
        "encoder": get("encoder"),
        "parameterCount": get("parameter_count"),
        "sizeBytes": get("size_bytes"),
        "dataSource": get("dataset_name"),
        "matrix": get("matrix"),
        "trainedUntil": get("trained_until"),
        "sessionId": get("session_id"),
        "trainedAt": get("created_at"),
        "epochs": metrics.get("epochs"),
        "bestEpoch": metrics.get("best_epoch"),
        "valGain": get("val_gain"),
        "valInterval": _interval(get("val_low"), get("val_high")),
        "testGain": get("test_gain"),
        "testInterval": _interval(get("test_low"), get("test_high")),
        "testDraws": metrics.get("test_n"),
    }


def version_dict(artifact: ModelArtifact, model: RegisteredModel) -> dict[str, Any]:
    """A version with everything but the gains of its single draws."""
    address = f"/api/models/{model.name}/versions/{artifact.version}/files"
    digests = {WEIGHTS: artifact.weights_sha256, SIDECAR: artifact.sidecar_sha256}
    return {
        **version_summary(partial(getattr, artifact)),
        "datasetFingerprint": artifact.dataset_fingerprint,
        "trainedFrom": str(artifact.parent) if artifact.parent else None,
        "members": artifact.members,
        "config": camel_keys(artifact.config),
        "network": camel_keys(artifact.network),
        "metrics": camel_keys(artifact.metrics),
        "environment": artifact.environment,
        "reproduction": artifact.reproduction or None,
        "notes": artifact.notes,
        "files": [
            {"name": name, "sha256": sha256, "url": f"{address}/{name}"}
            for name, sha256 in digests.items()
        ],
    }


def camel_keys(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values under camelCase names."""
    return {camel(name): value for name, value in values.items()}


def _interval(low: float | None, high: float | None) -> list[float] | None:
    return None if low is None or high is None else [low, high]
