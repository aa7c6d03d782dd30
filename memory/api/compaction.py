"""REST: compact the memory, follow and cancel a run, list and restore archives."""

from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response

from memory import (
    archiving,
    converters,  # noqa: F401  registers <entry:...>
)
from memory.models import Compaction, JournalSegment
from memory.queries import MAX_LIMIT, read_age
from memory.refusals import Invalid
from memory.serializers import (
    CompactionRun,
    CompactOrder,
    Segment,
    plan_dict,
    run_dict,
    segment_dict,
)
from memory.wire import read_body


@extend_schema(
    request=CompactOrder,
    responses={200: CompactionRun, 202: CompactionRun},
    operation_id="memory_compact",
)
@api_view(["POST"])
@permission_classes([IsAdminUser])
def compact(request: Request) -> Response:
    """Move old entries into archives (202), or only say what that would do (200)."""
    body = read_body(request.data or {})
    age, dry_run = body.get("older_than", "90d"), body.get("dry_run", False)
    if not isinstance(age, str):
        raise Invalid(fields={"older_than": "must be a number of days like 90d."})
    if not isinstance(dry_run, bool):
        raise Invalid(fields={"dry_run": "must be true or false."})
    plan = archiving.plan_compaction(cutoff=timezone.now() - read_age(age))
    if dry_run:
        return Response(plan_dict(plan))
    run = archiving.queue_compaction(plan=plan, actor=request.user.get_username())
    return Response(run_dict(run), status=202)


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
@permission_classes([IsAdminUser])
def cancel(request: Request, number: int) -> Response:
    """Ask a run to stop after the segment it is at."""
    archiving.cancel_compaction(number=number)
    return Response(run_dict(Compaction.objects.get(pk=number)), status=202)


@extend_schema(responses=Segment(many=True), operation_id="memory_segments")
@api_view(["GET"])
def segments(request: Request) -> Response:
    """The archives, oldest first."""
    return Response([segment_dict(segment) for segment in JournalSegment.objects.all()])


@extend_schema(request=None, responses={202: Segment}, operation_id="memory_segment_restore")
@api_view(["POST"])
@permission_classes([IsAdminUser])
def restore(request: Request, first: int) -> Response:
    """Put the entries of an archive back into the database."""
    segment = archiving.queue_restore(first=first, actor=request.user.get_username())
    return Response(segment_dict(segment), status=202)


urlpatterns = [
    path("memory/compact", compact),
    path("memory/compactions", compactions),
    path("memory/compactions/<entry:number>", compaction),
    path("memory/compactions/<entry:number>/cancel", cancel),
    path("memory/segments", segments),
    path("memory/segments/<entry:first>/restore", restore),
]
