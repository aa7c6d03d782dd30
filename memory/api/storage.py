"""REST: compact the memory, its archives, its policy, and what takes how much room."""

from typing import Any

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory import (
    archiving,
    converters,  # noqa: F401  registers <entry:...>
    policies,
    space,
)
from memory.models import Compaction
from memory.queries import MAX_LIMIT, read_age
from memory.refusals import Invalid
from memory.storage import read_storage
from memory.storage_serializers import (
    ArchiveCheck,
    ArchiveFile,
    CompactionRun,
    CompactOrder,
    Freed,
    PolicyBody,
    Storage,
    archive_dict,
    plan_dict,
    policy_dict,
    run_dict,
    storage_dict,
)
from memory.wire import read_body

LARGEST = 20


@extend_schema(
    request=CompactOrder,
    responses={200: CompactionRun, 202: CompactionRun},
    operation_id="memory_compact",
)
@api_view(["POST"])
def compact(request: Request) -> Response:
    """Move old rows into archives (202), or only say what that would do (200)."""
    body = read_body(request.data or {})
    age, dry_run, parts = body.get("older_than"), body.get("dry_run", False), body.get("parts")
    if age is not None and not isinstance(age, str):
        raise Invalid(fields={"older_than": "must be a number of days like 90d."})
    if not isinstance(dry_run, bool):
        raise Invalid(fields={"dry_run": "must be true or false."})
    if parts is not None and not _is_names(parts):
        raise Invalid(fields={"parts": "must be a list of names."})
    older_than = None if age is None else read_age(age)
    plan = archiving.plan_compaction(older_than=older_than, parts=parts or ())
    if dry_run:
        return Response(plan_dict(plan))
    run = archiving.queue_compaction(plan=plan, actor=request.user.get_username())
    return Response(run_dict(run), status=202)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


@extend_schema(responses=CompactionRun(many=True), operation_id="memory_compactions")
@api_view(["GET"])
def compactions(request: Request) -> Response:
    """The newest runs, newest first."""
    return Response([run_dict(run) for run in Compaction.objects.all()[:MAX_LIMIT]])


@extend_schema(responses=CompactionRun, operation_id="memory_compaction")
@api_view(["GET"])
def compaction(request: Request, number: int) -> Response:
    """One run: how far it is, or how it ended."""
    return Response(run_dict(get_object_or_404(Compaction, pk=number)))


@extend_schema(
    request=None, responses={202: CompactionRun}, operation_id="memory_compaction_cancel"
)
@api_view(["POST"])
def cancel(request: Request, number: int) -> Response:
    """Ask a run to stop after the batch it is at."""
    archiving.cancel_compaction(number=number)
    return Response(run_dict(Compaction.objects.get(pk=number)), status=202)


@extend_schema(responses=ArchiveFile(many=True), operation_id="memory_archives")
@api_view(["GET"])
def archives(request: Request) -> Response:
    """The archives of every part, oldest first."""
    return Response([archive_dict(one) for one in space.archives()])


@extend_schema(
    request=None,
    responses={200: Freed},
    operation_id="memory_archive_forget",
    methods=["DELETE"],
)
@extend_schema(responses=ArchiveFile, operation_id="memory_archive", methods=["GET"])
@api_view(["GET", "DELETE"])
def archive(request: Request, file_name: str) -> Response:
    """An archive; DELETE removes what it holds for good."""
    if request.method == "GET":
        return Response(archive_dict(archiving.find_archive(file_name)))
    actor = request.user.get_username()
    return Response({"freedBytes": archiving.forget_archive(file_name=file_name, actor=actor)})


@extend_schema(
    responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    operation_id="memory_archive_file",
)
@api_view(["GET"])
def archive_file(request: Request, file_name: str) -> FileResponse:
    """The file itself, which pandas and DuckDB open."""
    path = archiving.archive_path(file_name)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


@extend_schema(
    request=None, responses={202: CompactionRun}, operation_id="memory_archive_restore"
)
@api_view(["POST"])
def restore(request: Request, file_name: str) -> Response:
    """Put the rows of an archive back into the database."""
    run = archiving.queue_restore(file_name=file_name, actor=request.user.get_username())
    return Response(run_dict(run), status=202)


@extend_schema(
    request=None, responses={200: ArchiveCheck}, operation_id="memory_archive_verify"
)
@api_view(["POST"])
def verify(request: Request, file_name: str) -> Response:
    """Read an archive from end to end and compare it with what was sealed."""
    problem = archiving.verify_archive(file_name=file_name)
    return Response({"good": not problem, "problem": problem})


@extend_schema(responses=PolicyBody, operation_id="memory_policy", methods=["GET"])
@extend_schema(
    request=PolicyBody,
    responses=PolicyBody,
    operation_id="memory_policy_change",
    methods=["PUT"],
)
@api_view(["GET", "PUT"])
def policy(request: Request) -> Response:
    """What is compacted when nobody asks."""
    if request.method == "PUT":
        policies.change_policy(
            **policies.read_change(read_body(request.data)), actor=request.user.get_username()
        )
    return Response(policy_dict(policies.read_policy()))


@extend_schema(responses=Storage, operation_id="memory_storage")
@api_view(["GET"])
def storage(request: Request) -> Response:
    """What takes how much room, what nobody knows, and facts about the database."""
    return Response(storage_dict(read_storage(largest=LARGEST)))


@extend_schema(request=None, responses={200: Freed}, operation_id="memory_orphans_remove")
@api_view(["POST"])
def remove_orphans(request: Request) -> Response:
    """Delete files that nobody knows and that are older than an hour."""
    freed = space.remove_orphans(actor=request.user.get_username())
    return Response({"freedBytes": freed})


urlpatterns = [
    path("memory/compact", compact),
    path("memory/compactions", compactions),
    path("memory/compactions/<entry:number>", compaction),
    path("memory/compactions/<entry:number>/cancel", cancel),
    path("memory/archives", archives),
    path("memory/archives/<str:file_name>", archive),
    path("memory/archives/<str:file_name>/file", archive_file),
    path("memory/archives/<str:file_name>/restore", restore),
    path("memory/archives/<str:file_name>/verify", verify),
    path("memory/policy", policy),
    path("memory/storage", storage),
    path("memory/orphans/remove", remove_orphans),
]
