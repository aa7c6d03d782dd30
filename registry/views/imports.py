"""The pages by which models come in from outside: an upload, and files to adopt."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from memory.refusals import Refusal
from registry import services
from registry.uploads import read_upload
from registry.views.back import to_the_list


@require_http_methods(["GET", "POST"])
def take_in(request: HttpRequest) -> HttpResponse:
    """The form of an import; POST takes a model in."""
    if request.method == "POST":
        try:
            actor = request.user.get_username()
            return redirect(read_upload(request.POST, request.FILES, actor=actor).model)
        except Refusal as refusal:
            context = {"refusal": refusal, "name": request.POST.get("name", "")}
            return render(request, "registry/import.html", context, status=refusal.status)
    return render(request, "registry/import.html")


@require_POST
def rescan(request: HttpRequest) -> HttpResponse:
    """Look at the models folder again, and say what was found."""
    said = services.rescan()
    level = messages.WARNING if said.damaged else messages.SUCCESS
    messages.add_message(request, level, f"{said.as_words()}.")
    return redirect(to_the_list(request))


@require_http_methods(["GET", "POST"])
def found(request: HttpRequest) -> HttpResponse:
    """Model files without a row; POST adopts one."""
    if request.method == "POST":
        try:
            path = request.POST.get("path", "")
            version = services.adopt(path=path, actor=request.user.get_username())
            messages.success(request, f"{path} is {version} now.")
        except Refusal as refusal:
            messages.error(request, refusal.message)
        return redirect("registry:found")
    return render(request, "registry/found.html", {"found": services.find_unregistered()})
