"""The journal in the admin: to look at, never to change."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property

from memory.models import JournalCheck, JournalEntry, JournalSegment
from memory.recall import newest_seq


class JournalPaginator(Paginator):
    """Counting a million rows for every page is slow; the head's number is count enough."""

    @cached_property
    def count(self) -> int:
        newest = newest_seq()
        return newest if newest > 100_000 else int(super().count)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only Helios writes."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin):
    """Entries, newest first."""

    list_display = ("seq", "at", "level", "sentence", "actor", "model_name", "session_id")
    list_filter = ("level", "event_type")
    search_fields = ("model_name__exact", "actor__exact")
    ordering = ("-seq",)
    paginator = JournalPaginator
    show_full_result_count = False
    fields = (
        "seq",
        "at",
        "level",
        "sentence",
        "actor",
        "reason",
        "pretty",
        "leaf_hex",
        "head_hex",
    )

    @admin.display(description="leaf")
    def leaf_hex(self, entry: JournalEntry) -> str:
        """The hash of this entry."""
        return bytes(entry.leaf).hex()

    @admin.display(description="head")
    def head_hex(self, entry: JournalEntry) -> str:
        """The hash of this entry and everything before it."""
        return bytes(entry.head).hex()


@admin.register(JournalCheck)
class JournalCheckAdmin(ReadOnlyAdmin):
    """Verifications, newest first."""

    list_display = ("at", "good", "checked", "seq", "seconds")


@admin.register(JournalSegment)
class JournalSegmentAdmin(ReadOnlyAdmin):
    """Archived segments, oldest first."""

    list_display = ("first", "last", "first_at", "last_at", "size_bytes", "sealed_at")
