"""What the admin's lists of models and sessions share: skill with its interval, curves, filters."""

from types import MappingProxyType
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from registry.figures import axis_of, sparkline
from registry.models import ModelArtifact, RegisteredModel

AXIS = 0.15  # bits each way of chance, the same on every page of a list


class Kept(admin.SimpleListFilter):
    """Where a model is: in the lists, put away, or in the trash."""

    title = "place"
    parameter_name = "place"
    PLACES = MappingProxyType(
        {
            "listed": Q(archived_at=None, deleted_at=None),
            "archived": Q(archived_at__isnull=False, deleted_at=None),
            "trash": Q(deleted_at__isnull=False),
        }
    )

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[str, str]]:
        return [("listed", "In the lists"), ("archived", "Archived"), ("trash", "In the trash")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[RegisteredModel]
    ) -> QuerySet[RegisteredModel]:
        return queryset.filter(self.PLACES.get(self.value() or "", Q()))


class Tag(admin.AllValuesFieldListFilter):
    """The words by which models are grouped, called what they are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "tag"


def skill(version: ModelArtifact) -> str | None:
    """A test gain with its interval, or None where nothing was measured."""
    if version.test_gain is None:
        return None
    if version.test_low is None or version.test_high is None:
        return f"{version.test_gain:+.4f}"
    return f"{version.test_gain:+.4f} ({version.test_low:+.4f} to {version.test_high:+.4f})"


def drawn_skill(version: ModelArtifact) -> SafeString | None:
    """The same with its figure, on an axis that all rows share."""
    if version.test_gain is None:
        return None
    ends = (version.test_gain, version.test_low, version.test_high)
    context = {
        "words": skill(version),
        "mark": axis_of([-AXIS, AXIS]).mark(*(clipped(end) for end in ends)),
        "low": version.test_low,
        "high": version.test_high,
    }
    return mark_safe(render_to_string("registry/_skill.html", context))  # noqa: S308


def clipped(bits: float | None) -> float | None:
    """A value within the axis of the list."""
    return None if bits is None else max(-AXIS, min(AXIS, bits))


def drawn_curve(version: ModelArtifact | None) -> SafeString | None:
    """The validation gain by epoch as a sparkline, or None without one."""
    points = sparkline(version.metrics.get("curve", ())) if version else ""
    spark = {"points": points}
    return mark_safe(render_to_string("registry/_spark.html", spark)) if points else None  # noqa: S308


def kilobytes(version: ModelArtifact | None) -> str | None:
    """The size of a version's files, in a column called kB."""
    return f"{version.size_bytes / 1000:,.0f}" if version else None
