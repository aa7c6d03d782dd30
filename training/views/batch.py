"""What is asked of the sessions that were ticked in the list."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from memory.refusals import Refusal
from memory.sentences import counted
from training.models import TrainingSession
from training.services.batch import MOST, ask_each

DONE = {"pause": "asked to pause", "resume": "resumed", "stop": "asked to stop"}


@require_POST
def selected(request: HttpRequest) -> HttpResponse:
    """Compare the models of the ticked sessions, or pause, resume or stop each."""
    numbers = [int(text) for text in request.POST.getlist("s")[: MOST + 1] if _is_number(text)]
    ask = request.POST.get("act", "")
    if ask == "compare":
        return _compare(request, numbers)
    try:
        outcome = ask_each(numbers=numbers, ask=ask, actor=request.user.get_username())
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.fields.values()) or refusal.message)
        return _back(request)
    for number, why in outcome.refused.items():
        messages.error(request, f"Session {number}: {why}")
    if outcome.done:
        count = len(outcome.done)
        messages.success(request, f"{counted(count, 'session')} {DONE[ask]}.")
    return _back(request)


def _compare(request: HttpRequest, numbers: list[int]) -> HttpResponse:
    """To the page Compare, with those that made a model."""
    made = TrainingSession.objects.filter(pk__in=numbers, artifact__isnull=False)
    names = list(dict.fromkeys(made.order_by("pk").values_list("model__name", flat=True)))
    if not names:
        messages.error(request, "None of the chosen sessions has made a model to compare.")
        return _back(request)
    # by its path: the page belongs to a floor above this one
    return redirect(f"/compare/?{urlencode({'m': names}, doseq=True)}")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _back(request: HttpRequest) -> HttpResponse:
    """To the list as it was."""
    back, here = request.POST.get("next", ""), reverse("training:train")
    own = url_has_allowed_host_and_scheme(back, {request.get_host()})
    return redirect(f"{back if own and back.partition('?')[0] == here else here}#sessions")
