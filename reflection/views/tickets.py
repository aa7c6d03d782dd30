"""The pages of ticket plays: all of them with the form that starts one, and one in full."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from memory.refusals import Refusal
from reflection.models import TicketPlay
from reflection.services import start_job
from reflection.services.tickets import find_play, in_words
from reflection.views.backtests import as_whole
from training.models import Dataset

PAGE = 25
NUMBERS = ("backtest", "tickets", "seed", "jackpot")


@require_http_methods(["GET", "POST"])
def every(request: HttpRequest) -> HttpResponse:
    """All plays, newest first, and the form; POST starts one."""
    context: dict[str, Any] = {"problems": {}, "asked": request.POST or request.GET}
    status = 200
    if request.method == "POST":
        asked = {n: as_whole(request.POST[n]) for n in NUMBERS if request.POST.get(n)}
        if request.POST.get("data_source"):
            asked["data_source"] = request.POST["data_source"]
        try:
            actor = request.user.get_username()
            return redirect(start_job(kind="tickets", settings=asked, actor=actor))
        except Refusal as refusal:
            context["problems"] = refusal.fields or {"": refusal.message}
            status = refusal.status
    context |= {
        "page": Paginator(TicketPlay.objects.all(), PAGE).get_page(request.GET.get("page")),
        "datasets": Dataset.objects.filter(draw_count__gt=0).values_list("name", flat=True),
    }
    return render(request, "reflection/plays.html", context, status=status)


@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """What tickets cost, hit and returned, beside what a fair drum lets any tickets do."""
    play = find_play(pk)
    return render(request, "reflection/play.html", {"play": play, "words": in_words(play)})
