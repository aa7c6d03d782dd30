"""What a person does to a model on its page. Each is a POST that calls one verb and shows the page.

A refusal is a message on the page; nothing was changed then.
"""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from memory import sentences
from memory.refusals import Refusal
from registry import services
from registry.queries import find_model, find_version
from registry.templatetags.selector import SESSION_KEY
from registry.views.back import to_the_list


@require_POST
def describe(request: HttpRequest, name: str) -> HttpResponse:
    """Set the description of a model."""
    model, text = find_model(name), request.POST.get("description", "")
    actor = request.user.get_username()
    return _do(
        request,
        name,
        lambda: services.describe(model=model, description=text, actor=actor),
        "The description is saved.",
    )


@require_POST
def tag(request: HttpRequest, name: str) -> HttpResponse:
    """Set the tags of a model, separated by commas."""
    model, actor = find_model(name), request.user.get_username()
    tags = [word.strip() for word in request.POST.get("tags", "").split(",") if word.strip()]
    return _do(
        request,
        name,
        lambda: services.set_tags(model=model, tags=tags, actor=actor),
        "The tags are saved.",
    )


@require_POST
def archive(request: HttpRequest, name: str) -> HttpResponse:
    """Put a model away, or take it out again."""
    model, actor = find_model(name), request.user.get_username()
    if model.archived_at is None:
        verb, said = services.archive_model, f"{model} is archived."
    else:
        verb, said = services.unarchive_model, f"{model} is out of the archive."
    reason = request.POST.get("reason", "")
    return _do(request, name, lambda: verb(model=model, actor=actor, reason=reason), said)


@require_POST
def delete(request: HttpRequest, name: str) -> HttpResponse:
    """Put a model in the trash; its name has to be typed."""
    model, actor = find_model(name), request.user.get_username()
    if request.POST.get("typed", "") != model.name:
        messages.error(request, f"Nothing was deleted: type the name {model} to delete it.")
        return redirect(_page(name))
    reason = request.POST.get("reason", "")
    return _do(
        request,
        name,
        lambda: services.delete(model=model, actor=actor, reason=reason),
        f"{model} is in the trash.",
    )


@require_POST
def restore(request: HttpRequest, name: str) -> HttpResponse:
    """Take a model, or what is left of it, out of the trash."""
    model, actor = find_model(name), request.user.get_username()
    return _do(
        request,
        name,
        lambda: services.restore(model=model, actor=actor),
        f"{model} is out of the trash.",
    )


@require_POST
def note(request: HttpRequest, name: str, version: str) -> HttpResponse:
    """Set the notes of a version."""
    chosen = find_version(find_model(name), version)
    notes, actor = request.POST.get("notes", ""), request.user.get_username()
    return _do(
        request,
        name,
        lambda: services.annotate(version=chosen, notes=notes, actor=actor),
        "The notes are saved.",
    )


@require_POST
def alias(request: HttpRequest, name: str, version: str) -> HttpResponse:
    """Let an alias name this version."""
    chosen = find_version(find_model(name), version)
    word, actor = request.POST.get("alias", ""), request.user.get_username()
    reason = request.POST.get("reason", "")
    return _do(
        request,
        name,
        lambda: services.set_alias(version=chosen, alias=word, actor=actor, reason=reason),
        f"{word} names {chosen} now.",
    )


@require_POST
def unalias(request: HttpRequest, name: str, alias: str) -> HttpResponse:
    """Let an alias name nothing."""
    model, actor = find_model(name), request.user.get_username()
    return _do(
        request,
        name,
        lambda: services.remove_alias(model=model, alias=alias, actor=actor),
        f"{alias} names nothing now.",
    )


@require_POST
def load(request: HttpRequest, name: str, version: str) -> HttpResponse:
    """Load a version into the inference process, or take it out."""
    chosen = find_version(find_model(name), version)
    actor = request.user.get_username()
    if chosen.status == chosen.Status.LOADED:
        return _do(
            request,
            name,
            lambda: services.unload_version(version=chosen, actor=actor),
            f"{chosen} is unloaded.",
        )
    return _do(
        request,
        name,
        lambda: services.load_version(version=chosen, actor=actor),
        f"{chosen} is loaded; its checksum is right.",
    )


@require_POST
def activate(request: HttpRequest) -> HttpResponse:
    """Make a model the active one of this visitor, and load its newest version; "" for none."""
    name, back = request.POST.get("model", ""), request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        back = reverse("registry:models")
    request.session.pop(SESSION_KEY, None)
    if not name:
        return redirect(back)
    try:
        chosen = find_version(find_model(name))
        loaded = services.load_version(version=chosen, actor=request.user.get_username())
        request.session[SESSION_KEY] = chosen.model.name
        size, seconds = sentences.size(loaded.size_bytes), loaded.seconds
        messages.success(
            request,
            f"{chosen} is active: loaded in {seconds:.1f} s, {size}; its SHA-256 is right.",
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect(back)


def _do(request: HttpRequest, name: str, verb: Callable[[], object], said: str) -> HttpResponse:
    """Carry out a verb, say so or why not, and show the model again, or the list it was asked in."""
    try:
        verb()
        messages.success(request, said)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    if "next" in request.POST:
        return redirect(to_the_list(request))
    return redirect(_page(name, request.POST.get("version", ""), request.POST.get("tab", "")))


def _page(name: str, version: str = "", tab: str = "") -> str:
    """The model's page, at the version and tab a form came from."""
    asked = [f"{key}={value}" for key, value in (("version", version), ("tab", tab)) if value]
    safe = [pair for pair in asked if pair.replace("=", "").isalnum()]
    address = reverse("registry:model", args=[name])
    return f"{address}?{'&'.join(safe)}" if safe else address
