"""The pages of the journal."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from memory import recall, services
from memory.forms import NoteForm
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
