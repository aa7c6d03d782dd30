"""The shapes of what people do with models: words, aliases, deletion, saved views."""

from rest_framework import serializers


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


class Restored(serializers.Serializer):
    modelName = serializers.CharField()
    versions = serializers.ListField(child=serializers.IntegerField())


class ViewRow(serializers.Serializer):
    number = serializers.IntegerField()
    name = serializers.CharField()
    query = serializers.CharField(help_text="of the address of the list")


class ViewRequest(serializers.Serializer):
    name = serializers.CharField()
    query = serializers.CharField(required=False, help_text="such as encoder=gru&sort=-gain")
