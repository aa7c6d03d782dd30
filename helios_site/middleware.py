"""A request id on every answer, refusals as pages, and pages as their reader likes them."""

import secrets
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from helios_site.context import (
    THEME_COOKIE,
    ZONE_COOKIE,
    surroundings,
    visitor_surroundings,
)
from helios_site.errors import as_refusal
from helios_site.models import Preferences
from helios_site.policy import visits
from helios_site.preferences import note_reflection
from helios_site.problems import no_page, wanted
from memory.display import Display, shown_as
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

    So does what amounts to one: a text that the database cannot hold, a disk that is full; and
    an address that is no page.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET":
            return no_page(request, answer)
        return answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        error = as_refusal(error)
        if not isinstance(error, Refusal):
            return None
        context = {"refusal": error, "wanted": wanted(request.path)}
        return render(request, "helios_site/refusal.html", context, status=error.status)


def as_preferred(get_response: Handler) -> Handler:
    """Give pages the reader's preferences: the time zone, decimals and form of dates.

    `request.preferences` and `request.surroundings` are for the frame; a stranger has the
    theme of the cookie alone.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):  # programs get UTC and all decimals
            return get_response(request)
        chosen = Preferences(theme=request.COOKIES.get(THEME_COOKIE, Preferences.Theme.SYSTEM))
        if request.user.is_authenticated:
            around = surroundings(request.user)
            chosen = around.preferences
            request.surroundings = around  # type: ignore[attr-defined]
            request.user = around.user
        request.preferences = chosen  # type: ignore[attr-defined]
        form = display_of(chosen, request.COOKIES)
        with timezone.override(form.zone), shown_as(form):
            response = get_response(request)
        if chosen.pk and not chosen.has_reflected and _is_look_at_reflection(request):
            note_reflection(user=request.user)
        return response

    return middleware


class AsVisitor:
    """Give a visitor's page what the frame shows; whether it is one is known with its view."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> None:
        if visits(request):
            request.surroundings = visitor_surroundings()  # type: ignore[attr-defined]


def _is_look_at_reflection(request: HttpRequest) -> bool:
    """Did a person open a page of reflection? What a page of another kind asks by itself is no look."""
    return request.path.startswith("/reflection/") and "HX-Request" not in request.headers


def display_of(chosen: Preferences, cookies: Mapping[str, str]) -> Display:
    """How numbers and times are written for these preferences, on pages and in live fragments."""
    return Display(decimals=chosen.decimals, dates=chosen.dates, zone=_zone_of(chosen, cookies))


def _zone_of(chosen: Preferences, cookies: Mapping[str, str]) -> ZoneInfo | None:
    """The time zone to show; None is the server's. The browser tells its own in a cookie."""
    name = chosen.time_zone
    if name == Preferences.BROWSER_ZONE:
        name = unquote(cookies.get(ZONE_COOKIE, ""))
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError):  # another machine's name, or no name at all
        return None
