"""The curator's desk for datasets and sessions. Machines write these rows; people ask verbs."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from memory.refusals import Refusal
from training.models import Dataset, DrawImport, TrainingSession
from training.services import sessions


class WrittenByTheMachine:
    """Rows that only the services make and change."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ImportInline(WrittenByTheMachine, admin.TabularInline):
    """Where the draws of a dataset came from."""

    model = DrawImport
    extra = 0
    fields = (
        "file_name",
        "format",
        "new_count",
        "same_count",
        "actor",
        "created_at",
        "undone_at",
    )


@admin.register(Dataset)
class DatasetAdmin(WrittenByTheMachine, admin.ModelAdmin):
    list_display = (
        "name",
        "game",
        "kind",
        "draw_count",
        "first_date",
        "last_date",
        "created_by",
    )
    list_filter = ("kind", "game")
    search_fields = ("name", "fingerprint")
    inlines = (ImportInline,)


@admin.register(TrainingSession)
class SessionAdmin(WrittenByTheMachine, admin.ModelAdmin):
    list_display = ("id", "model", "dataset", "state", "epochs_done", "gain", "created_at")
    list_filter = ("state", "dataset")
    search_fields = ("model__name", "error")
    date_hierarchy = "created_at"
    list_select_related = ("model", "dataset")
    show_full_result_count = False
    actions = ("pause", "resume", "stop", "discard", "retry", "verify")

    @admin.display(description="epochs")
    def epochs_done(self, session: TrainingSession) -> str:
        return f"{session.current_epoch} of {session.total_epochs}"

    @admin.display(ordering="best_gain", description="best gain (mean of its models), bits")
    def gain(self, session: TrainingSession) -> float | None:
        return session.best_gain

    @admin.action(description="Pause after this epoch")
    def pause(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, sessions.ask_pause)

    @admin.action(description="Resume")
    def resume(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, sessions.resume)

    @admin.action(description="Stop and keep the best weights")
    def stop(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, sessions.ask_stop)

    @admin.action(description="Stop and keep nothing")
    def discard(self, request: HttpRequest, chosen: QuerySet) -> None:
        nothing = TrainingSession.Keep.NOTHING
        self._ask(request, chosen, partial(sessions.ask_stop, keep=nothing))

    @admin.action(description="Train it again in the queue and compare every bit")
    def verify(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, sessions.ask_verify)

    @admin.action(description="Train again with the same settings")
    def retry(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._ask(request, chosen, sessions.retry)

    def _ask(self, request: HttpRequest, chosen: QuerySet, verb: Any) -> None:
        """Carry out a verb on each chosen session; say how many, and why not the others."""
        done = 0
        for session in chosen.select_related("model", "dataset"):
            try:
                verb(session=session, actor=request.user.get_username())
            except Refusal as refusal:
                self.message_user(request, refusal.message, messages.WARNING)
            else:
                done += 1
        self.message_user(request, f"Done for {done} of {len(chosen)} sessions.")
