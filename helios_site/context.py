"""What the frame of every page shows."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, F, IntegerField, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from helios_site.help import KEYS
from helios_site.models import NoticeWish, Preferences
from helios_site.notices import unread
from helios_site.roles import role_of
from memory.sentences import counted
from training.models import Dataset, TrainingSession, Worker

THEMES = (("system", "System"), ("light", "Light"), ("dark", "Dark"))
THEME_COOKIE = "helios_theme"
ZONE_COOKIE = "helios_zone"  # what the browser says; see static/helios/zone.js


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is true on every page of a signed-in reader, read in one query."""

    user: User | AnonymousUser  # with what hangs on it, so that no page asks again
    preferences: Preferences
    wish: NoticeWish
    workers: int  # processes online
    practice_only: bool  # draws are here, but no real ones


def surroundings(user: Any) -> Surroundings:
    """The reader's preferences, the workers that are online, and whether real draws are here."""
    rows = User.objects.select_related(
        "preferences", "notice_wish", "training_defaults"
    ).annotate(**_of_all())
    row: Any = rows.get(pk=user.pk)
    chosen = getattr(row, "preferences", None) or Preferences(user_id=row.pk)
    wish = getattr(row, "notice_wish", None) or NoticeWish(user=row)
    return Surroundings(row, chosen, wish, row.workers, row.has_draws and not row.has_real)


def visitor_surroundings() -> Surroundings:
    """The same for who has no account: nothing is kept for it, and nothing told to it alone."""
    row: Any = one_row().annotate(**_of_all()).get()
    wish = NoticeWish(in_app=False, browser=False)
    only_practice = row.has_draws and not row.has_real
    return Surroundings(AnonymousUser(), Preferences(), wish, row.workers, only_practice)


def one_row() -> QuerySet[ContentType]:
    """A row that every migrated database has, for what is asked about everything at once."""
    return ContentType.objects.filter(app_label="helios_site", model="preferences")


def _of_all() -> dict[str, Any]:
    """What every reader is told, as subqueries that hang on any row."""
    return {
        "workers": Coalesce(Subquery(_online(), output_field=IntegerField()), 0),
        "has_real": Exists(Dataset.objects.filter(kind=Dataset.Kind.REAL)),
        "has_draws": Exists(Dataset.objects.all()),
    }


def _online() -> Any:
    """The processes of the queues that beat, as a subquery of one number."""
    beating = Worker.objects.online().order_by()
    return beating.values(all=F("pk") * 0).annotate(sum=Sum("processes")).values("sum")


def frame(request: HttpRequest) -> dict[str, Any]:
    """The theme; and for who is signed in the running session, the worker, the banner."""
    chosen = getattr(request, "preferences", None) or Preferences()
    shown: dict[str, Any] = {
        "themes": THEMES,
        "theme": chosen.theme if chosen.theme in dict(THEMES) else "system",
        "preferences": chosen,
        "key_groups": KEYS,
        "secret_cookie": settings.CSRF_COOKIE_NAME,
        "version": settings.SPECTACULAR_SETTINGS["VERSION"],
        "time_zone": timezone.get_current_timezone_name(),
    }
    around = getattr(request, "surroundings", None)
    if around is None:
        return shown
    active = TrainingSession.objects.active().select_related("model").busiest_first()
    return shown | {
        "role": role_of(request.user),
        "active_session": SimpleLazyObject(active.first),  # a page may know it already
        "unread": unread(around.wish),
        "notice_wish": around.wish,
        "practice_only": around.practice_only,
        **worker_words(around.workers),
    }


def worker() -> dict[str, str]:
    """The queue's health in words; `worker_state` is online or offline."""
    return worker_words(Worker.objects.online().processes())


def worker_words(online: int) -> dict[str, str]:
    """The same of a number of processes."""
    if not online:
        return {"worker_state": "offline", "worker_words": "no worker online; sessions wait"}
    words = f"{counted(online, 'worker')} online"
    return {"worker_state": "online", "worker_words": words}
