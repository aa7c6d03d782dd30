"""Notifications: the page of what ended, and the forms of their tab in the settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from helios_site import notices
from helios_site.views.settings import BEFORE, back_to, page, user_of
from memory.refusals import Refusal


@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """The newest sessions of the account that ended; those not read yet are marked."""
    wish = notices.wish_of(user_of(request))
    wish.user = user_of(request)
    new = set(notices.ended(wish, wish.read_until).values_list("pk", flat=True))
    if not (wish.in_app or wish.browser):
        new = set()
    rows = [
        (session, notices.words_of(session), session.pk in new)
        for session in notices.ended(wish)[: notices.SHOWN]
    ]
    context = {"rows": rows, "wish": wish, "new": len(new)}
    return render(request, "helios_site/notifications.html", context)


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Everything is read."""
    notices.mark_read(user=user_of(request))
    return redirect("notifications")


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Save the section Notifications."""
    user = user_of(request)
    before = notices.wish_of(user)
    changes = {name: request.POST.get(name) == "on" for name in notices.SWITCHES}
    try:
        notices.save_wish(
            user=user, changes={**changes, "services": request.POST.get("services", "")}
        )
    except Refusal as refusal:
        more = {"typed": request.POST, "problems": refusal.fields}
        return page(request, "notifications", status=refusal.status, **more)
    kept = {name: getattr(before, name) for name in notices.SWITCHES}
    request.session[BEFORE] = {"notifications": {**kept, "services": before.services}}
    return back_to("notifications")


@require_POST
def test(request: HttpRequest) -> HttpResponse:
    """Send a test to the services that are saved, and say how it went."""
    try:
        count = notices.send_test(user=user_of(request))
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.fields.values()) or refusal.message)
    else:
        messages.success(request, f"Sent to {count} service{'' if count == 1 else 's'}.")
    return redirect(f"{reverse('settings')}?tab=notifications")
