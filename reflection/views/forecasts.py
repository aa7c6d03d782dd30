"""The pages of forecasts: open and scored, one in full, and the buttons that make and check them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from memory.refusals import Refusal
from memory.sentences import counted
from reflection.forecast_snippet import check_snippet
from reflection.models import Enrolment
from reflection.services import forecasts as verbs
from reflection.services.forecasts.live import in_words
from reflection.services.forecasts.reading import STATES
from registry.figures import ball_plot
from registry.models import RegisteredModel
from registry.queries import find_model, find_version
from training.models import Dataset
from training.services.draws import find_dataset, find_game

PER_PAGE = 25
CHOICES = 500  # models in the form


@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """Every registered forecast beside its draw, and what they are evidence of."""
    state = request.GET.get("state", "all")
    found = verbs.forecast_listing(
        model_name=request.GET.get("model", ""),
        dataset_name=request.GET.get("dataset", ""),
        state=state,
    )
    datasets = list(Dataset.objects.filter(kind=Dataset.Kind.REAL, draw_count__gt=0))
    houses = [verbs.live_evidence(dataset_name=dataset.name) for dataset in datasets]
    usable = RegisteredModel.objects.filter(archived_at=None, newest__isnull=False)
    context = {
        "found": found,
        "state": state,
        "states": STATES,
        "page": Paginator(found.rows, PER_PAGE).get_page(request.GET.get("page")),
        "datasets": datasets,
        "houses": [
            (dataset, house, in_words(house))
            for dataset, house in zip(datasets, houses, strict=True)
            if house.enrolled
        ],
        "models": usable.only("name")[:CHOICES],
    }
    return render(request, "reflection/forecasts.html", context)


@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One forecast: what it says, its hash, its score, and how to check all three."""
    found = verbs.find_forecast(pk)
    context: dict[str, Any] = {
        "forecast": found,
        "problem": verbs.problem_of(found),
        "snippet": check_snippet(found),
        "bonus_name": find_game(found.dataset.game).bonus_name,
        "document": reverse("api_forecast_document", args=[pk]),
    }
    try:
        said = found.thawed()
    except ValueError:
        return render(request, "reflection/forecast.html", context)
    white, bonus = said.white_chances, said.bonus_chances
    context |= {
        "said": said,
        "range": said.range,
        "plots": [
            ("White balls", ball_plot(white, said.picks / white.size)),
            (context["bonus_name"], ball_plot(bonus, 1 / bonus.size)),
        ],
    }
    return render(request, "reflection/forecast.html", context)


@require_POST
def register(request: HttpRequest, name: str = "") -> HttpResponse:
    """Register a forecast of the coming draw by the model in the address or in the form."""
    model = find_model(name or request.POST.get("model", ""))
    version = find_version(model, request.POST.get("version", ""))
    source = request.POST.get("dataset") or version.dataset_name
    try:
        made = verbs.register_forecast(
            version=version,
            dataset=find_dataset(source),
            actor=request.user.get_username(),
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("reflection:forecasts")
    messages.success(request, f"Registered: {made}, entry {made.journal_seq} of the journal.")
    return redirect(made)


@require_POST
def automatic(request: HttpRequest, name: str) -> HttpResponse:
    """Have a model register a forecast for every draw by itself, or no more."""
    model, on = find_model(name), request.POST.get("on") == "on"
    try:
        source = request.POST.get("dataset") or find_version(model).dataset_name
        made: Enrolment = verbs.switch_automatic(
            model=model,
            dataset=find_dataset(source),
            on=on,
            actor=request.user.get_username(),
        )
        word = "on" if made.automatic else "off"
        messages.success(request, f"Forecasts of every draw by itself: {word} for {made}.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("reflection:forecasts")


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Compare every forecast with what the journal registered."""
    found = verbs.check_forecasts()
    if found.changed:
        changed = ", ".join(f"{row.pk}" for row in found.changed[:10])
        messages.error(
            request,
            f"{len(found.changed)} of {found.forecasts} forecasts are not what was registered:"
            f" {changed}. They are grade C now.",
        )
    else:
        messages.success(
            request, f"Checked: {counted(found.forecasts, 'forecast')}, all as registered."
        )
    return redirect("reflection:forecasts")
