"""The overview, which knows every app, and the theme of the pages."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from helios_site import overview as stories
from helios_site.context import THEME_COOKIE, THEMES
from memory.refusals import Invalid

YEAR = 365 * 24 * 60 * 60  # seconds


@require_GET
@vary_on_headers("HX-Request")
def overview(request: HttpRequest) -> HttpResponse:
    """Is something running, did the last session finish, is anything wrong, what next?

    The page asks for its live part again with the stamp it has seen; 204 when nothing changed.
    """
    seen = stories.stamp()
    if request.htmx and request.GET.get("seen") == seen:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    context = {
        "stamp": seen,
        "running": stories.now(),
        "queue_length": stories.queue_length(),
        "attention": stories.attention(),
        "numbers": stories.numbers(),
        "sessions": stories.recent_sessions(),
        "entries": stories.recent_entries(),
        "steps": stories.first_steps(),
    }
    page = "_overview_live" if request.htmx else "overview"  # type: ignore[attr-defined]
    return render(request, f"helios_site/{page}.html", context)


@require_GET
def chip(request: HttpRequest) -> HttpResponse:
    """The active session, as every page's frame shows it."""
    return render(request, "helios_site/_chip.html")


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or system in a cookie, so that the server paints the right one."""
    theme = request.POST.get("theme", "")
    if theme not in dict(THEMES):
        raise Invalid(fields={"theme": f"Must be one of {', '.join(dict(THEMES))}."})
    next_page = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(next_page, allowed_hosts={request.get_host()}):
        next_page = "/"
    response = redirect(next_page)
    response.set_cookie(THEME_COOKIE, theme, max_age=YEAR, samesite="Lax")
    return response


@login_not_required
@require_GET
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it on pages that name no icon, such as the admin's."""
    return redirect(static("helios/mark.svg"))
