"""The pages of the journal."""

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from memory import recall, services
from memory.events import PUBLIC
from memory.forms import NoteForm
from memory.refusals import Invalid
from memory.timeline import Timeline
from memory.timeline_reading import count_newer, read_timeline

_CONTEXT = 10  # newer entries shown above one that was linked to


@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    """The entries that the filters ask for, newest first."""
    view = read_timeline(request.GET, at_once="count" in request.GET, only=_shown_to(request))
    context = {"view": view, "form": NoteForm(initial=_about(request.GET, view))}
    return render(request, "memory/journal.html", context, status=400 if view.problems else 200)


def _shown_to(request: HttpRequest) -> tuple[str, ...]:
    """The event types that the reader may see: () is all; a visitor does not see who came in."""
    return () if request.user.is_authenticated else PUBLIC


def _about(query: QueryDict, view: Timeline) -> dict[str, Any]:
    """What a note is likely to be about: an entry that is named, or what the filter says."""
    seq = query.get("about", "")
    named = recall.find(int(seq)) if re.fullmatch("[0-9]{1,18}", seq) else None
    if named:
        about = {"model_name": named.model_name, "session_id": named.session_id}
        return about | {"entry": named.seq}
    return {"model_name": view.wanted.model_name, "session_id": view.wanted.session_id}


@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """What of a page takes counting: how many entries, of which types, on which days."""
    view = read_timeline(request.GET, only=_shown_to(request))
    status = 400 if view.problems else 200
    return render(request, "memory/_counts.html", {"view": view, "oob": True}, status=status)


@require_GET
def newer(request: HttpRequest) -> HttpResponse:
    """The pill that says how many entries came since the page was made."""
    count, address = count_newer(request.GET, _shown_to(request))
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
        try:
            note = services.add_note(actor=request.user.get_username(), **form.cleaned_data)
        except Invalid as refusal:
            form.add_error("entry", refusal.message)
        else:
            messages.success(request, f"Note kept as entry {note.seq}.")
            return redirect(_back(request))
    context = {"view": read_timeline(request.GET), "form": form}
    return render(request, "memory/journal.html", context, status=400)


def _back(request: HttpRequest) -> str:
    """The page from which a note came, if it is one of this site."""
    place = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(place, allowed_hosts={request.get_host()})
    return place if safe else reverse("memory:journal")


@require_POST
def pin(request: HttpRequest, seq: int) -> HttpResponse:
    """Pin an entry, or take its pin away, and show it where it is."""
    pinned = request.POST.get("pinned") != "no"
    services.pin_entry(seq=seq, actor=request.user.get_username(), pinned=pinned)
    return redirect("memory:entry", seq)
