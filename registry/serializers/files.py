"""The shapes of loading, taking in, adopting and checking model files."""

from rest_framework import serializers


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
