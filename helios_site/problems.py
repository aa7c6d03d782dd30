"""The pages (and, under /api/, the envelopes) of requests that went wrong.

They show a reference id, never a stack, a path of a file or a setting. No query is made for
the error page: the database may be what went wrong.
"""

import re
import sys
from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from helios_site.context import THEME_COOKIE, THEMES
from helios_site.errors import AWAY, RETRY_AFTER, problem
from helios_site.maintenance import Maintenance
from memory.sqlite3.troubles import Trouble

FOR_ADMINS = "It needs the role admin."
LONGEST = 60  # characters of a search that is offered


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a Host that is not ours, or a request that cannot be read."""
    return _answer(request, HTTPStatus.BAD_REQUEST, "This request cannot be understood.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: signed in, but not allowed; or asked by another site's page."""
    user = getattr(request, "user", None)
    if _is_api(request) or user is None or not user.is_authenticated:
        return _answer(request, HTTPStatus.FORBIDDEN, "This is not yours to see or do.")
    needs = str(exception) or FOR_ADMINS
    return render(request, "403.html", {"needs": needs}, status=HTTPStatus.FORBIDDEN)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without this browser's secret, often one that stood open for long."""
    text = "This form is no longer valid. Go back, load the page again, and repeat."
    return _answer(request, HTTPStatus.FORBIDDEN, text)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such page, or not for this user."""
    if _is_api(request) or not hasattr(request, "user"):
        return _answer(request, HTTPStatus.NOT_FOUND, "There is nothing here.")
    context = {"wanted": wanted(request.path)}
    return render(request, "404.html", context, status=HTTPStatus.NOT_FOUND)


def no_page(request: HttpRequest, refused: HttpResponse) -> HttpResponse:
    """405: an address that only takes a form, opened as a page: from the history, or typed."""
    if _is_api(request) or refused.content:
        return refused
    text = "This address takes what a form sends, and shows nothing. Go back to that page."
    answer = _answer(request, HTTPStatus.METHOD_NOT_ALLOWED, text, title="No page")
    answer["Allow"] = refused["Allow"]
    return answer


def wanted(path: str) -> str:
    """What somebody may have looked for at an address: its last part in words."""
    last = path.rstrip("/").rpartition("/")[2]
    return " ".join(re.findall(r"[\w.]+", last))[:LONGEST]


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a mistake of ours; 503 with Retry-After while the database does not answer.

    507 while its disk is full.
    """
    error = sys.exception()
    if isinstance(error, AWAY):
        text = "The database does not answer just now. Try again in a moment."
        status = HTTPStatus.SERVICE_UNAVAILABLE
        if isinstance(error, Trouble):
            text, status = error.message, HTTPStatus(error.status)
        answer = _answer(request, status, text)
        answer["Retry-After"] = RETRY_AFTER
        return answer
    text = "Something went wrong on this side. Nothing was changed."
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, text)


def maintained(request: HttpRequest, note: Maintenance) -> HttpResponse:
    """503 during planned maintenance: why, until when, and that training goes on."""
    text = note.message or "Helios is being worked on, as planned."
    answer = _answer(
        request,
        HTTPStatus.SERVICE_UNAVAILABLE,
        text,
        title="Maintenance",
        code="maintenance",
        until=note.until,
    )
    answer["Retry-After"] = str(note.retry_after)
    answer["Cache-Control"] = "no-store"
    return answer


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _answer(
    request: HttpRequest,
    status: HTTPStatus,
    text: str,
    title: str = "",
    code: str = "",
    until: datetime | None = None,
) -> HttpResponse:
    request_id = getattr(request, "request_id", "")
    if _is_api(request):
        body = problem(code=code or status.name.lower(), message=text, request_id=request_id)
        return JsonResponse(body, status=status)
    again = status >= HTTPStatus.INTERNAL_SERVER_ERROR and request.method == "GET"
    theme = request.COOKIES.get(THEME_COOKIE, "")
    context = {
        "title": title or status.phrase,
        "text": text,
        "code": code,
        "until": until,
        "request_id": request_id,
        "theme": theme if theme in dict(THEMES) else "system",
        "again": request.get_full_path() if again else "",
    }
    return HttpResponse(render_to_string("problem.html", context), status=status)
