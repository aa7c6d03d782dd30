"""The curator's desk for jobs and forecasts, and the audit of a draw history."""

from types import MappingProxyType
from typing import Any

from django.contrib import admin, messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from memory.desk import Choice, Desk, Noted, WrittenByTheMachine, drawn_progress, drawn_state
from memory.sentences import duration
from reflection.models import Enrolment, Forecast, Job
from reflection.services import audit_draws, jobs, record_audit
from reflection.services.forecasts import check_forecasts, switch_automatic
from training.admin import DatasetAdmin
from training.models import Dataset


@admin.register(Dataset)
class AuditedDatasetAdmin(DatasetAdmin):
    """Draw histories, with the audit that this floor adds."""

    actions = (*DatasetAdmin.actions, "audit")

    @admin.action(description="Audit: is the drum fair?", permissions=["view"])
    def audit(self, request: HttpRequest, chosen: QuerySet[Dataset]) -> None:
        actor = request.user.get_username()

        def verb(dataset: Dataset) -> None:
            found = audit_draws(dataset_name=dataset.name)
            record_audit(found=found, actor=actor)
            self.message_user(request, f"{dataset}: {found.verdict}", messages.INFO)

        self.each(request, chosen, verb, "Audited")


class JobPhase(Choice):
    title = "phase"
    parameter_name = "phase"
    CHOICES = MappingProxyType(
        {
            "active": ("Not over", ~Q(state__in=Job.TERMINAL)),
            "person": ("Wants a person", Q(state__in=("paused", "interrupted", "failed"))),
        }
    )


@admin.register(Job)
class JobAdmin(Noted, WrittenByTheMachine, Desk):
    """Long work of reflection, newest first."""

    list_display = (
        *("id", "title", "kind", "status", "progress", "worked"),
        *("model_name", "actor", "created_at"),
    )
    list_filter = (JobPhase, "state", "kind")
    search_fields = ("title", "model_name", "actor", "error")
    date_hierarchy = "created_at"
    actions = ("pause", "resume", "stop", "again", "note")

    def about(self, row: Job) -> dict[str, object]:
        return {"model_name": row.model_name}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return super().get_queryset(request).defer("settings", "result")

    @admin.display(ordering="state", description="state")
    def status(self, job: Job) -> SafeString:
        return drawn_state(job.state)

    @admin.display(description="done")
    def progress(self, job: Job) -> SafeString | str:
        if job.is_over:
            return f"{job.done:,} of {job.total:,}"
        return drawn_progress(job.done, job.total)

    @admin.display(ordering="process_seconds", description="worked for")
    def worked(self, job: Job) -> str:
        return duration(job.process_seconds)

    @admin.action(description="Pause after this step", permissions=["view"])
    def pause(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, jobs.ask_pause, "Asked to pause")

    @admin.action(description="Resume", permissions=["view"])
    def resume(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, jobs.resume, "Resumed")

    @admin.action(description="Stop", permissions=["view"])
    def stop(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, jobs.ask_stop, "Asked to stop")

    @admin.action(description="Run again with the same settings", permissions=["view"])
    def again(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, jobs.run_again, "Queued again")

    def _ask(self, request: HttpRequest, chosen: QuerySet, verb: Any, done: str) -> None:
        """Ask a verb of each chosen job, oldest first: they queue in that order."""
        actor = request.user.get_username()
        rows = chosen.order_by("pk")
        self.each(request, rows, lambda row: verb(job=row, actor=actor), done)


class Outcome(Choice):
    title = "outcome"
    parameter_name = "outcome"
    CHOICES = MappingProxyType(
        {
            "scored": ("Scored", Q(draw__isnull=False)),
            "open": ("Waits for its draw", Q(draw__isnull=True)),
        }
    )


class Grade(Choice):
    title = parameter_name = "grade"
    CHOICES = MappingProxyType(
        {
            "A": ("A: before the draw", Q(problem="", registered_at__lt=F("draw_time"))),
            "C": ("C: late or changed", ~Q(problem="") | Q(registered_at__gte=F("draw_time"))),
        }
    )


@admin.register(Forecast)
class ForecastAdmin(Noted, WrittenByTheMachine, Desk):
    """Frozen forecasts, the newest draw first. One draw's gain is luck; evidence is their sum."""

    list_display = (
        *("draw_date", "version", "dataset", "status", "quality", "score"),
        *("registered_at", "actor", "digest"),
    )
    list_select_related = ("version__model", "dataset")
    list_filter = (Outcome, Grade, "dataset")
    search_fields = ("model__name", "dataset__name", "actor", "sha256")
    date_hierarchy = "draw_date"
    actions = ("compare", "note")
    STATUS = MappingProxyType(
        {"scored": "completed", "open": "queued", "awaited": "paused", "void": "archived"}
    )  # the symbols are the sessions'

    def about(self, row: Forecast) -> dict[str, object]:
        return {"model_name": row.model.name, "entry": row.journal_seq}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Forecast]:
        rows = super().get_queryset(request).select_related("model", *self.list_select_related)
        large = ("config", "network", "environment", "evaluation", "metrics", "notes")
        return rows.defer("document", *(f"version__{name}" for name in large))

    @admin.display(description="state")
    def status(self, forecast: Forecast) -> SafeString:
        if forecast.problem:
            return drawn_state("damaged", "changed")
        return drawn_state(self.STATUS[forecast.state], forecast.state)

    @admin.display(description="grade")
    def quality(self, forecast: Forecast) -> str:
        return forecast.grade

    @admin.display(ordering="gain", description="gain on its draw, bits")
    def score(self, forecast: Forecast) -> str | None:
        return None if forecast.gain is None else f"{forecast.gain:+.4f}"

    @admin.display(description="SHA-256")
    def digest(self, forecast: Forecast) -> str:
        return forecast.sha256[:8]

    @admin.action(description="Compare all forecasts with the journal", permissions=["view"])
    def compare(self, request: HttpRequest, chosen: QuerySet[Forecast]) -> None:
        found = check_forecasts()
        words = f"Compared: {found.forecasts:,}; changed: {len(found.changed):,}."
        level = messages.ERROR if found.changed else messages.SUCCESS
        self.message_user(request, words, level)


@admin.register(Enrolment)
class EnrolmentAdmin(WrittenByTheMachine, Desk):
    """Models that forecast each draw of a history, by hand or by themselves."""

    list_display = (
        *("model", "dataset", "since", "automatic", "tried_at", "problem", "created_by"),
    )
    list_select_related = ("model", "dataset")
    list_filter = ("automatic", "dataset")
    search_fields = ("model__name", "dataset__name", "created_by", "problem")
    date_hierarchy = "since"
    actions = ("on", "off")

    @admin.action(description="Register every draw by itself", permissions=["view"])
    def on(self, request: HttpRequest, chosen: QuerySet[Enrolment]) -> None:
        self._switch(request, chosen, on=True)

    @admin.action(description="No longer by itself", permissions=["view"])
    def off(self, request: HttpRequest, chosen: QuerySet[Enrolment]) -> None:
        self._switch(request, chosen, on=False)

    def _switch(self, request: HttpRequest, chosen: QuerySet[Enrolment], *, on: bool) -> None:
        actor = request.user.get_username()

        def verb(row: Enrolment) -> None:
            switch_automatic(model=row.model, dataset=row.dataset, on=on, actor=actor)

        rows = chosen.select_related("model", "dataset")
        self.each(request, rows, verb, "Switched on" if on else "Switched off")
