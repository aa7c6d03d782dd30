"""The list of sessions: its files, and what changes of it while somebody looks at it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from training.listings import sessions_csv, sessions_json
from training.session_changes import changes
from training.session_queries import parse_filter


@require_GET
def sessions_file(request: HttpRequest) -> HttpResponse:
    """The sessions of a view of the list as CSV."""
    rows = parse_filter(request.GET.dict()).queryset()
    return _file(
        HttpResponse(sessions_csv(rows), content_type="text/csv; charset=utf-8"), "csv"
    )


@require_GET
def sessions_list(request: HttpRequest) -> HttpResponse:
    """The same as JSON."""
    rows = parse_filter(request.GET.dict()).queryset()
    return _file(HttpResponse(sessions_json(rows), content_type="application/json"), "json")


@require_GET
def newer(request: HttpRequest) -> HttpResponse:
    """How far the rows of a list are, and how many sessions are new; nothing to say is 204."""
    found = changes(request.GET)
    if found is None:
        return HttpResponse(status=204)
    return render(request, "training/_sessions_newer.html", {"changes": found, "swap": True})


def _file(response: HttpResponse, ending: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="helios-sessions.{ending}"'
    return response
