"""Backups: make one, fetch one, delete one. They are listed on the memory page."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from helios_site import backups


@require_POST
def backup_now(request: HttpRequest) -> HttpResponse:
    """Let a worker make a backup."""
    backups.queue_backup(actor=request.user.get_username())
    messages.success(request, "A backup is being made; it will be listed below.")
    return redirect("memory:storage")


@require_GET
def backup_file(request: HttpRequest, name: str) -> FileResponse:
    """A backup as a download."""
    path = backups.find_backup(name)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


@require_POST
def delete_backup(request: HttpRequest, name: str) -> HttpResponse:
    """Delete a backup."""
    backups.delete_backup(name=name, actor=request.user.get_username())
    messages.success(request, f"{name} is deleted.")
    return redirect("memory:storage")
