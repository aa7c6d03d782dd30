"""Who gets in: the single-use link, the sign-in page, and the health answer."""

from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST
from sesame.utils import get_user


class SignIn(LoginView):
    """The sign-in page of an installation with accounts."""

    template_name = "helios_site/login.html"
    redirect_authenticated_user = True


@login_not_required
@require_GET
def enter(request: HttpRequest) -> HttpResponse:
    """Exchange the single-use link for a session."""
    user = get_user(request)
    if user is None:
        return redirect("login")
    login(request, user, backend="sesame.backends.ModelBackend")
    return redirect("overview")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("login")


@login_not_required
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """Alive; no data."""
    return JsonResponse({"status": "ok"})
