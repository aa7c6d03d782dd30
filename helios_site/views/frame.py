"""What belongs to the frame of every page: the theme, the search, the icon."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from helios_site.context import THEME_COOKIE
from helios_site.preferences import save_preferences
from helios_site.search import RECENT, SUGGESTED
from helios_site.search import search as find

YEAR = 365 * 24 * 60 * 60  # seconds


@require_GET
@vary_on_headers("HX-Request")
def search(request: HttpRequest) -> HttpResponse:
    """What was found; to the field in the frame, while somebody types, a short list."""
    query = request.GET.get("q", "")
    if request.htmx:  # type: ignore[attr-defined]
        found = find(query[:200], limit=SUGGESTED, entries=RECENT)
        return render(request, "helios_site/_suggestions.html", {"found": found})
    return render(request, "helios_site/search.html", {"found": find(query)})


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep light, dark or system: for the account, and in a cookie for the sign-in page."""
    assert isinstance(request.user, User)
    theme = request.POST.get("theme", "")
    save_preferences(user=request.user, changes={"theme": theme})
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
