"""A request id on every answer, and refusals as pages."""

import secrets
from collections.abc import Callable

from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from helios_site.errors import unstorable
from memory.refusals import Refusal

Handler = Callable[[HttpRequest], HttpResponse]


def request_id(get_response: Handler) -> Handler:
    """Give each request an id that error pages, the envelope and the log share."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.request_id = secrets.token_hex(6)  # type: ignore[attr-defined]
        response = get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response

    return middleware


class RefusalPages:
    """A `Refusal` raised by a page's view becomes a page that says what to do next.

    So does a text that the database cannot hold and that no field's check has looked at.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DataError):
            error = unstorable(error)
        if not isinstance(error, Refusal):
            return None
        context = {"refusal": error}
        return render(request, "helios_site/refusal.html", context, status=error.status)
