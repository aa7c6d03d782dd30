"""The shapes of models and versions as REST tells them. Gains are bits per draw over chance."""

from rest_framework import serializers


def interval_field() -> serializers.ListField:
    """Low and high end of a 95 % interval in bits per draw; null when not measured."""
    return serializers.ListField(child=serializers.FloatField(), allow_null=True)


def trained_until_field() -> serializers.DateField:
    """The day of the newest draw that trained it; null when that was not recorded."""
    return serializers.DateField(
        allow_null=True, help_text="of the newest draw that its weights were fitted to"
    )


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
    trainedUntil = trained_until_field()
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
    trainedUntil = trained_until_field()
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
