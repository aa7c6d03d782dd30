"""What is done in the list of models: with the ticked rows, and with saved views."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from memory.refusals import Invalid, Refusal
from memory.sentences import counted
from registry import services
from registry.models import RegisteredModel
from registry.selection import MAX_COMPARED, chosen_models
from registry.views.back import to_the_list


@require_POST
def selected(request: HttpRequest) -> HttpResponse:
    """Compare, tag, archive or export the models that were ticked."""
    try:
        models = chosen_models(request.POST.getlist("m"))
        act = request.POST.get("act", "")
        if act == "compare":
            return _compare(models)
        if act == "export":
            return _export(models)
        if act not in ("tag", "archive"):
            raise Invalid(fields={"act": "Must be compare, tag, archive or export."})
        _each(request, models, act)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect(to_the_list(request))


def _compare(models: list[RegisteredModel]) -> HttpResponse:
    if not 2 <= len(models) <= MAX_COMPARED:
        raise Invalid(f"Choose 2 to {MAX_COMPARED} models to compare, not {len(models)}.")
    names = urlencode([("m", model.name) for model in models])
    return redirect(f"{reverse('reflection:compare')}?{names}")


def _export(models: list[RegisteredModel]) -> HttpResponse:
    """One zip with a bundle of each model's newest version."""
    raw = services.export_versions(versions=[model.newest for model in models if model.newest])
    response = HttpResponse(raw, content_type="application/octet-stream")
    response["Content-Disposition"] = 'attachment; filename="helios-models.zip"'
    return response


def _each(request: HttpRequest, models: list[RegisteredModel], act: str) -> None:
    """Tag or archive each model; say how many, and every refusal."""
    actor, done = request.user.get_username(), 0
    for model in models:
        try:
            if act == "tag":
                had = [row.text for row in model.tags.all()]
                word = request.POST.get("tag", "").strip()
                services.set_tags(model=model, tags=[*had, word], actor=actor)
            else:
                services.archive_model(model=model, actor=actor)
            done += 1
        except Refusal as refusal:
            messages.error(request, f"{model}: {refusal.message}")
    words = {"tag": "tagged", "archive": "archived"}[act]
    if done:
        messages.success(request, f"{counted(done, 'model')} {words}.")


@require_POST
def keep_view(request: HttpRequest) -> HttpResponse:
    """Keep the list as it is shown under a name."""
    assert isinstance(request.user, User)
    back = to_the_list(request)
    try:
        query = back.partition("?")[2]
        view = services.save_view(
            owner=request.user, name=request.POST.get("name", ""), query=query
        )
        messages.success(request, f"This view is kept as “{view.name}”.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect(back)


@require_POST
def forget_view(request: HttpRequest, number: int) -> HttpResponse:
    """Forget a saved view."""
    assert isinstance(request.user, User)
    services.remove_view(owner=request.user, number=number)
    return redirect(to_the_list(request))
