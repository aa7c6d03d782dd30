"""The Train page: the form with its summary, presets, and all sessions."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from memory.refusals import Refusal
from training.forms import TrainForm, blank_form, posted_form
from training.listings import session_listing
from training.models import Dataset, TrainingDefaults
from training.preset_cards import preset_cards
from training.recent_runs import Run, paces, recent_runs
from training.services import presets
from training.services.defaults import as_dict
from training.services.sessions import start_session
from training.summaries import summarise


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def train(request: HttpRequest) -> HttpResponse:
    """The form with its summary, and all sessions; POST starts one."""
    if request.method == "POST":
        datasets = _datasets()
        return _start(request, posted_form(request.POST, datasets), datasets)
    runs, datasets = recent_runs(), _datasets()
    newest = runs[0].pk if runs else 0
    form = blank_form(request.GET, datasets, newest=newest, usual=_usual(request))
    if request.htmx and request.htmx.target == "summary":  # type: ignore[attr-defined]
        summary = summarise(form, runs=runs, address=request.build_absolute_uri("/"))
        context = {"form": form, "summary": summary, "swap": True}
        return render(request, "training/train_summary.html", context)
    return _page(request, form, datasets, runs)


def _start(request: HttpRequest, form: TrainForm, datasets: list[Dataset]) -> HttpResponse:
    """Start the session of the form, or show the form again with what is wrong."""
    try:
        session = start_session(
            model_name=form.model_name,
            dataset_name=request.POST.get("dataset", ""),
            settings=form.values,
            preset=form.preset,
            actor=request.user.get_username(),
            request_key=form.request_key,
            note=form.note,
            tags=form.tag_list,
        )
    except Refusal as refusal:
        return _page(request, form.refused(refusal), datasets, status=refusal.status)
    return redirect(session)


@require_POST
def preset_save(request: HttpRequest) -> HttpResponse:
    """Keep what stands in the form under a name, and begin with it."""
    datasets = _datasets()
    form = posted_form(request.POST, datasets)
    try:
        saved = presets.save_preset(
            name=form.preset_name, settings=form.values, actor=request.user.get_username()
        )
    except Refusal as refusal:
        refused = replace(form.refused(refusal), refused_what="The preset was not saved.")
        return _page(request, refused, datasets, status=refusal.status)
    messages.success(request, f"The preset {saved.name} was saved.")
    return redirect(saved)


@require_POST
def preset_delete(request: HttpRequest, name: str) -> HttpResponse:
    """Forget a saved preset."""
    presets.delete_preset(name=name, actor=request.user.get_username())
    messages.success(request, f"The preset {name} was deleted.")
    return redirect("training:train")


def _usual(request: HttpRequest) -> TrainingDefaults:
    """What the account begins with; the frame has read it with the account."""
    return getattr(request.user, "training_defaults", None) or TrainingDefaults()


def _remembered(request: HttpRequest) -> list[str]:
    """The columns of the list that the account chose last; the frame has read them as well."""
    found: list[str] = request.preferences.session_columns  # type: ignore[attr-defined]
    return found


def _datasets() -> list[Dataset]:
    """What can be trained on."""
    return list(Dataset.objects.filter(draw_count__gt=0))


def _page(
    request: HttpRequest,
    form: TrainForm,
    datasets: list[Dataset],
    runs: list[Run] | None = None,
    status: int = 200,
) -> HttpResponse:
    if runs is None:
        runs = recent_runs()
    listing, address = (
        session_listing(request.GET, _remembered(request)),
        request.build_absolute_uri("/"),
    )
    context = {
        "form": form,
        "datasets": datasets,
        "cards": preset_cards(form, paces(runs)),
        "summary": summarise(form, runs=runs, address=address, queued=listing.queued),
        "listing": listing,
        "begins_as_usual": not any(as_dict(_usual(request)).values()),
    }
    return render(request, "training/train.html", context, status=status)
