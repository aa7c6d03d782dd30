"""The pages of backtests: all of them with the form that starts one, one in full, and its draws as a file."""

import csv
import io
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from memory.refusals import Refusal
from reflection.backtest_figures import wealth_figure
from reflection.figures import dots
from reflection.services import find_backtest, find_model, start_job
from reflection.services.backtests import plan
from reflection.services.replayed import listed, paths_of, replayed
from reflection.statistics.intervals import Interval
from reflection.wire import as_json
from registry.models import RegisteredModel
from training.models import Dataset

PAGE = 25
NUMBERS = ("origin", "refit")
TEXTS = ("model_name", "version", "data_source", "date_from", "date_to")


@require_http_methods(["GET", "POST"])
def every(request: HttpRequest) -> HttpResponse:
    """All backtests, newest first, and the form: GET estimates, POST starts."""
    form = request.POST if request.method == "POST" else request.GET
    asked = asked_of(form)
    context: dict[str, Any] = {"asked": asked, "estimate": None, "problems": {}}
    status = 200
    try:
        if request.method == "POST":
            actor, key = request.user.get_username(), form.get("request_key", "")
            job = start_job(kind="backtest", settings=asked, actor=actor, request_key=key)
            return redirect(job)
        if asked.get("model_name"):
            context["estimate"] = plan(asked)
    except Refusal as refusal:
        context["problems"] = refusal.fields or {"": refusal.message}
        status = refusal.status if request.method == "POST" else 200
    return render(
        request, "reflection/backtests.html", {**context, **_lists(request)}, status=status
    )


def _lists(request: HttpRequest) -> dict[str, Any]:
    """The rows of the page, and what its form can choose from."""
    page = Paginator(listed(), PAGE).get_page(request.GET.get("page"))
    marks = dots([Interval(row.gain, row.low, row.high, row.draws) for row in page.object_list])
    models = RegisteredModel.objects.filter(newest__isnull=False, deleted_at=None)
    return {
        "page": page,
        "rows": list(zip(page.object_list, marks, strict=True)),
        "models": models.values_list("name", flat=True),
        "datasets": Dataset.objects.filter(draw_count__gt=0).values_list("name", flat=True),
    }


def asked_of(form: QueryDict) -> dict[str, Any]:
    """What a form asks for; text that is no whole number stays text, and is refused by name."""
    asked: dict[str, Any] = {name: str(form[name]).strip() for name in TEXTS if form.get(name)}
    for name in NUMBERS:
        if text := str(form.get(name, "")).strip():
            asked[name] = as_whole(text)
    if form.get("warm"):
        asked["warm"] = True
    if eras := [key for key in form.getlist("eras") if key]:
        asked["eras"] = eras
    return asked


def as_whole(value: object) -> object:
    """A form's text as a whole number; what is none stays text, and is refused by name."""
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 17 else text


@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A backtest: verdict, numbers, the wealth of betting it, its refits."""
    backtest = find_backtest(pk)
    found = replayed(backtest)
    drawing = wealth_figure(found)
    context = {"found": found, "backtest": backtest, "drawing": drawing}
    return render(request, "reflection/backtest.html", context)


@require_POST
def poison(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue the poison test of a backtest."""
    settings = {"backtest": find_backtest(pk).pk}
    actor = request.user.get_username()
    return redirect(start_job(kind="poison", settings=settings, actor=actor))


@require_GET
def draws_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """Every draw of a backtest with its gain, as CSV."""
    text = io.StringIO()
    rows = paths_of(find_backtest(pk)).rows()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    name = f"helios-backtest-{pk}.csv"
    return HttpResponse(
        text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_GET
def draws_json(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as JSON."""
    found = replayed(find_backtest(pk))
    return JsonResponse({**as_json(found), "rows": as_json(found.paths.rows())})


@require_GET
@vary_on_headers("HX-Request")
def of_model(request: HttpRequest, name: str) -> HttpResponse:
    """The backtests of one model: a part that its page fetches, or a page without JavaScript."""
    rows = listed(model=name)[:PAGE]
    marks = dots([Interval(row.gain, row.low, row.high, row.draws) for row in rows])
    context = {"model_name": find_model(name).name, "rows": list(zip(rows, marks, strict=True))}
    part = request.htmx  # type: ignore[attr-defined]
    template = "_model_backtests" if part else "model_backtests"
    return render(request, f"reflection/{template}.html", context)
