"""Making an ensemble of compared models, by the form on their page."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from memory.refusals import Refusal
from memory.sentences import counted
from reflection.services.ensembles import create_ensemble
from registry.networks.ensemble import POOLS


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Register an ensemble of the compared models, and show it."""
    names = [name for name in request.POST.getlist("m") if name]
    try:
        made = create_ensemble(
            models=names,
            name=request.POST.get("name", "").strip(),
            pool=request.POST.get("pool") or POOLS[0],
            actor=request.user.get_username(),
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        where = urlencode({"m": names}, doseq=True)
        return redirect(f"{reverse('reflection:compare')}?{where}")
    messages.success(request, f"{made} holds the weights of {counted(len(names), 'model')}.")
    return redirect(f"{made.model.get_absolute_url()}?tab=lineage")
