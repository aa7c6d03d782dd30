"""The pages of the registry: all models, and one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from memory.markdown import render as render_markdown
from memory.recall import newest_seq
from registry.changes import changes, watch_version
from registry.figures import axis_of
from registry.listings import FORMS, VERDICT_WORDS, model_listing
from registry.looks import look_of
from registry.models import ModelArtifact, SavedView
from registry.queries import KEPT, find_model, find_version
from registry.selection import MAX_COMPARED
from registry.services import onnx_problem
from registry.snippets import download_command, load_snippet, pandas_snippet, predict_command
from registry.tabs import TABS, tab_rows
from registry.verdicts import bonus_of, hits_of, validation_loss, verdict


@require_GET
def models(request: HttpRequest) -> HttpResponse:
    """All models with their newest version, filtered, sorted and paged."""
    context = {
        "listing": model_listing(request.GET, _remembered(request)),
        "verdicts": VERDICT_WORDS,
        "statuses": ModelArtifact.Status.values,
        "archived": list(KEPT),
        "forms": FORMS,
        "views": SavedView.objects.filter(owner=request.user.pk),
        "most": MAX_COMPARED,
    }
    return render(request, "registry/models.html", context)


def _remembered(request: HttpRequest) -> list[str]:
    """The columns that the account chose last; the frame has read them with the account."""
    found: list[str] = request.preferences.model_columns  # type: ignore[attr-defined]
    return found


@require_GET
def newer(request: HttpRequest) -> HttpResponse:
    """What came or changed since a list of models was made; nothing to say is 204."""
    found = changes(request.GET)
    if found is None:
        return HttpResponse(status=204)
    return render(request, "registry/_newer.html", {"changes": found})


@require_GET
def model(request: HttpRequest, name: str) -> HttpResponse:
    """A model and one of its versions: the newest, or the one in the address."""
    since = newest_seq()
    found = find_model(name)
    wanted = request.GET.get("version", "")
    if found.newest_id is None and not wanted:
        return render(request, "registry/model_empty.html", {"model": found})
    version = find_version(found, wanted)
    ends = (version.test_gain, version.test_low, version.test_high)
    asked = request.GET.get("tab", "")
    tab = asked if asked in TABS else next(iter(TABS))
    context = {
        "model": found,
        "look": look_of(found.number),
        "artifact": version,
        "description": render_markdown(found.description),
        "verdict": verdict(version),
        "hits": hits_of(version),
        "mark": axis_of(ends).mark(*ends),
        "snippets": _snippets(version, request.build_absolute_uri("/")),
        "changes": watch_version(version, since),
        "bonus": bonus_of(version),
        "validation": validation_loss(version),
        "onnx_problem": onnx_problem(version),
        "tab": tab,
        "tabs": TABS,
        **tab_rows(version, tab),
    }
    return render(request, "registry/model.html", context)


def _snippets(version: ModelArtifact, origin: str) -> list[tuple[str, str, str]]:
    """What to copy: the name of each, what it is, and its lines."""
    return [
        ("curl", "Download the weights", download_command(version, origin)),
        ("python", "Check and load them in Python", load_snippet(version)),
        ("pandas", "Its held-out draws and epochs in pandas", pandas_snippet(version, origin)),
        ("predict", "What it expects of the next draw", predict_command(version, origin)),
    ]
