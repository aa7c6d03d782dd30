"""The settings of an account, its API tokens, and what this installation is."""

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from helios_site import about, accounts, health, notices, outbox
from helios_site.context import THEME_COOKIE
from helios_site.models import ApiToken, Preferences
from helios_site.preferences import (
    COLUMNS,
    DECIMALS,
    NAMES,
    as_dict,
    preferences_of,
    save_preferences,
    zones,
)
from helios_site.roles import Role, role_of
from helios_site.views import training_defaults
from helios_site.views.frame import YEAR
from memory.refusals import Refusal
from training.models import TrainingSession, Worker
from training.services import defaults, presets

TABS = {
    "profile": "Profile",
    "display": "Display",
    "training": "Training defaults",
    "notifications": "Notifications",
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
        "Of bits and gains; CSV and JSON hold the full value.",
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
BEFORE = "settings_before"  # in the session: what Undo brings back, by tab
FAILURES = 10
WAITING = 25


@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    """The tab that `?tab=` names."""
    return page(request, request.GET.get("tab", ""))


@require_POST
@sensitive_post_parameters()
def password(request: HttpRequest) -> HttpResponse:
    """Change the password; other browsers and their live pages are signed out."""
    try:
        accounts.change_password(
            user=user_of(request),
            before=request.POST.get("before", ""),
            wanted=request.POST.get("wanted", ""),
        )
    except Refusal as refusal:
        return page(request, "profile", status=refusal.status, problems=refusal.fields)
    update_session_auth_hash(request, user_of(request))
    return back_to("profile")


@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """Save the section Display."""
    held = as_dict(preferences_of(request.user))
    before = {name: held[name] for name in held if name not in COLUMNS}
    sent = {name: request.POST.get(name, "") for name in NAMES if name in request.POST}
    sent["shortcuts"] = request.POST.get("shortcuts", "off")
    answer = _save(request, sent)
    if answer is None:
        request.session[BEFORE] = {"display": before}
        answer = _saved(request, sent["theme"] if "theme" in sent else before["theme"])
    return answer


@require_POST
def training(request: HttpRequest) -> HttpResponse:
    """Save what the Train form begins with, or begin as usual again."""
    user = user_of(request)
    before = defaults.as_dict(defaults.defaults_of(user))
    if "forget" in request.POST:
        defaults.forget_defaults(user=user)
    else:
        try:
            defaults.save_defaults(user=user, **training_defaults.sent(request.POST))
        except Refusal as refusal:
            more = training_defaults.shown(request, request.POST, refusal.fields)
            return page(request, "training", status=refusal.status, **more)
    request.session[BEFORE] = {"training": before}
    return back_to("training")


@require_POST
def delete_preset(request: HttpRequest, name: str) -> HttpResponse:
    """Forget a saved preset; Undo saves it again."""
    preset = presets.find_preset(name)
    presets.delete_preset(name=name, actor=user_of(request).get_username())
    request.session[BEFORE] = {"preset": {"name": preset.name, "settings": preset.values}}
    return back_to("training")


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Bring back what was there before the last save."""
    before = request.session.pop(BEFORE, {})
    if "display" in before:
        chosen = before["display"]
        return _save(request, chosen) or _saved(request, chosen["theme"])
    try:
        if "training" in before:
            defaults.save_defaults(user=user_of(request), **before["training"])
        elif "notifications" in before:
            notices.save_wish(user=user_of(request), changes=before["notifications"])
            return back_to("notifications")
        elif "preset" in before:
            presets.save_preset(**before["preset"], actor=user_of(request).get_username())
        else:
            return redirect("settings")
    except Refusal as refusal:  # what it named is gone meanwhile
        if "notifications" in before:
            return page(
                request, "notifications", status=refusal.status, problems=refusal.fields
            )
        more = training_defaults.shown(request, problems=refusal.fields)
        return page(request, "training", status=refusal.status, **more)
    return back_to("training")


def _save(request: HttpRequest, changes: dict[str, Any]) -> HttpResponse | None:
    """Save, or the page with what is wrong."""
    try:
        save_preferences(user=user_of(request), changes=changes)
    except Refusal as refusal:
        return page(request, "display", status=refusal.status, problems=refusal.fields)
    return None


def back_to(tab: str) -> HttpResponse:
    """To a tab that says that it was saved."""
    return redirect(f"{reverse('settings')}?tab={tab}&saved=1")


def _saved(request: HttpRequest, theme: str) -> HttpResponse:
    response = back_to("display")
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
            user=user_of(request),
            days=accounts.read_days(days),
            scope=request.POST.get("scope", ""),
        )
    except Refusal as refusal:
        more: dict[str, Any] = {"problems": refusal.fields, "typed": request.POST}
        return page(request, "tokens", status=refusal.status, **more)
    return page(request, "tokens", token=token, token_name=name)


@require_POST
def revoke_token(request: HttpRequest) -> HttpResponse:
    """End a token."""
    accounts.revoke_token(name=request.POST.get("name", ""), user=user_of(request))
    return redirect(f"{reverse('settings')}?tab=tokens")


@require_GET
@never_cache
def bundle(request: HttpRequest) -> HttpResponse:
    """The diagnostic bundle as a file."""
    headers = {"Content-Disposition": 'attachment; filename="helios-diagnostics.zip"'}
    return HttpResponse(about.bundle(), content_type="application/zip", headers=headers)


def page(request: HttpRequest, asked: str, status: int = 200, **more: Any) -> HttpResponse:
    """A tab of the settings, with what is wrong or was just made."""
    tab = asked if asked in TABS else "display"
    context = {
        "tab": tab,
        "tabs": TABS,
        "saved": "saved" in request.GET,
        "may_undo": bool(request.session.get(BEFORE)),
        **_PARTS[tab](request),
        **more,
    }
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
    }


def _profile(request: HttpRequest) -> dict[str, Any]:
    mine = TrainingSession.objects.filter(actor=user_of(request).get_username())
    return {
        "session_count": mine.count(),
        "has_password": user_of(request).has_usable_password(),
    }


def _notifications(request: HttpRequest) -> dict[str, Any]:
    wish = notices.wish_of(request.user)
    return {"wish": wish, "typed": {}, "can_send": outbox.is_installed()}


def _tokens(request: HttpRequest) -> dict[str, Any]:
    return {"tokens": ApiToken.objects.filter(user=user_of(request)), "typed": {}}


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
        "places": about.places() if role_of(request.user) == Role.ADMIN else [],
    }


_PARTS = {
    "profile": _profile,
    "display": _display,
    "training": training_defaults.shown,
    "notifications": _notifications,
    "tokens": _tokens,
    "workers": _workers,
    "about": _about,
}


def user_of(request: HttpRequest) -> User:
    """Who asks."""
    assert isinstance(request.user, User)  # SignInFirst let nobody else in
    return request.user
