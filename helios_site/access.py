"""Who gets in: the single-use link, the sign-in page, and the health answer."""

from datetime import timedelta
from typing import Any

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from helios_site import accounts
from memory import services as journal
from memory.models import JournalEntry
from memory.refusals import Refusal

FAILURES_PER_MINUTE = 20  # told to the journal; a stranger must not be able to fill it


class SignIn(LoginView):
    """The sign-in page. The link signs in without it; accounts with a password use it."""

    template_name = "helios_site/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        open_ones = User.objects.filter(is_active=True).exclude(password="")
        usable = open_ones.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        return super().get_context_data(has_passwords=usable.exists(), **more)

    @transaction.atomic
    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        if "remember" not in self.request.POST:
            self.request.session.set_expiry(0)  # until the browser is closed
        note_sign_in(form.get_user(), "password")
        return answer

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        name = form.data.get("username", "")
        # Anything else that was typed into the field may be a password.
        known = User.objects.filter(username=name).exists() if name.isprintable() else False
        note_failure(self.request, "wrong name or password", name if known else "")
        return super().form_invalid(form)


@login_not_required
@require_GET
@never_cache
def enter(request: HttpRequest) -> HttpResponse:
    """Exchange the single-use link for a session; the redirect takes it out of the history."""
    if request.user.is_authenticated:
        return redirect("overview")
    with transaction.atomic():
        user = accounts.redeem(request.GET.get("token", ""))
        if user is not None:
            login(request, user, backend="sesame.backends.ModelBackend")
            note_sign_in(user, "link")
            return redirect("overview")
    note_failure(request, "the link was used, too old, or not ours")
    return render(request, "helios_site/link_used.html", status=403)


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


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """Too many wrong passwords from here for this name: say how long to wait."""
    wait = _wait(request, (credentials or {}).get("username"))
    minutes = max(1, round(wait.total_seconds() / 60))
    text = f"Too many failed sign-ins. Try again in {minutes} min, or use a sign-in link."
    answer = render(
        request,
        "helios_site/refusal.html",
        {"refusal": Refusal(text, code="locked_out")},
        status=429,
    )
    answer["Retry-After"] = str(max(1, int(wait.total_seconds())))
    return answer


def note_sign_in(user: User, method: str) -> None:
    """Tell the journal who came in, and how."""
    journal.append(event_type="signed_in", actor=user.username, metadata={"method": method})


def note_failure(request: HttpRequest, cause: str, username: str = "") -> None:
    """Tell the journal that somebody did not get in, at most so often a minute."""
    minute = timezone.now() - timedelta(minutes=1)
    recent = JournalEntry.objects.filter(event_type="sign_in_failed", at__gte=minute)
    if recent.count() >= FAILURES_PER_MINUTE:
        return
    about = {"username": username} if username else {}
    address = request.META.get("REMOTE_ADDR", "")
    journal.append(
        event_type="sign_in_failed",
        actor="anonymous",
        metadata={"cause": cause, "address": address, **about},
    )


def _wait(request: HttpRequest, username: str | None) -> timedelta:
    """How long the lock of this name and address still holds."""
    cool_off = get_cool_off(request) or timedelta(hours=settings.AXES_COOLOFF_TIME)
    attempts = AccessAttempt.objects.filter(
        username=username, ip_address=request.META.get("REMOTE_ADDR")
    )
    last = attempts.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    return max(timedelta(), last + cool_off - timezone.now())
