"""The page of the controls: how they came out, and a form that queues more."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from memory.refusals import Invalid, Refusal
from reflection.controlling.catalogue import CONTROLS, PLANTED
from reflection.models import Job
from reflection.services import USUAL, insights, kept, pipelines, stamp, start_job


@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """Controls of one dataset's pipelines; `?dataset=` chooses, the realest is usual."""
    found = kept(
        f"insights-page:{request.GET.get('dataset', '')}",
        lambda: insights(dataset_name=request.GET.get("dataset", "")),
    )
    name = found.dataset or ""
    context = {
        "dataset": name,
        "datasets": found.datasets,
        "models": [row.model_name for row in found.models if row.version],
        "chosen": request.GET.get("m", ""),
        "pipelines": kept(f"controls:{name}", lambda: pipelines(dataset_name=name)),
        "planted": [CONTROLS[key] for key in PLANTED],
        "usual": USUAL,
        "active": Job.objects.active().filter(kind="controls"),
        "stamp": stamp(),
    }
    return render(request, "reflection/controls.html", context)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Queue controls and show the job; a refusal is a message on the page of controls."""
    form = request.POST
    try:
        settings: dict[str, object] = {
            "model_name": form.get("model", ""),
            "data_source": form.get("dataset", ""),
            "placebos": _number(form.get("placebos", str(USUAL)), "placebos"),
            "shuffled": _number(form.get("shuffled", "0"), "shuffled"),
            "planted": form.getlist("planted"),
            "each": _number(form.get("each", "10"), "each"),
            "poison": form.get("poison") == "1",
        }
        if form.get("backtest"):
            settings["backtest"] = _number(form["backtest"], "backtest")
        if form.get("warm"):
            settings["warm"] = form["warm"] == "warm"
        job = start_job(kind="controls", settings=settings, actor=request.user.get_username())
    except Refusal as refusal:
        messages.error(request, refusal.message)
        query = urlencode({"dataset": form.get("dataset", ""), "m": form.get("model", "")})
        return redirect(f"{reverse('reflection:controls')}?{query}")
    return redirect(job)


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise Invalid(fields={name: "Must be a whole number."})
    return int(text)
