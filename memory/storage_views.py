"""The page of the memory behind the journal, and what can be done there."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_q.tasks import async_task

from memory import archiving, policies, space
from memory.forms import PolicyForm
from memory.models import Compaction
from memory.queries import read_age
from memory.refusals import Invalid
from memory.sentences import counted, size
from memory.storage_page import RUNS, read_page

CONFIRM = "delete"  # what is typed to delete an archive


@require_GET
def storage(request: HttpRequest) -> HttpResponse:
    """What takes how much room, the archives, and what a compaction would do."""
    older_than = request.GET.get("older_than", "").strip()
    page = read_page(dry_run="dry_run" in request.GET, older_than=older_than)
    status = 400 if page.problem else 200
    return render(request, "memory/storage.html", {"page": page}, status=status)


@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """The compactions, again and again while one is under way."""
    found = list(Compaction.objects.all()[:RUNS])
    watched = request.GET.get("watched", "")
    is_over = any(str(run.pk) == watched and run.finished_at for run in found)
    return render(request, "memory/_runs.html", {"runs": found, "is_over": is_over})


@require_POST
def policy(request: HttpRequest) -> HttpResponse:
    """Change what is compacted when nobody asks; a bad value comes back with its reason."""
    form = PolicyForm(request.POST)
    if form.is_valid():
        policies.change_policy(**form.change, actor=request.user.get_username())
        messages.success(request, "The policy is changed.")
        return redirect("memory:storage")
    page = read_page(form=form)
    return render(request, "memory/storage.html", {"page": page}, status=400)


@require_POST
def compact(request: HttpRequest) -> HttpResponse:
    """Begin a compaction."""
    older_than = request.POST.get("older_than", "").strip()
    plan = archiving.plan_compaction(older_than=read_age(older_than) if older_than else None)
    run = archiving.queue_compaction(plan=plan, actor=request.user.get_username())
    messages.success(request, f"Compaction {run.pk} of {counted(plan.rows, 'row')} has begun.")
    return redirect("memory:storage")


@require_POST
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Ask a compaction to stop."""
    archiving.cancel_compaction(number=number)
    messages.success(request, f"Run {number} stops after the batch it is at.")
    return redirect("memory:storage")


@require_GET
def archive_file(request: HttpRequest, file_name: str) -> FileResponse:
    """An archive as a download, which pandas and DuckDB open."""
    path = archiving.archive_path(file_name)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


@require_POST
def restore(request: HttpRequest, file_name: str) -> HttpResponse:
    """Put an archive back into the database."""
    run = archiving.queue_restore(file_name=file_name, actor=request.user.get_username())
    messages.success(request, f"{counted(run.planned, 'row')} being restored.")
    return redirect("memory:storage")


@require_POST
def verify(request: HttpRequest, file_name: str) -> HttpResponse:
    """Read an archive from end to end."""
    problem = archiving.verify_archive(file_name=file_name)
    if problem:
        messages.error(request, f"{file_name}: {problem}")
    else:
        messages.success(request, f"{file_name} is what was sealed.")
    return redirect("memory:storage")


@require_POST
def forget(request: HttpRequest, file_name: str) -> HttpResponse:
    """Delete an archive for good, once that was typed."""
    if request.POST.get("confirm", "").strip() != CONFIRM:
        raise Invalid(fields={"confirm": f"Type {CONFIRM} to delete the archive for good."})
    freed = archiving.forget_archive(file_name=file_name, actor=request.user.get_username())
    messages.success(request, f"{file_name} is deleted; {size(freed)} freed.")
    return redirect("memory:storage")


@require_POST
def remove_orphans(request: HttpRequest) -> HttpResponse:
    """Delete files that nobody knows."""
    freed = space.remove_orphans(actor=request.user.get_username())
    messages.success(request, f"{size(freed)} freed.")
    return redirect("memory:storage")


@require_POST
def check(request: HttpRequest, what: str) -> HttpResponse:
    """Let a worker verify the journal or check the database; the page shows the result."""
    async_task(f"memory.tasks.check_{what}", request.user.get_username())
    messages.success(request, f"The {what} is being checked; the result will be shown here.")
    return redirect("memory:storage")
