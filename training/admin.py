"""The curator's desk for datasets, sessions and their archives. People ask verbs, nothing else."""

from collections.abc import Iterator
from functools import partial
from types import MappingProxyType
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from memory.admin import ArchiveDesk
from memory.desk import Choice, Desk, Noted, WrittenByTheMachine, drawn_progress, drawn_state
from registry.desk import drawn_curve, drawn_skill, kilobytes
from training.draw_exports import draws_csv
from training.listings import sessions_csv
from training.models import Dataset, DrawImport, EpochFile, TrainingSession
from training.services import draws, sessions
from training.session_queries import ACTIVE, LARGE


def download(rows: Iterator[str], name: str) -> HttpResponse:
    """A CSV file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(rows, content_type="text/csv; charset=utf-8", headers=headers)


class ImportInline(WrittenByTheMachine, admin.TabularInline):
    """Where the draws of a dataset came from."""

    model = DrawImport
    extra = 0
    fields = readonly_fields = (
        *("file_name", "format", "columns", "new_count", "same_count"),
        *("actor", "created_at", "undone_at"),
    )


def _count_of(model: type[TrainingSession | DrawImport]) -> Coalesce:
    """How many rows of a model belong to each dataset, without multiplying rows by a join."""
    rows = model.objects.filter(dataset=OuterRef("pk")).order_by().values("dataset")
    return Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0)


class DatasetAdmin(WrittenByTheMachine, Desk):
    """Draw histories. The floor above adds the audit and registers it."""

    list_display = (
        *("name", "kind", "game", "draws", "first_date", "last_date"),
        *("imports", "sessions", "digest", "created_by", "created_at"),
    )
    list_filter = ("kind", "game")
    search_fields = ("name", "fingerprint", "created_by", "imports__file_name")
    date_hierarchy = "created_at"
    inlines = (ImportInline,)
    actions: tuple[str, ...] = ("undo", "export")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dataset]:
        counts = {"imported": _count_of(DrawImport), "trained": _count_of(TrainingSession)}
        return super().get_queryset(request).annotate(**counts)

    @admin.display(ordering="draw_count")
    def draws(self, dataset: Dataset) -> str:
        return f"{dataset.draw_count:,}"

    @admin.display(ordering="imported")
    def imports(self, dataset: Any) -> int:
        return int(dataset.imported)

    @admin.display(ordering="trained")
    def sessions(self, dataset: Any) -> int:
        return int(dataset.trained)

    @admin.display(description="fingerprint")
    def digest(self, dataset: Dataset) -> str:
        return dataset.fingerprint[:8]

    @admin.action(description="Take back the newest import...", permissions=["view"])
    def undo(self, request: HttpRequest, chosen: QuerySet[Dataset]) -> HttpResponse | None:
        if "confirmed" not in request.POST:
            return self.ask(request, chosen, "undo", "Take back the newest import", {})
        actor = request.user.get_username()
        self.each(
            request,
            chosen,
            lambda dataset: draws.undo_import(dataset=dataset, actor=actor),
            "Imports taken back",
        )
        return None

    @admin.action(description="Download the draws as CSV (one)", permissions=["view"])
    def export(self, request: HttpRequest, chosen: QuerySet[Dataset]) -> HttpResponse | None:
        dataset, *others = chosen[:2]
        if others:
            self.message_user(request, "Choose one dataset to download.", "error")
            return None
        return download(draws_csv(dataset, dataset.draws.all()), f"{dataset.name}.csv")


class Phase(Choice):
    title = "phase"
    parameter_name = "phase"
    CHOICES = MappingProxyType(
        {
            "active": ("Not over", Q(state__in=ACTIVE)),
            "person": ("Wants a person", Q(state__in=("paused", "interrupted", "failed"))),
            "kept": ("Left a model", Q(artifact__isnull=False)),
            "verified": ("Reproduced bit by bit", Q(verification__outcome="reproduced")),
        }
    )


@admin.register(TrainingSession)
class SessionAdmin(Noted, WrittenByTheMachine, Desk):
    """Sessions, newest first: how each went, what it was worth, and what can be asked of it."""

    list_display = (
        *("number", "model", "status", "epochs", "validation", "test_gain", "curve", "size"),
        *("dataset", "created_at"),
    )
    list_filter = (Phase, "state", "artifact__encoder", "dataset__kind", "dataset")
    search_fields = ("model__name", "dataset__name", "actor", "error")
    date_hierarchy = "created_at"
    list_select_related = ("model", "dataset", "artifact")
    actions = ("pause", "resume", "stop", "discard", "retry", "verify", "note", "export")
    fieldsets = (
        (None, {"fields": ("model", "dataset", "status", "epochs", "error")}),
        ("Result", {"fields": ("validation", "best_epoch", "test_gain", "curve", "artifact")}),
        ("Settings", {"fields": ("config", "split", "parameter_count", "keep")}),
        ("Who and when", {"fields": ("actor", "created_at", "started_at", "finished_at")}),
        (
            "Queue and record",
            {
                "classes": ("collapse",),
                "fields": (
                    *("queued_at", "lease_owner", "token", "beat_at", "recoveries"),
                    *("process_seconds", "checkpoint", "epochs_kept", "dataset_fingerprint"),
                    *("environment", "verification", "request_key", "error_code"),
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrainingSession]:
        large = (f"artifact__{name}" for name in LARGE if name != "metrics")
        rows = super().get_queryset(request).select_related(*self.list_select_related)
        return rows.defer(*large)

    def about(self, row: TrainingSession) -> dict[str, object]:
        return {"model_name": row.model.name, "session_id": row.pk}

    @admin.display(ordering="pk", description="session")
    def number(self, session: TrainingSession) -> int:
        return session.pk

    @admin.display(ordering="state", description="state")
    def status(self, session: TrainingSession) -> SafeString:
        return drawn_state(session.state)

    @admin.display(ordering="current_epoch")
    def epochs(self, session: TrainingSession) -> SafeString | str:
        if session.is_over:
            return f"{session.current_epoch:,} of {session.total_epochs:,}"
        return drawn_progress(session.current_epoch, session.total_epochs)

    @admin.display(ordering="best_gain", description="best validation gain, bits")
    def validation(self, session: TrainingSession) -> str | None:
        return None if session.best_gain is None else f"{session.best_gain:+.4f}"

    @admin.display(ordering="artifact__test_gain", description="test gain, bits (95 %)")
    def test_gain(self, session: TrainingSession) -> SafeString | None:
        return drawn_skill(session.artifact) if session.artifact else None

    @admin.display(description="validation")
    def curve(self, session: TrainingSession) -> SafeString | None:
        return drawn_curve(session.artifact)

    @admin.display(ordering="artifact__size_bytes", description="kB")
    def size(self, session: TrainingSession) -> str | None:
        return kilobytes(session.artifact)

    @admin.action(description="Pause after this epoch", permissions=["view"])
    def pause(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, sessions.ask_pause, "Asked to pause")

    @admin.action(description="Resume", permissions=["view"])
    def resume(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, sessions.resume, "Resumed")

    @admin.action(description="Stop and keep the best weights", permissions=["view"])
    def stop(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, sessions.ask_stop, "Asked to stop")

    @admin.action(description="Stop and keep nothing", permissions=["view"])
    def discard(self, request: HttpRequest, chosen: QuerySet) -> None:
        nothing = TrainingSession.Keep.NOTHING
        self._ask(request, chosen, partial(sessions.ask_stop, keep=nothing), "Asked to stop")

    @admin.action(
        description="Train it again in the queue and compare every bit", permissions=["view"]
    )
    def verify(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, sessions.ask_verify, "Queued to be compared")

    @admin.action(description="Train again with the same settings", permissions=["view"])
    def retry(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, sessions.retry, "Queued again")

    @admin.action(description="Download as CSV", permissions=["view"])
    def export(self, request: HttpRequest, chosen: QuerySet) -> HttpResponse:
        rows = TrainingSession.objects.filter(pk__in=chosen.values("pk"))
        related = rows.select_related(*self.list_select_related).order_by("-pk")
        return download(sessions_csv(related), "helios-sessions.csv")

    def _ask(self, request: HttpRequest, chosen: QuerySet, verb: Any, done: str) -> None:
        """Ask a verb of each chosen session, oldest first: they queue in that order."""
        actor = request.user.get_username()
        rows = chosen.order_by("pk")
        self.each(request, rows, lambda row: verb(session=row, actor=actor), done)


@admin.register(EpochFile)
class EpochFileAdmin(ArchiveDesk):
    """Archived epochs, oldest first."""

    @admin.display(ordering="rows", description="epochs")
    def held(self, file: EpochFile) -> str:
        return f"{file.rows:,}"
