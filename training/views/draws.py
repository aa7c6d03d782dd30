"""The pages of draw histories: datasets, upload and preview, one dataset with its draws."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from memory.refusals import Refusal
from memory.sentences import counted
from training import draw_card
from training.draw_exports import draws_csv, frequency_csv, problems_csv
from training.draw_forms import FetchForm, SimulateForm, UploadForm
from training.draw_pages import chosen_draws, dataset_listing, dataset_view, drum_of
from training.draws.tables import MAX_BYTES
from training.services import draws as verbs

LISTED = 200  # problems and contradictions on the preview page; the download has all


@require_GET
def draws(request: HttpRequest) -> HttpResponse:
    """The datasets, and how to get another one."""
    return _draws_page(request)


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep an uploaded file and show what importing it would do."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _draws_page(request, upload_form=form, status=400)
    sent = form.cleaned_data["file"]
    file = verbs.DrawFile(
        data=sent.read(MAX_BYTES + 1),
        file_name=sent.name,
        game=form.cleaned_data["game"],
        dataset=form.cleaned_data["dataset"],
    )
    return _staged(request, file)


@require_POST
def fetch(request: HttpRequest) -> HttpResponse:
    """Download the official history and show what importing it would do."""
    form = FetchForm(request.POST, auto_id="fetch_%s")
    if not form.is_valid():
        return _draws_page(request, fetch_form=form, status=400)
    actor = request.user.get_username()
    return _staged(request, verbs.fetch_official(game=form.cleaned_data["game"], actor=actor))


@require_GET
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """New, same, conflicting and invalid rows of a file that was uploaded."""
    file = verbs.take_staged(token=token, actor=request.user.get_username())
    found = verbs.preview_import(file=file)
    context = {
        "preview": found,
        "token": token,
        "problems": found.problems[:LISTED],
        "conflicts": found.conflicts[:LISTED],
    }
    return render(request, "training/draws_preview.html", context)


@require_GET
def problems(request: HttpRequest, token: str) -> HttpResponse:
    """Everything that is wrong with an uploaded file, as CSV."""
    file = verbs.take_staged(token=token, actor=request.user.get_username())
    found = verbs.preview_import(file=file)
    lines = problems_csv(found.problems, found.conflicts)
    return _download([lines], "problems.csv")


@require_POST
def apply(request: HttpRequest, token: str) -> HttpResponse:
    """Import an uploaded file, all of it or nothing."""
    actor = request.user.get_username()
    file = verbs.take_staged(token=token, actor=actor)
    keep_held = request.POST.get("keep_held") == "yes"
    result = verbs.apply_import(file=file, actor=actor, keep_held=keep_held)
    verbs.discard_staged(token=token)
    messages.success(request, f"{counted(len(result.preview.new), 'draw')} imported.")
    return redirect(result.dataset)


@require_POST
def simulate(request: HttpRequest) -> HttpResponse:
    """Make a simulated dataset, or show the form again with what is wrong."""
    form = SimulateForm(request.POST, auto_id="simulate_%s")
    if not form.is_valid():
        return _draws_page(request, simulate_form=form, status=400)
    chosen = {
        name: form.cleaned_data[name] for name in ("name", "game", "draws", "matrix", "seed")
    }
    try:
        made = verbs.simulate_dataset(
            **chosen, bias=form.bias, actor=request.user.get_username()
        )
    except Refusal as refusal:
        for name, text in refusal.fields.items():
            form.add_error({"dataset": "name"}.get(name, name), text)
        return _draws_page(request, simulate_form=form, status=refusal.status)
    return redirect(made)


@require_GET
def dataset(request: HttpRequest, name: str) -> HttpResponse:
    """One dataset: its facts, how often each ball came, and its draws."""
    found = dataset_view(verbs.find_dataset(name), request.GET)
    return render(request, "training/draws_dataset.html", {"view": found})


@require_GET
def dataset_csv(request: HttpRequest, name: str) -> HttpResponse:
    """The draws that the page shows, in columns that can be imported again."""
    held = verbs.find_dataset(name)
    return _download(draws_csv(held, chosen_draws(held, request.GET)), f"{held.name}.csv")


@require_GET
def dataset_card(request: HttpRequest, name: str) -> HttpResponse:
    """What is known of a dataset, as Markdown to keep."""
    held = verbs.find_dataset(name)
    headers = {"Content-Disposition": f'attachment; filename="{held.name}.md"'}
    kind = "text/markdown; charset=utf-8"
    return HttpResponse(draw_card.dataset_card(held), content_type=kind, headers=headers)


@require_GET
def dataset_frequency(request: HttpRequest, name: str, drum: str) -> HttpResponse:
    """How often each ball of a drum came in an era, as CSV."""
    held = verbs.find_dataset(name)
    found = drum_of(held, drum, request.GET.get("era", ""))
    return _download([frequency_csv(found.found)], f"{held.name}-{drum}-counts.csv")


@require_POST
def undo(request: HttpRequest, name: str) -> HttpResponse:
    """Take back the latest import of a dataset."""
    held = verbs.find_dataset(name)
    record = verbs.undo_import(dataset=held, actor=request.user.get_username())
    messages.success(request, f"The import of {record.file_name} was undone.")
    return redirect(held)


def _staged(request: HttpRequest, file: verbs.DrawFile) -> HttpResponse:
    """To the preview of a file, or first to its columns where they are not known.

    What cannot be previewed is refused before it is kept.
    """
    found = verbs.preview_import(file=file)
    token = verbs.stage(file=file, actor=request.user.get_username())
    step = "draws_columns" if found.reading.columns_unknown else "draws_preview"
    return redirect(f"training:{step}", token)


def _draws_page(
    request: HttpRequest,
    *,
    upload_form: UploadForm | None = None,
    fetch_form: FetchForm | None = None,
    simulate_form: SimulateForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "listing": dataset_listing(request.GET),
        "upload_form": upload_form or UploadForm(),
        "fetch_form": fetch_form or FetchForm(auto_id="fetch_%s"),
        "simulate_form": simulate_form or SimulateForm(auto_id="simulate_%s"),
        "source_host": verbs.official_host(),
    }
    return render(request, "training/draws.html", context, status=status)


def _download(content: Iterable[str], name: str) -> HttpResponse:
    """A CSV file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
