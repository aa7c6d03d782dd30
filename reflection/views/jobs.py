"""The pages of jobs: all of them, and one with its progress."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from memory.refusals import Refusal
from reflection.models import Job
from reflection.services import jobs as verbs
from reflection.services.kinds import KINDS

PAGE = 25
Verb = Callable[..., Job]


@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """All jobs, newest first; `?kind=` shows one kind."""
    kind = request.GET.get("kind", "")
    rows = Job.objects.filter(kind=kind) if kind in KINDS else Job.objects.all()
    context = {
        "page": Paginator(rows.defer("settings"), PAGE).get_page(request.GET.get("page")),
        "kind": kind,
        "kinds": sorted(KINDS.values(), key=lambda known: known.title),
    }
    return render(request, "reflection/jobs.html", context)


@require_GET
def one(request: HttpRequest, job_id: int) -> HttpResponse:
    """One job: live while it runs, its outcome afterwards."""
    job = verbs.find_job(job_id)
    kind = KINDS.get(job.kind)
    context = {"job": job, "kind": kind.title if kind else job.kind}
    return render(request, "reflection/job.html", context)


@require_GET
def live(request: HttpRequest, job_id: int) -> HttpResponse:
    """The part of a job's page that changes; polled by it."""
    return render(request, "reflection/_job_live.html", {"job": verbs.find_job(job_id)})


@require_POST
def pause(request: HttpRequest, job_id: int) -> HttpResponse:
    """Pause after the current step."""
    return _ask(request, job_id, verbs.ask_pause)


@require_POST
def resume(request: HttpRequest, job_id: int) -> HttpResponse:
    """Go on where it was."""
    return _ask(request, job_id, verbs.resume)


@require_POST
def stop(request: HttpRequest, job_id: int) -> HttpResponse:
    """Stop after the current step."""
    return _ask(request, job_id, verbs.ask_stop)


@require_POST
def again(request: HttpRequest, job_id: int) -> HttpResponse:
    """A new job with the same settings."""
    return _ask(request, job_id, verbs.run_again)


def _ask(request: HttpRequest, job_id: int, verb: Verb) -> HttpResponse:
    """Carry out a verb and show the job; a refusal is a message on its page."""
    job = verbs.find_job(job_id)
    try:
        job = verb(job=job, actor=request.user.get_username())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect(job)
