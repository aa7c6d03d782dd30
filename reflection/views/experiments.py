"""The page of the next experiment, and its two buttons."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from memory.refusals import Refusal
from reflection.services.experiment_words import objective_words
from reflection.services.experiments import (
    ask_for_experiment,
    next_experiment,
    seeds_of,
    start_experiment,
)
from reflection.services.setting_effects import effects_of
from training.models import Dataset
from training.services.draws import find_dataset


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What to try next on a history, why, and what its settings have done so far."""
    name = request.GET.get("dataset", "")
    datasets = list(Dataset.objects.filter(sessions__isnull=False).distinct())
    dataset = find_dataset(name) if name else next(iter(datasets), None)
    context: dict[str, object] = {"dataset": dataset, "datasets": datasets}
    if dataset is not None:
        found = next_experiment(dataset=dataset)
        row = found.experiment
        context |= {
            "found": found,
            "row": row,
            "effects": effects_of(row) if row else None,
            "objective": objective_words(row) if row else "",
            "seeds": seeds_of(row) if row else None,
        }
    return render(request, "reflection/experiment.html", context)


@require_POST
def compute(request: HttpRequest) -> HttpResponse:
    """Have a worker compute it anew."""
    dataset = find_dataset(request.POST.get("dataset", ""))
    try:
        ask_for_experiment(dataset=dataset)
        messages.success(request, "A worker computes it anew; it takes a few seconds.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect(f"{reverse('reflection:experiment')}?dataset={dataset.name}")


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Start the proposed session, and show it."""
    dataset = find_dataset(request.POST.get("dataset", ""))
    try:
        session = start_experiment(dataset=dataset, actor=request.user.get_username())
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(f"{reverse('reflection:experiment')}?dataset={dataset.name}")
    return redirect(session)
