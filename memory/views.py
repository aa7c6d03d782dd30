"""The pages of the journal and of the memory behind it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from memory import archiving, recall, services
from memory.forms import NoteForm
from memory.models import Compaction
from memory.queries import read_age
from memory.storage_page import RUNS, read_storage
from memory.timeline import count_newer, read_timeline

_CONTEXT = 10  # newer entries shown above one that was linked to


@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    """The entries that the filters ask for, newest first."""
    view = read_timeline(request.GET)
    about = {"model_name": view.wanted.model_name, "session_id": view.wanted.session_id}
    context = {"view": view, "form": NoteForm(initial=about)}
    return render(request, "memory/journal.html", context, status=400 if view.problems else 200)


@require_GET
def newer(request: HttpRequest) -> HttpResponse:
    """The pill that says how many entries came since the page was made."""
    count, address = count_newer(request.GET)
    context = {"count": count, "address": f"{reverse('memory:journal')}{address}"}
    return render(request, "memory/_newer.html", context)


@require_GET
def entry(request: HttpRequest, seq: int) -> HttpResponse:
    """The permanent address of an entry: the journal around it."""
    if recall.find(seq) is None:
        raise Http404
    return redirect(f"{reverse('memory:journal')}?until={seq + _CONTEXT}#e{seq}")


@require_POST
def add_note(request: HttpRequest) -> HttpResponse:
    """Keep a note; a bad one comes back with what to change."""
    form = NoteForm(request.POST)
    if form.is_valid():
        note = services.add_note(actor=request.user.get_username(), **form.cleaned_data)
        messages.success(request, f"Note kept as entry {note.seq}.")
        return redirect("memory:journal")
    context = {"view": read_timeline(request.GET), "form": form}
    return render(request, "memory/journal.html", context, status=400)


@require_POST
def pin(request: HttpRequest, seq: int) -> HttpResponse:
    """Pin an entry, or take its pin away, and show it where it is."""
    pinned = request.POST.get("pinned") != "no"
    services.pin_entry(seq=seq, actor=request.user.get_username(), pinned=pinned)
    return redirect("memory:entry", seq)


@require_GET
def storage(request: HttpRequest) -> HttpResponse:
    """What takes how much room, the archives, and what a compaction would do."""
    page = read_storage(request.GET.get("older_than", "").strip())
    return render(
        request, "memory/storage.html", {"page": page}, status=400 if page.problem else 200
    )


@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """The compactions, again and again while one is under way."""
    return render(request, "memory/_runs.html", {"runs": Compaction.objects.all()[:RUNS]})


@require_POST
def compact(request: HttpRequest) -> HttpResponse:
    """Begin a compaction."""
    _require_staff(request)
    cutoff = timezone.now() - read_age(request.POST.get("older_than", ""))
    plan = archiving.plan_compaction(cutoff=cutoff)
    run = archiving.queue_compaction(plan=plan, actor=request.user.get_username())
    messages.success(request, f"Compaction {run.pk} of {plan.entries:,} entries has begun.")
    return redirect("memory:storage")


@require_POST
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Ask a compaction to stop."""
    _require_staff(request)
    archiving.cancel_compaction(number=number)
    messages.success(request, f"Compaction {number} stops after the segment it is at.")
    return redirect("memory:storage")


@require_POST
def restore(request: HttpRequest, first: int) -> HttpResponse:
    """Put an archive back into the database."""
    _require_staff(request)
    segment = archiving.queue_restore(first=first, actor=request.user.get_username())
    messages.success(
        request, f"Entries {segment.first:,} to {segment.last:,} are being restored."
    )
    return redirect("memory:storage")


def _require_staff(request: HttpRequest) -> None:
    if not request.user.is_staff:
        raise PermissionDenied
