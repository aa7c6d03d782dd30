"""The page that compares models, and the same as a file."""

import csv
import io
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from memory.refusals import Refusal
from memory.sentences import counted
from reflection import comparison_page as page
from reflection.comparison_page import Wanted
from reflection.models import Job, SavedComparison
from reflection.services import (
    Comparison,
    Recommendation,
    compare,
    kept,
    make_comparable,
    newest_models,
    recommend,
    split_names,
    stamp,
    verdicts,
)
from reflection.views.named import DELETED

RECENT = 5
SMOOTH = 0.6


@require_GET
def compare_models(request: HttpRequest) -> HttpResponse:
    """Models side by side; `?m=owl&m=lark` names them, none shows the choice."""
    asked = [name for name in request.GET.getlist("m") if name][: page.MOST]
    names, unknown = split_names(asked)
    wanted = Wanted.read(request.GET, names)
    choices = [row.model_name for row in verdicts() if row.model_name not in names]
    held = SavedComparison.objects.filter(owner=request.user.pk)
    context: dict[str, object] = {
        "wanted": wanted,
        "unknown": unknown,
        "choices": choices,
        "held": held,
    }
    if names:
        found = comparison_of(wanted)
        context |= {
            "found": found,
            "stamp": stamp(),
            "replaying": Job.objects.active().filter(kind="backtest", model_name__in=names),
            "chips": page.chips(wanted),
            "base_chance": wanted.address(base=""),
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
            "named": held.filter(query=wanted.address()[1:]).first(),
            "pool": pool_of(names) if found.comparable else None,
            **page.drawings(found, wanted),
        }
    else:
        recent = newest_models(RECENT)
        context |= {
            "recent": recent,
            "last": Wanted(tuple(recent[:3])).address() if len(recent) > 1 else "",
            "deleted": request.session.get(DELETED),
        }
    return render(request, "reflection/compare.html", context)


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


def comparison_of(wanted: Wanted) -> Comparison:
    """The comparison of an address, kept until a row behind it changes."""
    key = f"compare-page:{wanted.base}:{','.join(wanted.names)}"
    return kept(key, lambda: compare(models=wanted.names, base=wanted.base))


def pool_of(names: list[str]) -> Recommendation:
    """What these models are worth together."""
    return kept(f"pool:{','.join(names)}", lambda: recommend(models=names))


def _file(text: str, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=f"{kind}; charset=utf-8", headers=headers)
