"""The page that compares models, and the same as a file."""

import csv
import io
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from memory.recall import newest_seq
from memory.refusals import Refusal
from memory.sentences import counted
from memory.wire import read_count
from reflection import comparison_page as page
from reflection.comparison_page import Wanted
from reflection.models import Job, SavedComparison
from reflection.services import (
    Comparison,
    compare,
    kept,
    make_comparable,
    newest_models,
    recommend,
    split_names,
    stamp,
)
from reflection.services.arrivals import arrivals
from reflection.views.named import DELETED

RECENT = 5
TICKED = 24  # models that can be ticked; the others are found by their names
OFFERED = 500  # names that a field completes
SMOOTH = 0.6


@require_GET
def compare_models(request: HttpRequest) -> HttpResponse:
    """Models side by side; `?m=owl&m=lark` names them, none shows the choice."""
    asked = [name for name in request.GET.getlist("m") if name][: page.MOST]
    names, unknown = split_names(asked)
    wanted = Wanted.read(request.GET, names)
    newest = newest_models(OFFERED)
    held = SavedComparison.objects.filter(owner=request.user.pk)
    context: dict[str, object] = {
        "wanted": wanted,
        "unknown": unknown,
        "choices": [name for name in newest if name not in names],
        "held": held,
    }
    if names:
        context |= _side_by_side(wanted)
        context["named"] = held.filter(query=wanted.address()[1:]).first()
    else:
        context |= {
            "recent": newest[:RECENT],
            "ticked": newest[:TICKED],
            "last": Wanted(tuple(newest[:3])).address() if len(newest) > 1 else "",
            "deleted": request.session.get(DELETED),
        }
    return render(request, "reflection/compare.html", context)


def _side_by_side(wanted: Wanted) -> dict[str, object]:
    """Everything below the chips; what was computed is kept until a row behind it changes."""
    since, seen = newest_seq(), stamp()  # before the rows: what comes meanwhile is told
    names = wanted.names
    found = comparison_of(wanted, seen)
    together = (
        kept(f"pool:{','.join(names)}", lambda: recommend(models=names), seen=seen)
        if found.comparable
        else None
    )
    return {
        "found": found,
        "stamp": seen,
        "since": since,
        "replaying": Job.objects.active().filter(kind="backtest", model_name__in=names),
        "chips": page.chips(wanted, found.models),
        "rows": page.ranking(found),
        "matrix": page.matrix(found) if len(names) > 2 else None,
        "pairs": list(zip(found.differences, found.corrected_p, strict=True)),
        "metrics": page.metrics(found.models),
        "settings": page.shown_settings(found, everything=wanted.everything),
        "toggle_settings": wanted.address(everything=not wanted.everything),
        "toggle_x": wanted.address(by="epoch" if wanted.by == "seconds" else "seconds"),
        "toggle_train": wanted.address(train=not wanted.train),
        "toggle_smooth": wanted.address(smooth=0.0 if wanted.smooth else SMOOTH),
        "query": wanted.address(),
        "pool": together,
        **kept(f"drawn:{wanted.address()}", lambda: page.drawings(found, wanted), seen=seen),
    }


@require_GET
def newer(request: HttpRequest, seen: str) -> HttpResponse:
    """Which sessions finished since a comparison was made, or that more is known than it shows."""
    names, _ = split_names(request.GET.getlist("m")[: page.MOST])
    wanted = Wanted.read(request.GET, names)
    since = read_count(request.GET.get("since", ""), "since", low=0, high=2**63 - 1)
    compare_page = reverse("reflection:compare")
    arrived = [
        (
            one,
            compare_page
            + wanted.address(names=(*names, *([] if one.compared else [one.model_name]))),
        )
        for one in arrivals(names=names, since=since)
    ]
    context = {"arrived": arrived, "is_newer": stamp() != seen}
    return render(request, "reflection/_compare_newer.html", context)


@require_POST
def make_them_comparable(request: HttpRequest) -> HttpResponse:
    """Queue the backtests that the models lack, and come back to the comparison."""
    names = request.POST.getlist("m")
    try:
        jobs = make_comparable(models=names, actor=request.user.get_username())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        count = counted(len(jobs), "backtest")
        messages.success(
            request, f"Queued {count}; this page compares them when they are done."
        )
    return redirect(f"{reverse('reflection:compare')}?{urlencode({'m': names}, doseq=True)}")


@require_GET
def comparison_csv(request: HttpRequest) -> HttpResponse:
    """The ranking as CSV."""
    names, _ = split_names(request.GET.getlist("m"))
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(page.table(compare(models=names)))
    return _file(text.getvalue(), "text/csv", "comparison.csv")


@require_GET
def comparison_markdown(request: HttpRequest) -> HttpResponse:
    """Verdict, ranking and pairs as Markdown."""
    names, _ = split_names(request.GET.getlist("m"))
    return _file(page.markdown(compare(models=names)), "text/markdown", "comparison.md")


def comparison_of(wanted: Wanted, seen: str) -> Comparison:
    """The comparison of an address, kept until a row behind it changes."""
    key = f"compare-page:{wanted.base}:{','.join(wanted.names)}"
    return kept(key, lambda: compare(models=wanted.names, base=wanted.base), seen=seen)


def _file(text: str, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=f"{kind}; charset=utf-8", headers=headers)
