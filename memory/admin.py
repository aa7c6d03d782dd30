"""The journal, its archives and the runs that fill them. Nothing is changed here by hand."""

from types import MappingProxyType
from typing import ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django_q.tasks import async_task

from memory import archiving, events, words
from memory.desk import (
    MOST_COUNTED,
    Choice,
    Desk,
    FewCounted,
    Since,
    WrittenByTheMachine,
    drawn_progress,
    drawn_state,
)
from memory.filters import JournalFilter
from memory.models import Compaction, JournalCheck, JournalEntry, JournalSegment
from memory.recall import hot
from memory.refusals import Invalid, Refusal
from memory.sentences import size
from memory.storage_views import CONFIRM


class Level(Choice):
    title = parameter_name = "level"
    CHOICES = MappingProxyType(
        {level: (level, Q(level=level)) for level in ("info", "warning", "error")}
    )


class EventType(Choice):
    title = "event"
    parameter_name = "event_type"
    CHOICES = MappingProxyType(
        {
            name: (event.title, Q(event_type=name))
            for name, event in sorted(events.EVENTS.items(), key=lambda item: item[1].title)
        }
    )


class NewestFirst(ChangeList):
    """Whatever the address asks for: any other order would read the whole journal."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[str | Combinable]:
        return ["-seq"]


@admin.register(JournalEntry)
class JournalEntryAdmin(WrittenByTheMachine, Desk):
    """Entries, newest first. The search asks the index of words, as the journal's page does."""

    list_display = ("seq", "at", "weight", "sentence", "actor", "model_name", "session_id")
    list_filter = (Since, Level, EventType)
    search_fields = ("payload",)
    search_help_text = (
        "Words that an entry's words begin with; archives are searched on the journal's page."
    )
    ordering = ("-seq",)
    sortable_by = ()
    paginator = FewCounted
    actions = None
    fields = (
        *("seq", "at", "level", "sentence", "actor", "reason"),
        *("pretty", "leaf_hex", "head_hex"),
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        title = f"Journal: the newest {MOST_COUNTED:,} entries that are asked for"
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_changelist(self, request: HttpRequest, **options: object) -> type[NewestFirst]:
        return NewestFirst

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[JournalEntry], search_term: str
    ) -> tuple[QuerySet[JournalEntry], bool]:
        asked = words.asked(search_term)
        if not asked:
            return queryset, False
        return queryset & hot(JournalFilter(words=asked), []).order_by(), False

    @admin.display(description="level")
    def weight(self, entry: JournalEntry) -> SafeString | str:
        """Only what is worth a look has a symbol."""
        states = {"warning": "interrupted", "error": "failed"}
        state = states.get(entry.level)
        return drawn_state(state, entry.level) if state else entry.level

    @admin.display(description="leaf")
    def leaf_hex(self, entry: JournalEntry) -> str:
        """The hash of this entry."""
        return bytes(entry.leaf).hex()

    @admin.display(description="head")
    def head_hex(self, entry: JournalEntry) -> str:
        """The hash of this entry and everything before it."""
        return bytes(entry.head).hex()


class Intact(Choice):
    title = "result"
    parameter_name = "good"
    CHOICES = MappingProxyType(
        {"1": ("Intact", Q(good=True)), "0": ("Tampered with", Q(good=False))}
    )


@admin.register(JournalCheck)
class JournalCheckAdmin(WrittenByTheMachine, Desk):
    """Verifications, newest first."""

    list_display = ("at", "result", "checked", "upto", "compared", "took")
    list_filter = (Intact, Since)
    date_hierarchy = "at"
    actions = ("again",)

    @admin.display(ordering="good")
    def result(self, check: JournalCheck) -> SafeString:
        return (
            drawn_state("ready", "intact")
            if check.good
            else drawn_state("damaged", "tampered with")
        )

    @admin.display(ordering="seq", description="up to entry")
    def upto(self, check: JournalCheck) -> str:
        return f"{check.seq:,}"

    @admin.display(ordering="seconds", description="seconds")
    def took(self, check: JournalCheck) -> str:
        return f"{check.seconds:.2f}"

    @admin.action(description="Verify the whole journal now", permissions=["view"])
    def again(self, request: HttpRequest, chosen: QuerySet[JournalCheck]) -> None:
        async_task("memory.tasks.check_journal", request.user.get_username())
        self.message_user(request, "A worker verifies the journal; the result will be here.")


class ArchiveState(Choice):
    title = parameter_name = "state"
    CHOICES = MappingProxyType(
        {
            "sealed": ("Sealed", Q(damaged="", forgotten=False)),
            "damaged": ("Damaged", ~Q(damaged="")),
            "forgotten": ("Deleted, hashes kept", Q(forgotten=True)),
        }
    )


class ArchiveDesk(WrittenByTheMachine, Desk):
    """Archive files of any part of the memory: what they hold, and what can be done with them."""

    list_display = ("__str__", "first_at", "last_at", "held", "room", "state", "sealed_at")
    list_filter = (ArchiveState,)
    search_fields = ("file_name", "sha256")
    date_hierarchy = "sealed_at"
    actions = ("verify", "restore", "download", "forget")

    @admin.display(ordering="size_bytes", description="size")
    def room(self, archive: JournalSegment) -> str:
        return size(archive.size_bytes)

    @admin.display
    def state(self, archive: JournalSegment) -> SafeString:
        if archive.damaged:
            return drawn_state("damaged")
        return (
            drawn_state("deleted") if archive.forgotten else drawn_state("archived", "sealed")
        )

    @admin.action(description="Read from end to end", permissions=["view"])
    def verify(self, request: HttpRequest, archives: QuerySet[JournalSegment]) -> None:
        found = {one: archiving.verify_archive(file_name=one.file_name) for one in archives}
        damaged = [f"{one}: {problem}" for one, problem in found.items() if problem]
        for problem in damaged:
            self.message_user(request, problem, messages.ERROR)
        self.message_user(request, f"Read: {len(found)}; damaged: {len(damaged)}.")

    @admin.action(description="Put back into the database", permissions=["view"])
    def restore(self, request: HttpRequest, archives: QuerySet[JournalSegment]) -> None:
        actor = request.user.get_username()

        def verb(archive: JournalSegment) -> None:
            archiving.queue_restore(file_name=archive.file_name, actor=actor)

        self.each(request, archives, verb, "Given to a worker to be put back")

    @admin.action(description="Download (one)", permissions=["view"])
    def download(
        self, request: HttpRequest, archives: QuerySet[JournalSegment]
    ) -> FileResponse | None:
        names = list(archives.values_list("file_name", flat=True)[:2])
        try:
            if len(names) > 1:
                raise Invalid("Choose one archive to download.")
            path = archiving.archive_path(names[0])
        except Refusal as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return None
        return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)

    @admin.action(description="Delete for good...", permissions=["view"])
    def forget(
        self, request: HttpRequest, archives: QuerySet[JournalSegment]
    ) -> HttpResponse | None:
        if "confirmed" not in request.POST:
            asked = {"confirm": f"Type {CONFIRM}: only hashes or thinned curves will be left"}
            return self.ask(request, archives, "forget", "Delete for good", asked)
        actor, typed = request.user.get_username(), request.POST.get("confirm", "").strip()

        def verb(archive: JournalSegment) -> None:
            if typed != CONFIRM:
                raise Invalid(f"Type {CONFIRM} to delete {archive} for good.")
            archiving.forget_archive(file_name=archive.file_name, actor=actor)

        self.each(request, archives, verb, "Deleted for good")
        return None


@admin.register(JournalSegment)
class JournalSegmentAdmin(ArchiveDesk):
    """Archived entries, oldest first."""

    exclude = ("head_before", "head_after", "kept")

    @admin.display(ordering="first", description="entries")
    def held(self, segment: JournalSegment) -> str:
        return f"{segment.count:,}"


class RunState(Choice):
    title = parameter_name = "state"
    CHOICES = MappingProxyType(
        {value: (words, Q(state=value)) for value, words in Compaction.State.choices}
    )
    STATUS: ClassVar = MappingProxyType(
        {"running": "training", "done": "completed", "cancelled": "stopped"}
    )  # the symbols are the sessions'


@admin.register(Compaction)
class CompactionAdmin(WrittenByTheMachine, Desk):
    """Runs that move old rows into archives, or back; newest first."""

    list_display = (
        *("pk", "started_at", "kind", "status", "progress", "files", "freed", "took", "actor"),
    )
    list_filter = (RunState, "kind")
    search_fields = ("actor", "file_name", "error")
    date_hierarchy = "started_at"
    actions = ("cancel",)

    @admin.display(ordering="state")
    def status(self, run: Compaction) -> SafeString:
        return drawn_state(RunState.STATUS.get(run.state, run.state), run.state)

    @admin.display(description="rows")
    def progress(self, run: Compaction) -> SafeString:
        return drawn_progress(run.moved, run.planned)

    @admin.display(ordering="freed_bytes")
    def freed(self, run: Compaction) -> str:
        return size(run.freed_bytes)

    @admin.display(description="seconds")
    def took(self, run: Compaction) -> str | None:
        return None if run.seconds is None else f"{run.seconds:,.1f}"

    @admin.action(description="Stop after the batch it is at", permissions=["view"])
    def cancel(self, request: HttpRequest, runs: QuerySet[Compaction]) -> None:
        self.each(
            request,
            runs,
            lambda run: archiving.cancel_compaction(number=run.pk),
            "Asked to stop",
        )
