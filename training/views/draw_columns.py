"""The step between an upload and its preview, where a file's columns are not known."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from training.draw_columns import ColumnsForm, sample_of
from training.draws.rows import Unreadable
from training.draws.tables import decode, read_table
from training.services import draws as verbs


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, token: str) -> HttpResponse:
    """Ask which column of an uploaded file is what, and go on to its preview."""
    actor = request.user.get_username()
    file = verbs.take_staged(token=token, actor=actor)
    try:
        table = read_table(decode(file.data))
    except Unreadable:
        return redirect("training:draws_preview", token)
    preview = verbs.preview_import(file=file)
    kept = file.columns or verbs.kept_columns(preview.dataset_name)
    form = ColumnsForm(table, kept, request.POST if request.method == "POST" else None)
    if form.is_valid():
        fresh = verbs.stage(file=replace(file, columns=form.columns), actor=actor)
        verbs.discard_staged(token=token)
        return redirect("training:draws_preview", fresh)
    context = {
        "form": form,
        "sample": sample_of(table),
        "preview": preview,
        "kept": not file.columns and bool(kept),
        "token": token,
    }
    status = 400 if form.is_bound else 200
    return render(request, "training/draws_columns.html", context, status=status)
