"""The overview, which knows every app."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Is something running, did the last session finish, is anything wrong, what next?"""
    return render(request, "helios_site/overview.html")
