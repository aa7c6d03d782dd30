"""REST: read the journal, add a note, tell its integrity, download any filter of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework.decorators import api_view, content_negotiation_class
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from memory import (
    converters,  # noqa: F401  registers <entry:...>
    paging,
    recall,
    services,
    tallies,
)
from memory.exports import csv_chunks, in_threads, jsonl_chunks
from memory.integrity import CLAIM
from memory.models import JournalCheck, JournalEntry, JournalSegment
from memory.queries import MAX_LIMIT, parse_filter, parse_window
from memory.refusals import Invalid
from memory.serializers import (
    NEVER_CHECKED,
    Entry,
    EntryPage,
    Integrity,
    Note,
    Pin,
    Summary,
    check_dict,
    entry_dict,
)
from memory.wire import read_body, snake, text_field

_FILTER = [
    OpenApiParameter("eventType", str, description="one or more, separated by commas"),
    OpenApiParameter("startDate", str, description="ISO 8601, inclusive"),
    OpenApiParameter("endDate", str, description="ISO 8601; a date includes its whole day"),
    OpenApiParameter("level", str, enum=["info", "warning", "error"]),
    OpenApiParameter("actor", str),
    OpenApiParameter("q", str, description="each begins a word of the entry"),
    OpenApiParameter("sessionId", int),
    OpenApiParameter("hasNote", bool, description="only notes, and entries that have one"),
    OpenApiParameter("until", int, description="newest entry to tell of: a stable page"),
]
_MODEL = OpenApiParameter("modelName", str)
_WINDOW = [
    OpenApiParameter("limit", int, description=f"1 to {MAX_LIMIT}, 100 when absent"),
    OpenApiParameter("offset", int, description="only one of offset, before and after"),
    OpenApiParameter("before", int, description="entries older than this number"),
    OpenApiParameter("after", int, description="entries newer than this number"),
]
MAX_INT = 2**63 - 1


@extend_schema(
    parameters=[_MODEL, *_FILTER, *_WINDOW], responses=EntryPage, operation_id="journal_list"
)
@api_view(["GET"])
def entries(request: Request) -> Response:
    """Entries of the journal, newest first."""
    return _page(_raw(request))


@extend_schema(
    parameters=[*_FILTER, *_WINDOW], responses=EntryPage, operation_id="journal_of_model"
)
@api_view(["GET"])
def of_model(request: Request, model_name: str) -> Response:
    """Entries of one model, newest first."""
    return _page(_raw(request) | {"model_name": model_name})


@extend_schema(parameters=[_MODEL, *_FILTER], responses=Summary, operation_id="journal_summary")
@api_view(["GET"])
def summary(request: Request) -> Response:
    """How many entries match, by facet and by day."""
    wanted = recall.hold_still(parse_filter(_raw(request)))
    counts = tallies.count(wanted)
    facets = counts.facets
    return Response(
        {
            "total": counts.total,
            "eventTypes": dict(facets["event_type"].most_common()),
            "levels": dict(facets["level"].most_common()),
            "models": dict(facets["model_name"].most_common(MAX_LIMIT)),
            "actors": dict(facets["actor"].most_common(MAX_LIMIT)),
            "days": [{"date": day, "count": count} for day, count in tallies.per_day(wanted)],
        }
    )


@extend_schema(responses=Integrity, operation_id="journal_integrity")
@api_view(["GET"])
def integrity(request: Request) -> Response:
    """The result of the last verification; it is not repeated here."""
    check = JournalCheck.objects.first()
    result = check_dict(check) if check else NEVER_CHECKED
    damaged = JournalSegment.objects.exclude(damaged="").values("first", "last", "damaged")
    return Response(
        {**result, "newest": recall.newest_seq(), "damaged": list(damaged), "claim": CLAIM}
    )


@extend_schema(request=Note, responses={201: Entry}, operation_id="journal_add_note")
@api_view(["POST"])
def notes(request: Request) -> Response:
    """Add a note. (Entries of a model that is called `notes`: `?modelName=notes`.)"""
    body = read_body(request.data)
    note = services.add_note(
        text=text_field(body, "text"),
        actor=request.user.get_username(),
        model_name=text_field(body, "model_name", required=False),
        session_id=_number(body, "session_id", 0),
        entry=_number(body, "entry_id", 1),
    )
    return Response(entry_dict(note), status=201)


@extend_schema(responses=Pin, operation_id="journal_pin", request=None, methods=["PUT"])
@extend_schema(responses={200: Pin}, operation_id="journal_unpin", methods=["DELETE"])
@api_view(["PUT", "DELETE"])
def pin(request: Request, seq: int) -> Response:
    """Keep an entry in the database whatever its age (PUT), or no longer (DELETE)."""
    pinned = request.method == "PUT"
    services.pin_entry(seq=seq, actor=request.user.get_username(), pinned=pinned)
    return Response({"id": seq, "pinned": pinned})


class _AnyAnswer(BaseContentNegotiation):
    """A file is sent whatever the Accept header says; an error about it is JSON."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


@extend_schema(
    parameters=[_MODEL, *_FILTER],
    responses={(200, "text/csv"): OpenApiTypes.STR},
    operation_id="journal_csv",
)
@api_view(["GET"])
@content_negotiation_class(_AnyAnswer)
def csv_file(request: Request) -> StreamingHttpResponse:
    """All matching entries as CSV, newest first."""
    return _download(request, csv_chunks, "text/csv; charset=utf-8", "journal.csv")


@extend_schema(
    parameters=[_MODEL, *_FILTER],
    responses={(200, "application/jsonl"): OpenApiTypes.STR},
    operation_id="journal_jsonl",
)
@api_view(["GET"])
@content_negotiation_class(_AnyAnswer)
def jsonl_file(request: Request) -> StreamingHttpResponse:
    """All matching entries as JSON lines, newest first."""
    return _download(request, jsonl_chunks, "application/jsonl", "journal.jsonl")


def _raw(request: Request) -> dict[str, str]:
    """The query string with snake_case names; a repeated eventType adds up."""
    query = request.query_params
    raw = {snake(name): str(query[name]) for name in query}
    return raw | {"event_type": ",".join(query.getlist("eventType"))}


def _page(raw: Mapping[str, str]) -> Response:
    """The page of entries that a request asks for, held still at the newest entry."""
    wanted = recall.hold_still(parse_filter(raw))
    window = parse_window(raw)
    if "offset" in window:
        found = paging.entries_at(wanted, offset=window["offset"], limit=window["limit"])
    else:
        found = recall.newest(wanted, **window)
    return Response(
        {
            "entries": [entry_dict(entry) for entry in found],
            "total": tallies.total(wanted),
            "limit": window["limit"],
            "offset": window.get("offset", 0),
            "until": wanted.until,
        }
    )


def _download(
    request: Request,
    write: Callable[[Iterable[list[JournalEntry]]], Iterator[str]],
    content_type: str,
    file_name: str,
) -> StreamingHttpResponse:
    """Stream all matching entries in the form that `write` gives them."""
    chunks = write(recall.stream(parse_filter(_raw(request))))
    served_async = isinstance(request._request, ASGIRequest)
    response = StreamingHttpResponse(
        in_threads(chunks) if served_async else chunks, content_type=content_type
    )
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def _number(body: Mapping[str, Any], name: str, low: int) -> int | None:
    """A whole number of the body, or null."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= MAX_INT:
        raise Invalid(fields={name: f"Must be a whole number from {low}."})
    return value


urlpatterns = [
    path("journal", entries),
    path("journal.csv", csv_file, name="journal-csv"),
    path("journal.jsonl", jsonl_file, name="journal-jsonl"),
    path("journal/summary", summary),
    path("journal/integrity", integrity),
    path("journal/notes", notes),
    path("journal/pins/<entry:seq>", pin),
    path("journal/<str:model_name>", of_model),
]
