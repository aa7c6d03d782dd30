"""The Train page and the page of a session."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from memory.refusals import Refusal
from training.engine.config import PRESETS
from training.forms import TrainForm, blank_form, posted_form
from training.listings import session_page
from training.models import Dataset, TrainingSession
from training.panel import whole_panel
from training.services import sessions as verbs
from training.session_tabs import TABS, tab_rows
from training.summaries import summarise

Verb = Callable[..., TrainingSession]


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def train(request: HttpRequest) -> HttpResponse:
    """The form with its summary, and all sessions; POST starts one."""
    datasets = list(Dataset.objects.filter(draw_count__gt=0))
    if request.method == "POST":
        return _start(request, posted_form(request.POST, datasets), datasets)
    form = blank_form(request.GET, datasets)
    if request.htmx and request.htmx.target == "summary":  # type: ignore[attr-defined]
        context = {"form": form, "summary": summarise(form, request.build_absolute_uri("/"))}
        return render(request, "training/train_summary.html", context)
    return _train_page(request, form, datasets)


def _start(request: HttpRequest, form: TrainForm, datasets: list[Dataset]) -> HttpResponse:
    """Start the session of the form, or show the form again with what is wrong."""
    try:
        session = verbs.start_session(
            model_name=form.model_name,
            dataset_name=request.POST.get("dataset", ""),
            settings=form.values,
            preset=form.preset,
            actor=request.user.get_username(),
            request_key=form.request_key,
        )
    except Refusal as refusal:
        return _train_page(request, form.refused(refusal), datasets, status=refusal.status)
    return redirect(session)


def _train_page(
    request: HttpRequest, form: TrainForm, datasets: list[Dataset], status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "datasets": datasets,
        "presets": PRESETS.values(),
        "summary": summarise(form, request.build_absolute_uri("/")),
        "listing": session_page(request.GET),
    }
    return render(request, "training/train.html", context, status=status)


@require_GET
def session(request: HttpRequest, session_id: int) -> HttpResponse:
    """One session: live while it trains, whole afterwards."""
    found = verbs.find_session(session_id)
    asked = request.GET.get("tab", "")
    tab = asked if asked in TABS else "settings"
    context: dict[str, Any] = {
        "session": found,
        "tab": tab,
        "tabs": TABS,
        **tab_rows(found, tab),
        **whole_panel(found),
    }
    return render(request, "training/session.html", context)


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
