"""The settings of an account, its API tokens, and what this installation is."""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from helios_site import about, accounts, health
from helios_site.context import THEME_COOKIE
from helios_site.models import ApiToken, Preferences
from helios_site.preferences import (
    DECIMALS,
    NAMES,
    as_dict,
    preferences_of,
    save_preferences,
    zones,
)
from helios_site.views.frame import YEAR
from memory.refusals import Refusal
from training.models import TrainingSession, Worker

TABS = {
    "display": "Display",
    "tokens": "API tokens",
    "workers": "Workers",
    "about": "About",
}
CHOICES = (
    ("theme", "Theme", "", Preferences.Theme.choices),
    ("density", "Density", "Of tables and lists.", Preferences.Density.choices),
    ("dates", "Moments", "The other form is shown on hover.", Preferences.Dates.choices),
    (
        "decimals",
        "Decimals",
        "Of bits and gains; a copy holds the full value.",
        [(str(number), str(number)) for number in DECIMALS],
    ),
    (
        "announcements",
        "Announcements",
        "What a screen reader is told while a session trains.",
        Preferences.Announcements.choices,
    ),
    ("motion", "Motion", "", Preferences.Motion.choices),
)
BEFORE = "preferences_before"  # in the session: what Undo brings back
FAILURES = 10
WAITING = 25


@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    """The tab that `?tab=` names."""
    return _page(request, request.GET.get("tab", ""))


@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """Save the section Display."""
    before = as_dict(preferences_of(request.user))
    sent = {name: request.POST.get(name, "") for name in NAMES if name in request.POST}
    sent["shortcuts"] = request.POST.get("shortcuts", "off")
    answer = _save(request, sent)
    if answer is None:
        request.session[BEFORE] = before
        answer = _saved(request, sent["theme"] if "theme" in sent else before["theme"])
    return answer


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Bring back what was there before the last save."""
    before = request.session.pop(BEFORE, None)
    if before is None:
        return redirect("settings")
    return _save(request, before) or _saved(request, before["theme"])


def _save(request: HttpRequest, changes: dict[str, Any]) -> HttpResponse | None:
    """Save, or the page with what is wrong."""
    try:
        save_preferences(user=_user(request), changes=changes)
    except Refusal as refusal:
        return _page(request, "display", status=refusal.status, problems=refusal.fields)
    return None


def _saved(request: HttpRequest, theme: str) -> HttpResponse:
    response = redirect(f"{reverse('settings')}?tab=display&saved=1")
    response.set_cookie(THEME_COOKIE, theme, max_age=YEAR, samesite="Lax")
    return response


@require_POST
@never_cache
def make_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show it: this once, so the answer is the page itself."""
    name, days = request.POST.get("name", "").strip(), request.POST.get("days", "").strip()
    try:
        token = accounts.make_token(
            name=name,
            user=_user(request),
            days=accounts.read_days(days),
            scope=request.POST.get("scope", ""),
        )
    except Refusal as refusal:
        more: dict[str, Any] = {"problems": refusal.fields, "typed": request.POST}
        return _page(request, "tokens", status=refusal.status, **more)
    return _page(request, "tokens", token=token, token_name=name)


@require_POST
def revoke_token(request: HttpRequest) -> HttpResponse:
    """End a token."""
    accounts.revoke_token(name=request.POST.get("name", ""), user=_user(request))
    return redirect(f"{reverse('settings')}?tab=tokens")


@require_GET
@never_cache
def bundle(request: HttpRequest) -> HttpResponse:
    """The diagnostic bundle as a file."""
    if not _user(request).is_staff:
        raise PermissionDenied("the diagnostic bundle is for staff")
    headers = {"Content-Disposition": 'attachment; filename="helios-diagnostics.zip"'}
    return HttpResponse(about.bundle(), content_type="application/zip", headers=headers)


def _page(request: HttpRequest, asked: str, status: int = 200, **more: Any) -> HttpResponse:
    tab = asked if asked in TABS else "display"
    context = {"tab": tab, "tabs": TABS, **_PARTS[tab](request), **more}
    return render(request, "helios_site/settings.html", context, status=status)


def _display(request: HttpRequest) -> dict[str, Any]:
    chosen = preferences_of(request.user)
    fields = [
        {"name": name, "label": label, "help": help, "value": str(getattr(chosen, name))}
        | {"choices": choices}
        for name, label, help, choices in CHOICES
    ]
    return {
        "chosen": chosen,
        "fields": fields,
        "zones": zones(),
        "saved": "saved" in request.GET,
        "may_undo": BEFORE in request.session,
    }


def _tokens(request: HttpRequest) -> dict[str, Any]:
    return {"tokens": ApiToken.objects.filter(user=_user(request)), "typed": {}}


def _workers(request: HttpRequest) -> dict[str, Any]:
    sessions = TrainingSession.objects.select_related("model")
    failed = TrainingSession.State.FAILED
    return {
        "workers": Worker.objects.all(),
        "at_work": sessions.leased().order_by("lease_owner"),
        "waiting": sessions.waiting()[:WAITING],
        "waiting_count": TrainingSession.objects.waiting().count(),
        "failures": sessions.filter(state=failed).order_by("-finished_at")[:FAILURES],
    }


def _about(request: HttpRequest) -> dict[str, Any]:
    found = health.findings()
    return {
        "versions": about.versions(),
        "health": health.worst(found),
        "places": about.places() if _user(request).is_staff else [],
    }


_PARTS = {"display": _display, "tokens": _tokens, "workers": _workers, "about": _about}


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # SignInFirst let nobody else in
    return request.user
