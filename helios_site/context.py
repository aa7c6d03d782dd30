"""What the frame of every page shows."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from training.models import Dataset, TrainingSession, Worker

THEMES = (("system", "System"), ("light", "Light"), ("dark", "Dark"))
THEME_COOKIE = "helios_theme"
# A worker's supervisor beats every few seconds; after this long its silence is said.
WORKER_SILENCE = timedelta(seconds=15)


def frame(request: HttpRequest) -> dict[str, Any]:
    """The theme; and for who is signed in the running session, the worker, the banner."""
    asked = request.COOKIES.get(THEME_COOKIE, "system")
    shown: dict[str, Any] = {
        "themes": THEMES,
        "theme": asked if asked in dict(THEMES) else "system",
        "version": settings.SPECTACULAR_SETTINGS["VERSION"],
        "time_zone": timezone.get_current_timezone_name(),
    }
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return shown
    latest = F("started_at").desc(nulls_last=True)
    active = TrainingSession.objects.active().select_related("model").order_by(latest, "-pk")
    return shown | {
        "active_session": active.first(),
        "practice_only": not Dataset.objects.filter(kind=Dataset.Kind.REAL).exists(),
        **worker(),
    }


def worker() -> dict[str, str]:
    """The queue's health in words; `worker_state` is online or offline."""
    since = timezone.now() - WORKER_SILENCE
    online = sum(Worker.objects.filter(beat_at__gte=since).values_list("processes", flat=True))
    if not online:
        return {"worker_state": "offline", "worker_words": "no worker online; sessions wait"}
    words = f"{online} worker online" if online == 1 else f"{online} workers online"
    return {"worker_state": "online", "worker_words": words}
