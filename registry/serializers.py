"""The shapes of the REST answers. Gains are bits per draw over chance; numbers finite or null."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from rest_framework import serializers

from memory.wire import camel
from registry.models import ModelArtifact, RegisteredModel
from registry.queries import Row
from registry.storage import SIDECAR, WEIGHTS


def interval_field() -> serializers.ListField:
    """Low and high end of a 95 % interval in bits per draw; null when not measured."""
    return serializers.ListField(child=serializers.FloatField(), allow_null=True)


class ModelRow(serializers.Serializer):
    name = serializers.CharField()
    number = serializers.IntegerField()
    archived = serializers.BooleanField()
    createdAt = serializers.DateTimeField()
    aliases = serializers.DictField(child=serializers.IntegerField())
    tags = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField(allow_null=True)
    status = serializers.CharField(allow_null=True)
    loaded = serializers.BooleanField()
    encoder = serializers.CharField(allow_null=True)
    parameterCount = serializers.IntegerField(allow_null=True)
    sizeBytes = serializers.IntegerField(allow_null=True)
    dataSource = serializers.CharField(allow_null=True)
    matrix = serializers.CharField(allow_null=True, help_text="of the drums, such as 5/69+26")
    sessionId = serializers.IntegerField(allow_null=True)
    trainedAt = serializers.DateTimeField(allow_null=True)
    epochs = serializers.IntegerField(allow_null=True)
    bestEpoch = serializers.IntegerField(allow_null=True)
    valGain = serializers.FloatField(allow_null=True)
    valInterval = interval_field()
    testGain = serializers.FloatField(allow_null=True)
    testInterval = interval_field()
    testDraws = serializers.IntegerField(allow_null=True)


class ModelList(serializers.Serializer):
    models = ModelRow(many=True)
    total = serializers.IntegerField()
    limit = serializers.IntegerField()
    offset = serializers.IntegerField()
    next = serializers.CharField(allow_null=True, help_text="give it as `after` for more")


class FileRow(serializers.Serializer):
    name = serializers.CharField()
    sha256 = serializers.CharField()
    url = serializers.CharField()


class VersionRow(serializers.Serializer):
    version = serializers.IntegerField()
    status = serializers.CharField()
    loaded = serializers.BooleanField()
    encoder = serializers.CharField()
    parameterCount = serializers.IntegerField()
    sizeBytes = serializers.IntegerField()
    dataSource = serializers.CharField()
    matrix = serializers.CharField()
    sessionId = serializers.IntegerField(allow_null=True)
    trainedAt = serializers.DateTimeField()
    epochs = serializers.IntegerField(allow_null=True)
    bestEpoch = serializers.IntegerField(allow_null=True)
    valGain = serializers.FloatField(allow_null=True)
    valInterval = interval_field()
    testGain = serializers.FloatField(allow_null=True)
    testInterval = interval_field()
    testDraws = serializers.IntegerField(allow_null=True)
    datasetFingerprint = serializers.CharField()
    trainedFrom = serializers.CharField(allow_null=True)
    members = serializers.IntegerField()
    config = serializers.DictField()
    network = serializers.DictField()
    metrics = serializers.DictField()
    environment = serializers.DictField()
    reproduction = serializers.DictField(
        allow_null=True,
        help_text="what came of training it again: outcome, reproduced, cause, at",
    )
    notes = serializers.CharField()
    files = FileRow(many=True)


class ModelInfo(ModelRow):
    description = serializers.CharField()
    createdBy = serializers.CharField()
    versions = VersionRow(many=True)
    versionCount = serializers.IntegerField()


class VersionList(serializers.Serializer):
    versions = VersionRow(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="give it as `before` for more")


class ModelChange(serializers.Serializer):
    description = serializers.CharField(required=False, help_text="Markdown")
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    archived = serializers.BooleanField(required=False)
    reason = serializers.CharField(required=False)


class VersionChange(serializers.Serializer):
    notes = serializers.CharField(required=False, help_text="Markdown")
    archived = serializers.BooleanField(required=False)
    reason = serializers.CharField(required=False)


class AliasRequest(serializers.Serializer):
    version = serializers.IntegerField()
    reason = serializers.CharField(required=False)


class Deletion(serializers.Serializer):
    modelName = serializers.CharField()
    dryRun = serializers.BooleanField()
    versions = serializers.ListField(child=serializers.IntegerField())
    sizeBytes = serializers.IntegerField()
    until = serializers.DateTimeField(help_text="it can be restored before")
    message = serializers.CharField()


class LoadRequest(serializers.Serializer):
    name = serializers.CharField()
    version = serializers.IntegerField(required=False, help_text="default: the newest")
    alias = serializers.CharField(required=False)


class LoadAnswer(serializers.Serializer):
    modelName = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    sizeBytes = serializers.IntegerField(required=False, help_text="in memory")
    seconds = serializers.FloatField(required=False)


class ImportRequest(serializers.Serializer):
    name = serializers.CharField()
    weights = serializers.FileField(required=False, help_text=".safetensors, .pth or .pt")
    sidecar = serializers.FileField(required=False, help_text="JSON with `network`")
    bundle = serializers.FileField(required=False, help_text="instead of the two files")
    addVersion = serializers.BooleanField(
        required=False, help_text="add a version when the name is taken"
    )


class RelativeRow(serializers.Serializer):
    modelName = serializers.CharField()
    version = serializers.IntegerField()
    relation = serializers.CharField(help_text="trained, member or ensemble")
    distance = serializers.IntegerField(
        help_text="-1 for what it was trained from, 0 for itself"
    )
    sessionId = serializers.IntegerField(allow_null=True)
    dataSource = serializers.CharField()
    datasetFingerprint = serializers.CharField()
    trainedAt = serializers.DateTimeField()


class FoundRow(serializers.Serializer):
    path = serializers.CharField()
    name = serializers.CharField()
    problem = serializers.CharField(help_text="empty when it can be adopted")


class Rescanned(serializers.Serializer):
    damaged = serializers.ListField(child=serializers.CharField())
    repaired = serializers.ListField(child=serializers.CharField())
    found = FoundRow(many=True)


class AdoptRequest(serializers.Serializer):
    path = serializers.CharField(help_text="as it was found")


class VerifyRequest(serializers.Serializer):
    name = serializers.CharField(required=False, help_text="only this model's versions")


class DamagedRow(serializers.Serializer):
    modelName = serializers.CharField()
    version = serializers.IntegerField()
    problem = serializers.CharField()


class Verified(serializers.Serializer):
    versions = serializers.IntegerField()
    bytesRead = serializers.IntegerField()
    damaged = DamagedRow(many=True)


class ViewRow(serializers.Serializer):
    number = serializers.IntegerField()
    name = serializers.CharField()
    query = serializers.CharField(help_text="of the address of the list")


class ViewRequest(serializers.Serializer):
    name = serializers.CharField()
    query = serializers.CharField(required=False, help_text="such as encoder=gru&sort=-gain")


class Restored(serializers.Serializer):
    modelName = serializers.CharField()
    versions = serializers.ListField(child=serializers.IntegerField())


# A name whose first training is not over yet.
_NO_VERSION = {
    **dict.fromkeys(
        (
            *("version", "status", "encoder", "parameterCount", "sizeBytes", "dataSource"),
            *(
                "matrix",
                "sessionId",
                "trainedAt",
                "epochs",
                "bestEpoch",
                "valGain",
                "valInterval",
            ),
            *("testGain", "testInterval", "testDraws"),
        )
    ),
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
