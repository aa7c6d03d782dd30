"""The overview, which knows every app, and the theme of the pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from helios_site.context import THEME_COOKIE, THEMES
from memory.refusals import Invalid

YEAR = 365 * 24 * 60 * 60  # seconds


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Is something running, did the last session finish, is anything wrong, what next?"""
    return render(request, "helios_site/overview.html")


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
