"""The page of a session, what it gives to download, and what it can be asked."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from memory.refusals import Refusal
from training.chart import course_charts, curve_of
from training.epoch_table import epoch_page, epochs_csv
from training.figures import read_options
from training.models import TrainingSession
from training.panel import whole_panel
from training.services import sessions as verbs
from training.services.titles import name_session
from training.session_tabs import TABS, tab_rows, tab_template

KEPT = ("tab", "page", "level")  # of an address, when the form of the chart changes it
Verb = Callable[..., TrainingSession]


@require_GET
def session(request: HttpRequest, session_id: int) -> HttpResponse:
    """One session: live while it trains, whole afterwards."""
    found = verbs.find_session(session_id)
    asked = request.GET.get("tab", "")
    tab = asked if asked in TABS else "settings"
    options, _ = read_options(request.GET)
    context: dict[str, Any] = {
        "session": found,
        "tab": tab,
        "tabs": TABS,
        "tab_template": tab_template(tab),
        "epochs": epoch_page(found, request.GET.get("page")),
        "chart_query": urlencode(options.query),
        "kept": [(name, request.GET[name]) for name in KEPT if name in request.GET],
        **tab_rows(found, tab, request.GET),
        **whole_panel(found, options),
    }
    if "course" in request.GET:
        context["course"] = course_charts(curve_of(found), options)
    return render(request, "training/session.html", context)


@require_GET
def course(request: HttpRequest, session_id: int) -> HttpResponse:
    """The small figures beside the curve, asked for when they come into view."""
    found = verbs.find_session(session_id)
    options, _ = read_options(request.GET)
    context = {"session": found, "course": course_charts(curve_of(found), options)}
    return render(request, "training/session_course.html", context)


@require_GET
def epochs_file(request: HttpRequest, session_id: int) -> HttpResponse:
    """Every epoch of a session as CSV."""
    found = verbs.find_session(session_id)
    name = f"helios-session-{found.pk}-epochs.csv"
    return HttpResponse(
        epochs_csv(found),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_GET
def log_file(request: HttpRequest, session_id: int) -> HttpResponse:
    """The whole log of a session as text."""
    found = verbs.find_session(session_id)
    lines = (
        f"{line.at:%Y-%m-%dT%H:%M:%SZ} {line.level} {line.text}\n" for line in found.log.all()
    )
    name = f"helios-session-{found.pk}.log"
    return HttpResponse(
        lines,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
def pause(request: HttpRequest, session_id: int) -> HttpResponse:
    """Pause after the current epoch."""
    return _ask(request, session_id, verbs.ask_pause)


@require_POST
def stop(request: HttpRequest, session_id: int) -> HttpResponse:
    """Stop after the current epoch; keep the best weights, or nothing."""
    return _ask(request, session_id, verbs.ask_stop, keep=request.POST.get("keep", "best"))


@require_POST
def resume(request: HttpRequest, session_id: int) -> HttpResponse:
    """Go on from the checkpoint."""
    return _ask(request, session_id, verbs.resume)


@require_POST
def retry(request: HttpRequest, session_id: int) -> HttpResponse:
    """A new session with the same settings."""
    return _ask(request, session_id, verbs.retry)


@require_POST
def title(request: HttpRequest, session_id: int) -> HttpResponse:
    """What a person calls the session."""
    found = verbs.find_session(session_id)
    try:
        name_session(
            session=found,
            title=request.POST.get("title", ""),
            actor=request.user.get_username(),
        )
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.fields.values()) or refusal.message)
    return redirect(found)


@require_POST
def verify(request: HttpRequest, session_id: int) -> HttpResponse:
    """Train the session again in the queue and compare every bit."""
    found = verbs.find_session(session_id)
    try:
        verbs.ask_verify(session=found, actor=request.user.get_username())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.info(
            request, "It waits in the queue; the journal and this page say the outcome."
        )
    return redirect(f"{found.get_absolute_url()}?tab=environment#details")


def _ask(request: HttpRequest, session_id: int, verb: Verb, **more: Any) -> HttpResponse:
    """Carry out a verb and show the session; a refusal is a message on its page.

    A live page asks by htmx and needs no answer: what changed reaches it by its socket.
    """
    found = verbs.find_session(session_id)
    try:
        found = verb(session=found, actor=request.user.get_username(), **more)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        if request.htmx and found.pk == session_id:  # type: ignore[attr-defined]
            return HttpResponse(status=204)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(found.get_absolute_url())
    return redirect(found)
