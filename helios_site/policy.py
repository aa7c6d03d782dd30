"""Which role each address needs: the one table, and its two guards (pages, REST).

Looking needs no more than an account, changing needs an editor; what differs is written here.
A stranger looks at nothing, unless HELIOS_PUBLIC_READ is set: then at `VISITED`, and no more.
A test walks every address and method as every role against a table of its own.
WebSockets only look.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from helios_site.roles import Role, role_of
from registry.models import RegisteredModel
from registry.names import key_of
from training.models import DrawImport, SavedPreset

READING = ("GET", "HEAD", "OPTIONS", "TRACE")

Handler = Callable[[HttpRequest], HttpResponse]
Asked = HttpRequest | Request
Rule = Role | Callable[[Asked, Mapping[str, Any]], Role]
VISITOR, VIEWER, EDITOR, ADMIN = Role.VISITOR, Role.VIEWER, Role.EDITOR, Role.ADMIN


def _own(creator: Callable[[Mapping[str, Any]], str | None]) -> Rule:
    """An editor where the account made the thing itself, else an administrator."""

    def rule(request: Asked, named: Mapping[str, Any]) -> Role:
        made_by = creator(named)
        mine = made_by is None or made_by == request.user.get_username()
        return EDITOR if mine else ADMIN  # of what is not there the view says 404

    return rule


def _maker(rows: Any) -> str | None:
    found: str | None = rows.first()
    return found


OWN_MODEL = _own(
    lambda named: _maker(
        RegisteredModel.objects.filter(key=key_of(named["name"])).values_list(
            "created_by", flat=True
        )
    )
)
OWN_PRESET = _own(
    lambda named: _maker(
        SavedPreset.objects.filter(key=key_of(named["name"])).values_list("actor", flat=True)
    )
)
OWN_IMPORT = _own(
    lambda named: _maker(
        DrawImport.objects.filter(dataset__name=named["name"], undone_at=None)
        .order_by("-pk")
        .values_list("actor", flat=True)
    )
)


def _with_the_ticked(request: Asked, named: Mapping[str, Any]) -> Role:
    """Comparing and exporting only look; tagging and archiving change."""
    return VIEWER if request.POST.get("act") in ("compare", "export") else EDITOR


# Addresses at which even looking needs more than an account.
LOOKING: Mapping[str, Rule] = MappingProxyType(
    {
        "settings/diagnostics.zip": ADMIN,
        "memory/backups/<str:name>/": ADMIN,
        "memory/archives/<str:file_name>/": ADMIN,
        "api/memory/archives/<str:file_name>": ADMIN,
        "api/memory/archives/<str:file_name>/file": ADMIN,
        "api/memory/policy": ADMIN,
        "api/memory/backups": ADMIN,
        "api/memory/backups/<str:name>": ADMIN,
    }
)
# Addresses at which changing needs another role than an editor's.
CHANGING: Mapping[str, Rule] = MappingProxyType(
    {
        # One's own account, and what only computes an answer.
        **dict.fromkeys(
            (
                *("login/", "logout/", "-/theme"),
                "api/train/defaults",
                *("models/views/", "models/views/<int:number>/remove/"),
                *("api/models/views", "api/models/views/<int:number>"),
                *("api/train/estimate", "api/backtests/estimate"),
                *("api/reflection/compare", "api/models/<str:name>/predict"),
                "reflection/cards/<str:key>/dismiss/",
                "reflection/cards/<str:key>/bring-back/",
                "api/reflection/cards/<str:key>/dismissal",
            ),
            VIEWER,
        ),
        **dict.fromkeys(("models/selected/", "train/selected/"), _with_the_ticked),
        # Deleting: one's own, or as an administrator.
        **dict.fromkeys(
            (
                *("models/<str:name>/delete/", "models/<str:name>/restore/"),
                *("api/models/<str:name>/restore",),
                "api/models/<str:name>/versions/<str:version>/restore",
            ),
            OWN_MODEL,
        ),
        **dict.fromkeys(
            (
                *("train/presets/<str:name>/delete", "settings/presets/<str:name>/delete/"),
                "api/train/presets/<str:name>",
            ),
            OWN_PRESET,
        ),
        **dict.fromkeys(("draws/<slug:name>/undo/", "api/draws/<slug:name>/undo"), OWN_IMPORT),
    }
)
DELETING: Mapping[str, Rule] = MappingProxyType(
    dict.fromkeys(
        ("api/models/<str:name>", "api/models/<str:name>/versions/<str:version>"), OWN_MODEL
    )
)


def _always(request: Asked) -> bool:
    return True


def _tab(*open_ones: str) -> Callable[[Asked], bool]:
    """A page of which only these tabs are open; "" is the one that it shows unasked."""

    def rule(request: Asked) -> bool:
        return request.GET.get("tab", "") in open_ones

    return rule


def _without_text(request: Asked) -> bool:
    """Looking for words goes through every archive."""
    return not request.GET.get("q")


def _few_models(request: Asked) -> bool:
    """Each combination of models is a computation of its own."""
    return len(request.GET.getlist("m")) <= VISITORS_COMPARE


VISITORS_COMPARE = 3
# What a stranger may look at where HELIOS_PUBLIC_READ is set; everything else stays shut. No
# page that computes for long, names places of the server, or gives a file away.
VISITED: Mapping[str, Callable[[Asked], bool]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *("", "-/chip", "help/", "status/", "train/", "train/sessions/newer/"),
                *("sessions/<int:session_id>/live/", "sessions/<int:session_id>/course/"),
                *("models/", "models/newer/"),
                *("journal/<entry:seq>/", "models/<str:name>/calibration/"),
                *("reflection/", "reflection/newer/<str:seen>/"),
                *("draws/", "draws/<slug:name>/"),
            ),
            _always,
        ),
        "sessions/<int:session_id>/": _tab("", "settings", "split", "models", "journal"),
        "models/<str:name>/": _tab(
            *("", "overview", "versions", "settings", "journal", "card"),
        ),
        **dict.fromkeys(
            ("journal/", "journal/counts/", "journal/newer/"),
            _without_text,
        ),
        **dict.fromkeys(("compare/", "compare/newer/<str:seen>/"), _few_models),
    }
)
VISITED_SOCKETS = re.compile(r"/ws/(overview|sessions/[0-9]+)/")
# Whole branches, for looking and for changing: one's own, how the installation is kept, the desk.
BRANCHES = (
    *(("settings/", VIEWER, VIEWER), ("api/settings", VIEWER, VIEWER)),
    *(("notifications/", VIEWER, VIEWER), ("api/notices/", VIEWER, VIEWER)),
    *(("compare/saved/", VIEWER, VIEWER), ("api/comparisons", VIEWER, VIEWER)),
    *(("memory/", VIEWER, ADMIN), ("api/memory/", VIEWER, ADMIN)),
    ("admin/", ADMIN, ADMIN),
    ("", VIEWER, EDITOR),
)


def needed(request: Asked, method: str, match: ResolverMatch) -> Role:
    """The role that a method of an address needs."""
    route = match.route
    looks = method in READING
    if settings.HELIOS_PUBLIC_READ and method in ("GET", "HEAD") and route in VISITED:
        open_to_all = VISITED[route](request)
        if open_to_all:
            return VISITOR
    rule: Rule | None = LOOKING.get(route) if looks else CHANGING.get(route)
    if method == "DELETE":
        rule = DELETING.get(route, rule)
    if rule is None:
        rule = next(
            looking if looks else changing
            for branch, looking, changing in BRANCHES
            if route.startswith(branch)
        )
    return rule if isinstance(rule, Role) else rule(request, match.kwargs)


def visits(request: HttpRequest) -> bool:
    """Does a stranger look at this page as a visitor?"""
    match, method = request.resolver_match, str(request.method)
    if request.user.is_authenticated or match is None:
        return False
    return needed(request, method, match) == VISITOR


def may_listen(path: str) -> bool:
    """Is a WebSocket open to visitors: what the pages that they see listen to."""
    return settings.HELIOS_PUBLIC_READ and VISITED_SOCKETS.fullmatch(path) is not None


def refusal(request: Asked, match: ResolverMatch, method: str = "") -> str:
    """Why this account may not do this; empty when it may."""
    role = role_of(request.user)
    wanted = needed(request, method or str(request.method), match)
    if role.covers(wanted):
        return ""
    return f"It needs the role {wanted.value}; this account's role is {role.value}."


class RoleFirst:
    """Pages: nobody does what the account's role does not cover. REST asks `RoleAllows`."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> None:
        match = request.resolver_match
        if match is None or not request.user.is_authenticated:
            return  # SignInFirst let a stranger in: the page is open, to visitors at least
        if not match.route.startswith("api/") and (words := refusal(request, match)):
            raise PermissionDenied(words)


class RoleAllows(IsAuthenticated):
    """REST: the same table, once the token or the session has said who asks."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        assert request.resolver_match is not None  # a view is asked by its address
        self.message = refusal(request, request.resolver_match)
        return not self.message
