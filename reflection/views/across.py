"""The page of all sessions of a history together."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from reflection import across_figures
from reflection.across_asked import asked_across
from reflection.figures import dots
from reflection.models import Experiment
from reflection.services import stamp
from reflection.services.across import RANGES
from reflection.services.experiments import seeds_of
from training.models import Dataset


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """How training went: `?dataset=&range=90d&arch=` choose the sessions."""
    seen = stamp()
    datasets = list(
        Dataset.objects.filter(sessions__isnull=False).distinct().values_list("name", flat=True)
    )
    context: dict[str, object] = {"datasets": datasets, "stamp": seen, "ranges": RANGES}
    found = asked_across(request.GET)
    if found is not None:
        gains = [level.gain for one in found.levels for level in one.levels]
        marks = iter(dots(gains))
        computed = Experiment.objects.filter(dataset__name=found.dataset).first()
        context |= {
            "found": found,
            "seeds": seeds_of(computed) if computed else None,
            "small": across_figures.small_curves(found.curves),
            "chances": across_figures.chances(found),
            "gaps": across_figures.gaps(found.efforts),
            "costs": across_figures.costs(found.efforts),
            "levels": [
                (one, [(level, next(marks)) for level in one.levels]) for one in found.levels
            ],
        }
    return render(request, "reflection/across.html", context)
