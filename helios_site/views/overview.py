"""The overview, and what of it is asked for again."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from helios_site.context import Surroundings, worker_words
from helios_site.overview import history, now
from helios_site.overview.numbers import numbers, shown_dataset


@require_GET
@vary_on_headers("HX-Request")
def overview(request: HttpRequest) -> HttpResponse:
    """Is something running, did the last session finish, is anything wrong, what next?

    The page asks for its live part again with the stamp it has seen; 204 when nothing changed.
    """
    around: Surroundings = request.surroundings  # type: ignore[attr-defined]
    state = worker_words(around.workers)["worker_state"]
    seen = now.stamp(state)
    if request.htmx and request.GET.get("seen") == seen:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    waiting, held = now.queue_length(), shown_dataset()
    asked = request.GET.get("range", "")
    chosen = asked if asked in history.RANGES else ""
    context: dict[str, Any] = {
        "stamp": seen,
        "queue_length": waiting,
        "attention": now.attention(state, waiting, held),
        "steps": now.first_steps(has_reflected=around.preferences.has_reflected, held=held),
        "numbers": numbers(held),
        "held": held,
        "best": history.best_sessions(held, history.RANGES[chosen]),
        "range": chosen,
        "ranges": {"": "All", "90d": "90 days", "30d": "30 days"},
        "sessions": history.recent_sessions(),
        "days": history.recent_entries(),
        "activity": history.activity(),
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "helios_site/_overview_live.html", context)
    context["running"] = now.running()
    return render(request, "helios_site/overview.html", context)


@require_GET
def chip(request: HttpRequest) -> HttpResponse:
    """The active session, as every page's frame shows it."""
    return render(request, "helios_site/_chip.html")
