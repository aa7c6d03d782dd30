"""What is turned away before anything is looked at: foreign hosts, foreign pages, NUL."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, parse_cookie
from django.http.request import split_domain_port, validate_host
from django.shortcuts import redirect, resolve_url

from helios_site.policy import READING, Handler, visits

Application = Callable[[dict[str, Any], Any, Any], Awaitable[Any]]


def known_host_and_site(get_response: Handler) -> Handler:
    """Refuse a Host that is not ours (DNS rebinding) and changes another site's page asks for.

    Django looks at the Host only where a view asks for it, which static files do not. The
    browser itself says `Sec-Fetch-Site`; this stands beside the CSRF token, not in its place.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.get_host()
        if (
            request.method not in READING
            and request.headers.get("Sec-Fetch-Site") == "cross-site"
        ):
            raise PermissionDenied("A page of another site asked for this.")
        return get_response(request)

    return middleware


def without_nul(get_response: Handler) -> Handler:
    """Refuse NUL in an address or a cookie: no name holds one, and PostgreSQL keeps no such text.

    In the query string and in forms a field's own check says it better; what none of them
    looks at becomes a refusal in `middleware.py` and `errors.py`.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path:
            raise Http404
        if _holds_nul(request.COOKIES):
            raise BadRequest("A cookie holds NUL.")
        return get_response(request)

    return middleware


def _holds_nul(cookies: Mapping[str, str]) -> bool:
    return any("\0" in text for item in cookies.items() for text in item)


class SignInFirst(LoginRequiredMiddleware):
    """Nobody gets in without signing in: open views are marked one by one.

    A stranger who may look at the page as a visitor is let in (`policy.visits`).

    Whoever signs in comes back to the page that was open: an address that only takes forms is
    none. To htmx, which would put the sign-in page into a corner of the page it stands on, it
    says to go there instead; the page first asks in a dialog (static/helios/signed-out.js).
    """

    def handle_no_permission(self, request: HttpRequest, view: Any) -> Any:
        if visits(request):
            return None
        by_htmx = "HX-Request" in request.headers
        if request.method in READING and not by_htmx:
            return super().handle_no_permission(request, view)
        page = request.headers.get("HX-Current-URL" if by_htmx else "Referer", "")
        door = f"{resolve_url(self.get_login_url(view))}?next={quote(_path_of(page))}"
        if by_htmx:
            return HttpResponse(status=401, headers={"HX-Redirect": door})
        return redirect(door)


def _path_of(page: str) -> str:
    """The path and query of an address, whatever host it names."""
    try:
        parts = urlsplit(page)
    except ValueError:
        return "/"
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


class OwnPagesOnly:
    """Turn away WebSockets that a page of another origin opens, before they are accepted.

    Cookies are sent to every port of a host, so the port counts here as well (the validator
    of Channels compares names only). A program that is no browser sends no Origin; it may
    come in by a token, but not with a browser's cookie.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").lower()
        origin = headers.get(b"origin")
        cookies = [
            text.decode("latin-1") for name, text in scope["headers"] if name == b"cookie"
        ]
        if (
            not _is_ours(host)
            or not _may_come(origin, host, has_cookie=bool(cookies))
            or any(_holds_nul(parse_cookie(text)) for text in cookies)
        ):
            return await WebsocketDenier()(scope, receive, send)
        return await self.application(scope, receive, send)


def _is_ours(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _may_come(origin: bytes | None, host: str, *, has_cookie: bool) -> bool:
    if origin is None:
        return not has_cookie
    text = origin.decode("latin-1").lower()
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    own_scheme = "https" if settings.BEHIND_HTTPS else "http"
    is_own = address.scheme == own_scheme and address.netloc == host
    return is_own or text in settings.CSRF_TRUSTED_ORIGINS
