"""REST: backups that Helios keeps itself."""

from django.http import FileResponse
from django.urls import path
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from helios_site import backups
from memory.chain import timestamp


class BackupFile(serializers.Serializer):
    name = serializers.CharField()
    sizeBytes = serializers.IntegerField()
    madeAt = serializers.DateTimeField()


class Queued(serializers.Serializer):
    status = serializers.CharField(help_text="started: the journal tells when it is made")


@extend_schema(responses=BackupFile(many=True), operation_id="backups", methods=["GET"])
@extend_schema(
    request=None, responses={202: Queued}, operation_id="backup_make", methods=["POST"]
)
@api_view(["GET", "POST"])
def backup_list(request: Request) -> Response:
    """The backups, newest first; POST lets a worker make one."""
    if request.method == "POST":
        backups.queue_backup(actor=request.user.get_username())
        return Response({"status": "started"}, status=202)
    kept = backups.kept_backups()
    return Response(
        [
            {"name": one.name, "sizeBytes": one.size_bytes, "madeAt": timestamp(one.made_at)}
            for one in kept
        ]
    )


@extend_schema(
    responses={(200, "application/zip"): OpenApiTypes.BINARY},
    operation_id="backup_file",
    methods=["GET"],
)
@extend_schema(
    request=None, responses={204: None}, operation_id="backup_delete", methods=["DELETE"]
)
@api_view(["GET", "DELETE"])
def backup(request: Request, name: str) -> Response | FileResponse:
    """One backup as a download; DELETE removes it."""
    if request.method == "DELETE":
        backups.delete_backup(name=name, actor=request.user.get_username())
        return Response(status=204)
    found = backups.find_backup(name)
    return FileResponse(found.open("rb"), as_attachment=True, filename=found.name)


urlpatterns = [
    path("memory/backups", backup_list),
    path("memory/backups/<str:name>", backup),
]
