"""The pages of reflection: every model's verdict, and one model in full."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from reflection import figures
from reflection.services import (
    Recommendation,
    audit_draws,
    compare,
    eras_with_draws,
    insights,
    kept,
    recommend,
    reflect_on_model,
    stamp,
    verdicts,
)
from training.services.draws import find_dataset


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The verdict of the house, the insight cards, and every model beside chance."""
    name = request.GET.get("dataset", "")
    seen = stamp()
    found = kept(f"insights-page:{name}", lambda: insights(dataset_name=name))
    dots = figures.dots([row.gain for row in found.models])
    rows = list(zip(found.models, dots, strict=True))
    return render(
        request, "reflection/overview.html", {"found": found, "rows": rows, "stamp": seen}
    )


@require_GET
def model(request: HttpRequest, name: str) -> HttpResponse:
    """What is known about one model."""
    reflection = reflect_on_model(name)
    context: dict[str, object] = {"reflection": reflection, "stamp": stamp()}
    if reflection.curve is not None:
        context |= {
            "figure": json.loads(figures.gain_figure(reflection.curve).to_json()),
            "figure_sentence": figures.gain_sentence(reflection.curve),
            "curve_rows": figures.curve_rows(reflection.curve),
        }
    return render(request, "reflection/model.html", context)


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


def pool_of(names: list[str]) -> Recommendation:
    """What these models are worth together."""
    return kept(f"pool:{','.join(names)}", lambda: recommend(models=names))


@require_GET
def compare_models(request: HttpRequest) -> HttpResponse:
    """Models side by side; `?m=owl&m=lark` names them, none shows the choice."""
    names = [name for name in request.GET.getlist("m") if name]
    context: dict[str, object] = {"choices": verdicts(), "names": names}
    if names:
        found = kept(f"compare-page:{','.join(names)}", lambda: compare(models=names))
        dots = figures.dots([one.common or one.own for one in found.models])
        pairs = zip(found.differences, found.corrected_p, strict=True)
        context |= {
            "found": found,
            "pool": pool_of(names) if found.comparable else None,
            "rows": list(zip(found.models, dots, strict=True)),
            "pairs": list(pairs),
            "differing": [setting for setting in found.settings if setting.differs],
        }
    return render(request, "reflection/compare.html", context)
