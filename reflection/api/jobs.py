"""REST: queue, watch, pause, resume, stop and list jobs."""

from collections.abc import Callable
from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.refusals import Invalid
from memory.wire import read_body, read_count, text_field
from reflection.models import Job
from reflection.services import jobs
from reflection.wire import job_json

PAGE, MOST = 50, 1000


class JobAnswer(serializers.Serializer):
    """A job; `settings` and `result` are its kind's own."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    title = serializers.CharField()
    modelName = serializers.CharField(allow_null=True)
    state = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    sentence = serializers.CharField()
    seconds = serializers.FloatField(help_text="of work, pauses left out")
    secondsRemaining = serializers.FloatField(allow_null=True)
    settings = serializers.DictField()
    result = serializers.DictField()
    error = serializers.CharField(allow_null=True)
    actor = serializers.CharField()
    createdAt = serializers.DateTimeField()
    startedAt = serializers.DateTimeField(allow_null=True)
    finishedAt = serializers.DateTimeField(allow_null=True)


class JobList(serializers.Serializer):
    jobs = JobAnswer(many=True)
    total = serializers.IntegerField()
    limit = serializers.IntegerField()
    offset = serializers.IntegerField()


class JobRequest(serializers.Serializer):
    """`kind`, optionally `requestKey`, and whatever settings the kind has."""

    kind = serializers.CharField()
    requestKey = serializers.CharField(required=False)


@extend_schema(
    methods=["GET"],
    parameters=[
        OpenApiParameter("kind", str),
        OpenApiParameter("modelName", str),
        OpenApiParameter("state", str),
        OpenApiParameter("limit", int),
        OpenApiParameter("offset", int),
    ],
    responses=JobList,
    operation_id="jobs_list",
)
@extend_schema(
    methods=["POST"],
    request=JobRequest,
    responses={201: JobAnswer},
    operation_id="jobs_start",
)
@api_view(["GET", "POST"])
def every(request: Request) -> Response:
    """Jobs, newest first; POST queues one."""
    if request.method == "POST":
        return _start(request)
    query = request.query_params
    limit = read_count(query.get("limit", str(PAGE)), "limit", low=1, high=MOST)
    offset = read_count(query.get("offset", "0"), "offset", low=0, high=2**31)
    found = Job.objects.all()
    if "kind" in query:
        found = found.filter(kind=query["kind"])
    if "modelName" in query:
        found = found.filter(model_name__iexact=query["modelName"])
    if "state" in query:
        if query["state"] not in Job.State.values:
            raise Invalid(fields={"state": f"Must be one of {', '.join(Job.State.values)}."})
        found = found.filter(state=query["state"])
    rows = [job_json(job) for job in found[offset : offset + limit]]
    return Response({"jobs": rows, "total": found.count(), "limit": limit, "offset": offset})


def _start(request: Request) -> Response:
    body = read_body(request.data)
    kind, key = text_field(body, "kind"), text_field(body, "request_key", required=False)
    settings = {n: value for n, value in body.items() if n not in ("kind", "request_key")}
    actor = request.user.get_username()
    job = jobs.start_job(kind=kind, settings=settings, actor=actor, request_key=key)
    return Response(job_json(job), status=201)


@extend_schema(responses=JobAnswer, operation_id="jobs_one")
@api_view(["GET"])
def one(request: Request, job_id: int) -> Response:
    """A job: what it does, how far it is, where its outcome is."""
    return Response(job_json(jobs.find_job(job_id)))


def _ask(request: Request, job_id: int, verb: Callable[..., Job], **more: Any) -> Response:
    job = verb(job=jobs.find_job(job_id), actor=request.user.get_username(), **more)
    return Response(job_json(job))


@extend_schema(request=None, responses=JobAnswer, operation_id="jobs_pause")
@api_view(["POST"])
def pause(request: Request, job_id: int) -> Response:
    """Pause after the current step."""
    return _ask(request, job_id, jobs.ask_pause)


@extend_schema(request=None, responses=JobAnswer, operation_id="jobs_resume")
@api_view(["POST"])
def resume(request: Request, job_id: int) -> Response:
    """Queue a paused or interrupted job again; it goes on where it was."""
    return _ask(request, job_id, jobs.resume)


@extend_schema(request=None, responses=JobAnswer, operation_id="jobs_stop")
@api_view(["POST"])
def stop(request: Request, job_id: int) -> Response:
    """Stop after the current step; what was done so far is dropped."""
    return _ask(request, job_id, jobs.ask_stop)


@extend_schema(request=None, responses=JobAnswer, operation_id="jobs_again")
@api_view(["POST"])
def again(request: Request, job_id: int) -> Response:
    """A new job with the settings of one that is over."""
    return _ask(request, job_id, jobs.run_again)


urlpatterns = [
    path("jobs", every),
    path("jobs/<int:job_id>", one),
    path("jobs/<int:job_id>/pause", pause),
    path("jobs/<int:job_id>/resume", resume),
    path("jobs/<int:job_id>/stop", stop),
    path("jobs/<int:job_id>/again", again),
]
