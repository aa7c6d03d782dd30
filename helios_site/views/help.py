"""Help: the keys, the words, where else to look; and whether everything is well."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from helios_site import health
from helios_site.help import GLOSSARY, KEYS


@require_GET
def help(request: HttpRequest) -> HttpResponse:
    """The keyboard and the glossary."""
    return render(request, "helios_site/help.html", {"keys": KEYS, "glossary": GLOSSARY})


@require_GET
def status(request: HttpRequest) -> HttpResponse:
    """The health of this installation, for people."""
    found = health.findings()
    context = {"findings": found, "worst": health.worst(found)}
    return render(request, "helios_site/status.html", context)
