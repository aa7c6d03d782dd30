"""REST: start, watch, pause, resume, stop and list training sessions."""

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.refusals import Invalid
from memory.wire import read_body, read_count, text_field
from registry.networks.spec import ENCODERS
from training.epoch_serializers import EpochList, RecalledEpoch, epoch_dict, recalled_dict
from training.histories import read_epochs, recall
from training.models import SessionLog, TrainingSession
from training.progress import progress
from training.replicas import replicas
from training.serializers import (
    AskRequest,
    Estimate,
    LogList,
    ReplicaList,
    SessionList,
    SessionStatus,
    StartRequest,
    StartResponse,
    StopRequest,
    WorkerList,
    estimate_dict,
    log_dict,
    replicas_dict,
    session_dicts,
    status_dict,
)
from training.services import sessions
from training.services.planning import plan
from training.services.presets import preset_values
from training.services.recovery import idle_processes, online_workers
from training.session_queries import SORT_KEYS, parse_filter

PAGE = 50
MOST = 1000
NOT_SETTINGS = ("model_name", "data_source", "preset", "request_key", "note", "tags")


def settings_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """What of a start's body belongs to the configuration."""
    return {name: value for name, value in body.items() if name not in NOT_SETTINGS}


@extend_schema(request=StartRequest, responses={201: StartResponse}, operation_id="train_start")
@api_view(["POST"])
def start(request: Request) -> Response:
    """Queue a training session."""
    body = read_body(request.data)
    session = sessions.start_session(
        model_name=text_field(body, "model_name"),
        dataset_name=text_field(body, "data_source"),
        preset=text_field(body, "preset", required=False),
        request_key=text_field(body, "request_key", required=False),
        settings=settings_of(body),
        note=text_field(body, "note", required=False),
        tags=body.get("tags", []),
        actor=request.user.get_username(),
    )
    answer = {"sessionId": session.pk, "status": "started", "state": session.state}
    return Response(answer, status=201)


@extend_schema(
    parameters=[OpenApiParameter("sessionId", int, description="Default: the newest session")],
    responses=SessionStatus,
    operation_id="train_status",
)
@api_view(["GET"])
def status(request: Request) -> Response:
    """How far a session is: the one asked for, or the newest."""
    asked = request.query_params.get("sessionId")
    if asked is not None:
        wanted = read_count(asked, "session_id", low=1, high=2**63 - 1)
        session = sessions.find_session(wanted)
    else:
        newest = TrainingSession.objects.select_related("model", "dataset").first()
        if newest is None:
            return Response({"sessionId": None, "status": "completed", "state": "none"})
        session = newest
    return Response(status_dict(session, progress(session)))


@extend_schema(
    parameters=[
        OpenApiParameter("q", str, description="a part of the name or title, or the number"),
        OpenApiParameter("modelName", str),
        OpenApiParameter("state", str, description="a state, or all, active, done, failed"),
        OpenApiParameter("source", str, description="name of a dataset"),
        OpenApiParameter("arch", str, enum=list(ENCODERS)),
        OpenApiParameter(
            "sort",
            str,
            enum=list(SORT_KEYS),
            description="newest first when absent; bestGain leaves out sessions without one",
        ),
        OpenApiParameter("limit", int),
        OpenApiParameter("offset", int),
    ],
    responses=SessionList,
    operation_id="train_history",
)
@api_view(["GET"])
def history(request: Request) -> Response:
    """Sessions, newest first, or in the order that `sort` asks for."""
    query = request.query_params
    limit = read_count(query.get("limit", str(PAGE)), "limit", low=1, high=MOST)
    offset = read_count(query.get("offset", "0"), "offset", low=0, high=2**31)
    asked = {**query.dict(), "model": query.get("modelName", "")}
    found = parse_filter(asked).queryset()
    rows = session_dicts(found[offset : offset + limit])
    return Response(
        {"sessions": rows, "total": found.count(), "limit": limit, "offset": offset}
    )


@extend_schema(
    parameters=[OpenApiParameter("after", int), OpenApiParameter("limit", int)],
    responses=EpochList,
    operation_id="train_epochs",
)
@api_view(["GET"])
def epochs(request: Request, session_id: int) -> Response:
    """The epochs of a session after a number, oldest first; `source` says where they come from."""
    session = sessions.find_session(session_id)
    after = read_count(request.query_params.get("after", "0"), "after", low=0, high=2**31)
    limit = read_count(request.query_params.get("limit", str(MOST)), "limit", low=1, high=MOST)
    rows, history = read_epochs(session, after=after, limit=limit)
    return Response(
        {
            "sessionId": session.pk,
            "state": session.state,
            "source": history.source,
            "count": history.count,
            "message": history.words,
            "epochs": [epoch_dict(epoch) for epoch in rows],
        }
    )


@extend_schema(responses=RecalledEpoch, operation_id="train_epoch")
@api_view(["GET"])
def epoch(request: Request, session_id: int, number: int) -> Response:
    """One epoch: exactly, or between which values each figure lies."""
    session = sessions.find_session(session_id)
    return Response(recalled_dict(session, recall(session, number)))


@extend_schema(
    parameters=[
        OpenApiParameter("level", str, description="info, warning or error"),
        OpenApiParameter("after", int, description="the last line's id the caller has"),
        OpenApiParameter("limit", int),
    ],
    responses=LogList,
    operation_id="train_log",
)
@api_view(["GET"])
def log(request: Request, session_id: int) -> Response:
    """The log of a session, oldest first: the tail, or the lines after one."""
    session, query = sessions.find_session(session_id), request.query_params
    limit = read_count(query.get("limit", "100"), "limit", low=1, high=MOST)
    lines = session.log.all()
    if "level" in query:
        if query["level"] not in SessionLog.Level.values:
            raise Invalid(fields={"level": "Must be info, warning or error."})
        lines = lines.filter(level=query["level"])
    if "after" in query:
        after = read_count(query["after"], "after", low=0, high=2**63 - 1)
        found = list(lines.filter(pk__gt=after)[:limit])
    else:
        found = list(lines.order_by("-pk")[:limit])[::-1]
    return Response({"sessionId": session.pk, "lines": [log_dict(line) for line in found]})


@extend_schema(responses=ReplicaList, operation_id="train_replicas")
@api_view(["GET"])
def models(request: Request, session_id: int) -> Response:
    """The models that train together in a session (replicas or a sweep), with their spread."""
    session = sessions.find_session(session_id)
    return Response(replicas_dict(session.pk, replicas(session)))


@extend_schema(request=StartRequest, responses=Estimate, operation_id="train_estimate")
@api_view(["POST"])
def estimate(request: Request) -> Response:
    """What a start with this body would need; nothing is queued."""
    body = read_body(request.data)
    preset = preset_values(text_field(body, "preset", required=False))
    config = sessions.read_config({**preset, **settings_of(body)})
    dataset = sessions.find_data_source(text_field(body, "data_source"))
    return Response(estimate_dict(plan(dataset=dataset, config=config), config.epochs))


@extend_schema(responses=WorkerList, operation_id="train_workers")
@api_view(["GET"])
def workers(request: Request) -> Response:
    """The queues that are alive, and how many sessions wait for them."""
    online = [
        {"name": worker.name, "processes": worker.processes, "seenAt": worker.beat_at}
        for worker in online_workers()
    ]
    waiting = TrainingSession.objects.waiting().count()
    return Response({"workers": online, "idle": idle_processes(), "waiting": waiting})


Verb = Callable[..., TrainingSession]


def _ask(request: Request, verb: Verb, **more: Any) -> Response:
    """Carry out a verb on the session that the body names; answers with its status."""
    body = read_body(request.data)
    session = verb(
        session=sessions.find_session(body.get("session_id")),
        actor=request.user.get_username(),
        **more,
    )
    return Response(status_dict(session, progress(session)))


@extend_schema(request=StopRequest, responses=SessionStatus, operation_id="train_stop")
@api_view(["POST"])
def stop(request: Request) -> Response:
    """Stop after this epoch; keep "best" (default) or "nothing"."""
    body: Mapping[str, Any] = read_body(request.data)
    return _ask(request, sessions.ask_stop, keep=body.get("keep", "best"))


@extend_schema(request=AskRequest, responses=SessionStatus, operation_id="train_pause")
@api_view(["POST"])
def pause(request: Request) -> Response:
    """Pause after this epoch."""
    return _ask(request, sessions.ask_pause)


@extend_schema(request=AskRequest, responses=SessionStatus, operation_id="train_resume")
@api_view(["POST"])
def resume(request: Request) -> Response:
    """Queue a paused or interrupted session again."""
    return _ask(request, sessions.resume)


@extend_schema(request=AskRequest, responses=SessionStatus, operation_id="train_retry")
@api_view(["POST"])
def retry(request: Request) -> Response:
    """Start a new session with the settings of one that is over."""
    return _ask(request, sessions.retry)


@extend_schema(request=AskRequest, responses=SessionStatus, operation_id="train_verify")
@api_view(["POST"])
def verify(request: Request) -> Response:
    """Train the session again in the queue and compare every bit; the journal says the outcome."""
    return _ask(request, sessions.ask_verify)


urlpatterns = [
    path("train/start", start),
    path("train/status", status),
    path("train/history", history),
    path("train/stop", stop),
    path("train/pause", pause),
    path("train/resume", resume),
    path("train/retry", retry),
    path("train/verify", verify),
    path("train/estimate", estimate),
    path("train/workers", workers),
    path("train/sessions/<int:session_id>/epochs", epochs),
    path("train/sessions/<int:session_id>/epochs/<int:number>", epoch),
    path("train/sessions/<int:session_id>/log", log),
    path("train/sessions/<int:session_id>/models", models),
]
