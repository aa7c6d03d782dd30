"""The pages of reflection: every model's verdict, and one model in full."""

import json

from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from memory.refusals import Invalid
from reflection import figures
from reflection.report_file import ENDINGS, FORMS, KINDS
from reflection.services import (
    audit_draws,
    eras_with_draws,
    full_report,
    reflect_on_model,
    stamp,
)
from reflection.services.calibration import calibration_of
from reflection.services.dismissals import sort_cards
from reflection.services.overview import known_insights
from registry.looks import look_of
from registry.queries import find_model, find_version
from training.services.draws import find_dataset

MODELS_AT_ONCE = 50


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The verdict of the house, the insight cards, and every model beside chance."""
    owner = request.user if isinstance(request.user, User) else None  # a visitor
    seen = stamp()
    found = known_insights(request.GET.get("dataset", ""), seen=seen)
    cards, dismissed = sort_cards(owner=owner, found=found)
    page = Paginator(found.models, MODELS_AT_ONCE).get_page(request.GET.get("page"))
    dots = figures.dots([row.gain for row in page.object_list])
    context = {"found": found, "cards": cards, "dismissed": dismissed, "stamp": seen}
    context |= {"page": page, "rows": list(zip(page.object_list, dots, strict=True))}
    return render(request, "reflection/overview.html", context)


@require_GET
def model(request: HttpRequest, name: str) -> HttpResponse:
    """What is known about one model."""
    reflection = reflect_on_model(name)
    context: dict[str, object] = {"reflection": reflection, "stamp": stamp()}
    if reflection.curve is not None:
        context |= {
            "figure": json.loads(
                figures.gain_figure(reflection.curve, look_of(reflection.number)).to_json()
            ),
            "figure_sentence": figures.gain_sentence(reflection.curve),
            "curve_rows": figures.curve_rows(reflection.curve),
        }
    return render(request, "reflection/model.html", context)


@require_GET
@vary_on_headers("HX-Request")
def calibration(request: HttpRequest, name: str) -> HttpResponse:
    """Whether a version's probabilities are honest: a part of its page, or a page by itself."""
    version = find_version(find_model(name), request.GET.get("version", ""))
    context = {"version": version, "found": calibration_of(version)}
    template = "model_calibration"
    if request.htmx:  # type: ignore[attr-defined]
        is_tile = request.GET.get("as") == "tile"
        template = "_calibration_tile" if is_tile else "_model_calibration"
    return render(request, f"reflection/{template}.html", context)


@require_GET
def newer(request: HttpRequest, seen: str) -> HttpResponse:
    """The pill that says that more is known than the page shows; polled by it."""
    return render(request, "reflection/_newer.html", {"is_newer": stamp() != seen})


@require_GET
def audit(request: HttpRequest, dataset: str) -> HttpResponse:
    """A dataset's draws against a fair drum: data checks, eight tests, one joint p."""
    held = find_dataset(dataset)
    found = audit_draws(dataset_name=dataset, era_key=request.GET.get("era", ""))
    context = {"dataset": held, "audit": found, "eras": eras_with_draws(held)}
    return render(request, "reflection/audit.html", context)


@require_GET
def report(request: HttpRequest) -> HttpResponse:
    """All of it as one file; `?as=markdown` for Markdown."""
    kind = request.GET.get("as", "html")
    if kind not in FORMS:
        raise Invalid(fields={"as": f"Must be one of {', '.join(FORMS)}."})
    found = full_report(dataset_name=request.GET.get("dataset", ""))
    name = f"reflection-{found.found.dataset or 'empty'}.{ENDINGS[kind]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(
        FORMS[kind](found), content_type=f"{KINDS[kind]}; charset=utf-8", headers=headers
    )
