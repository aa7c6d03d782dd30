"""The curator's desk for jobs and forecasts. Machines write these rows; people ask verbs."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from memory.refusals import Refusal
from reflection.models import Enrolment, Forecast, Job
from reflection.services import jobs
from training.admin import WrittenByTheMachine


@admin.register(Job)
class JobAdmin(WrittenByTheMachine, admin.ModelAdmin):
    list_display = ("id", "title", "kind", "state", "progress", "actor", "created_at")
    list_filter = ("state", "kind")
    search_fields = ("title", "model_name", "error")
    date_hierarchy = "created_at"
    show_full_result_count = False
    actions = ("pause", "resume", "stop", "again")

    @admin.display(description="done")
    def progress(self, job: Job) -> str:
        return f"{job.done} of {job.total}"

    @admin.action(description="Pause after this step")
    def pause(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, jobs.ask_pause)

    @admin.action(description="Resume")
    def resume(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, jobs.resume)

    @admin.action(description="Stop")
    def stop(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, jobs.ask_stop)

    @admin.action(description="Run again with the same settings")
    def again(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, jobs.run_again)

    def _ask(self, request: HttpRequest, chosen: QuerySet, verb: Any) -> None:
        """Carry out a verb on each chosen job; say how many, and why not the others."""
        done = 0
        for job in chosen:
            try:
                verb(job=job, actor=request.user.get_username())
            except Refusal as refusal:
                self.message_user(request, refusal.message, messages.WARNING)
            else:
                done += 1
        self.message_user(request, f"Done for {done} of {len(chosen)} jobs.")


@admin.register(Forecast)
class ForecastAdmin(WrittenByTheMachine, admin.ModelAdmin):
    list_display = ("draw_date", "version", "dataset", "grade", "gain", "registered_at")
    list_select_related = ("version__model", "dataset")
    list_filter = ("dataset",)
    search_fields = ("model__name", "sha256")
    date_hierarchy = "draw_date"


@admin.register(Enrolment)
class EnrolmentAdmin(WrittenByTheMachine, admin.ModelAdmin):
    list_display = ("model", "dataset", "since", "automatic", "tried_at", "problem")
    list_select_related = ("model", "dataset")
    list_filter = ("automatic", "dataset")
