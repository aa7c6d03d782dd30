"""The overview, and what of it is asked for again."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from helios_site.context import Surroundings
from helios_site.overview import history, now
from helios_site.overview.attention import attention
from helios_site.overview.facts import Facts, read_facts
from helios_site.overview.numbers import numbers, read_held
from helios_site.overview.sessions import ShownSessions, shown_sessions
from memory.events import PUBLIC


@require_GET
@vary_on_headers("HX-Request")
def overview(request: HttpRequest) -> HttpResponse:
    """Is something running, did the last session finish, is anything wrong, what next?

    The page asks for its live part again with the stamp it has seen; 204 when nothing changed.
    """
    around: Surroundings = request.surroundings  # type: ignore[attr-defined]
    facts = read_facts()
    seen = now.stamp(facts, around.workers)
    if request.htmx and request.GET.get("seen") == seen:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    sessions = shown_sessions()
    context = _stories(request, facts, sessions) | {"stamp": seen}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "helios_site/_overview_live.html", context)
    context |= now.cards(facts, sessions)
    if sessions.under_way:  # what the frame would ask for
        context["active_session"] = sessions.under_way[0]
    return render(request, "helios_site/overview.html", context)


def _stories(request: HttpRequest, facts: Facts, sessions: ShownSessions) -> dict[str, Any]:
    """The context of the part that is asked for again."""
    around: Surroundings = request.surroundings  # type: ignore[attr-defined]
    held, asked = read_held(), request.GET.get("range", "")
    dataset = held.dataset if held else None
    chosen = asked if asked in history.RANGES else ""
    seen = around.preferences.has_reflected
    return {
        "facts": facts,
        "attention": attention(facts, sessions, held, is_online=bool(around.workers)),
        "steps": now.first_steps(facts, has_reflected=seen, held=dataset),
        "numbers": numbers(facts, held),
        "held": dataset,
        "best": history.best_sessions(dataset, history.RANGES[chosen]),
        "range": chosen,
        "ranges": {"": "All", "90d": "90 days", "30d": "30 days"},
        "sessions": sessions.recent,
        "days": history.recent_entries(() if request.user.is_authenticated else PUBLIC),
        "activity": history.activity(),
    }


@require_GET
def chip(request: HttpRequest) -> HttpResponse:
    """The active session and the workers, as every page's frame shows them."""
    return render(request, "helios_site/chip.html")
