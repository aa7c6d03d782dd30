"""The buttons of an insight card."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from memory.refusals import Conflict
from reflection.services import dismissals


@require_POST
def dismiss(request: HttpRequest, key: str) -> HttpResponse:
    """Put a card away until it says something else."""
    dismissals.dismiss_card(owner=_owner(request), key=key, dataset_name=_dataset(request))
    return _cards(request, "cards")


@require_POST
def bring_back(request: HttpRequest, key: str) -> HttpResponse:
    """Show a dismissed card again."""
    dismissals.bring_back_card(owner=_owner(request), key=key, dataset_name=_dataset(request))
    return _cards(request, key)


@require_POST
def save(request: HttpRequest, key: str) -> HttpResponse:
    """Keep what a card says in the journal, and show it there."""
    actor, dataset = request.user.get_username(), _dataset(request)
    try:
        entry = dismissals.save_card(key=key, actor=actor, dataset_name=dataset)
    except Conflict as refusal:
        messages.error(request, refusal.message)
        return _cards(request, key)
    messages.success(request, f"Saved as entry {entry.seq}.")
    return redirect("memory:entry", entry.seq)


def _owner(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # SignInFirst let nobody else in
    return request.user


def _dataset(request: HttpRequest) -> str:
    return request.POST.get("dataset", "")


def _cards(request: HttpRequest, place: str) -> HttpResponseRedirect:
    """Back to the cards of the same draws."""
    dataset = _dataset(request)
    query = f"?{urlencode({'dataset': dataset})}" if dataset else ""
    return HttpResponseRedirect(f"{reverse('reflection:overview')}{query}#{place}")
