"""What the admin's lists share: rows that only machines write, and actions that ask verbs."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from types import MappingProxyType
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe

from memory import services
from memory.refusals import Refusal

Verb = Callable[..., object]
MOST_COUNTED = 10_000


class WrittenByTheMachine:
    """Rows that only the services make, change and remove."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FewCounted(Paginator):
    """Counts at most MOST_COUNTED rows: counting a million for each page is slow."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet = self.object_list  # type: ignore[assignment]
        return rows.order_by()[:MOST_COUNTED].count()


class Desk(admin.ModelAdmin):
    """A list to curate from. Its actions call the verbs that pages, REST and commands call."""

    show_full_result_count = False
    list_per_page = 50

    def each(self, request: HttpRequest, rows: Iterable[object], verb: Verb, done: str) -> None:
        """Call a verb for each chosen row; count the successes and say every refusal."""
        count = 0
        for row in rows:
            try:
                verb(row)
                count += 1
            except Refusal as refusal:
                self.message_user(request, refusal.message, messages.ERROR)
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(request, f"{done}: {count}.", level)

    def ask(
        self,
        request: HttpRequest,
        rows: QuerySet,
        action: str,
        title: str,
        asked: dict[str, str],
    ) -> HttpResponse:
        """The page between choosing an action and doing it: which rows, and some words."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": title,
            "action": action,
            "rows": rows,
            "asked": asked,
        }
        return TemplateResponse(request, "memory/admin_ask.html", context)


class Noted:
    """The action that keeps a person's note about each chosen row in the journal."""

    def about(self, row: Any) -> dict[str, Any]:
        """What of the journal a row is, as `memory.services.add_note` names it."""
        raise NotImplementedError

    @admin.action(description="Write a note in the journal...", permissions=["view"])
    def note(self: Any, request: HttpRequest, rows: QuerySet) -> HttpResponse | None:
        if "confirmed" not in request.POST:
            answer: HttpResponse = self.ask(
                request, rows, "note", "Write a note", {"text": "Note"}
            )
            return answer
        text, actor = request.POST.get("text", ""), request.user.get_username()

        def verb(row: object) -> None:
            services.add_note(text=text, actor=actor, **self.about(row))

        self.each(request, rows, verb, "Notes written")
        return None


class Choice(admin.SimpleListFilter):
    """A filter whose choices are known without asking the database."""

    CHOICES: ClassVar[MappingProxyType[str, tuple[str, Q]]]  # value: words, condition

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[str, str]]:
        return [(value, words) for value, (words, _) in self.CHOICES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.CHOICES.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


class Since(admin.SimpleListFilter):
    """How old rows may be: bounds on an indexed column, where a hierarchy of dates reads all."""

    title = "time"
    parameter_name = "since"
    COLUMN = "at"
    DAYS: ClassVar = MappingProxyType(
        {"1": "Last 24 hours", "7": "Last 7 days", "30": "Last 30 days", "365": "Last year"}
    )

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[str, str]]:
        return list(self.DAYS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in self.DAYS:
            return queryset
        begin = timezone.now() - timedelta(days=int(self.value() or 0))
        return queryset.filter(**{f"{self.COLUMN}__gte": begin})


def drawn_state(status: str, words: str = "") -> SafeString:
    """A status as its symbol and word."""
    context = {"state": status, "words": words}
    return mark_safe(render_to_string("memory/_state.html", context))  # noqa: S308


def drawn_progress(done: int, total: int) -> SafeString:
    """A bar with its numbers."""
    context = {"done": done, "total": total}
    return mark_safe(render_to_string("memory/_progress.html", context))  # noqa: S308
