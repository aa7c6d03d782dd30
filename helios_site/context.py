"""What the frame of every page shows."""

from typing import Any

from django.http import HttpRequest

from training.models import Dataset, TrainingSession


def frame(request: HttpRequest) -> dict[str, Any]:
    """The running session's chip and the practice banner; nothing for a stranger."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {}
    active = TrainingSession.objects.active().select_related("model").order_by("-started_at")
    return {
        "active_session": active.first(),
        "practice_only": not Dataset.objects.filter(kind=Dataset.Kind.REAL).exists(),
    }
