"""The quota: how full it is, when it will be full, and refusing what needs room.

The journal itself is never refused: what happens is always written down.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from memory import archiving, space
from memory.compaction import DAILY_AGE
from memory.models import StorageSample
from memory.refusals import Conflict, Full
from memory.sentences import size

WARN_AT = 0.8
_TREND = timedelta(days=30)  # the growth of the last month is the forecast's
_FAR = 36_500  # days: further ahead nothing is said


@dataclass(frozen=True)
class Quota:
    """What is used of what is allowed; `limit` 0 means there is no limit."""

    used: int
    limit: int
    full_on: date | None  # by the growth of the last month

    @property
    def share(self) -> float:
        """Used part of the limit, 0 without one."""
        return self.used / self.limit if self.limit else 0.0

    @property
    def level(self) -> str:
        """ok, warn or full."""
        if self.share >= 1:
            return "full"
        return "warn" if self.share >= WARN_AT else "ok"


def read_quota() -> Quota:
    """Measure what is used, remember it for the forecast and return it."""
    used = sum(kind.size_bytes for kind in space.usage())
    today = timezone.localdate()
    StorageSample.objects.update_or_create(day=today, defaults={"used_bytes": used})
    limit = settings.QUOTA_MB * 1_000_000
    return Quota(used, limit, _full_on(today, used, limit))


def require_room(*, actor: str = "system") -> None:
    """Raise Full when the quota is used up, having started a compaction that may help."""
    if not settings.QUOTA_MB:
        return
    quota = read_quota()
    if quota.level != "full":
        return
    names = ", ".join(f"{name} ({size(count)})" for name, count in space.largest(3))
    raise Full(
        f"{size(quota.used)} of {size(quota.limit)} are used (HELIOS_QUOTA_MB)."
        f"{_compact(actor)} Delete models you no longer need, or raise the quota. "
        f"Largest files: {names}."
    )


def _compact(actor: str) -> str:
    """Start a compaction where it is worth it, and say so."""
    plan = archiving.plan_compaction(cutoff=timezone.now() - DAILY_AGE)
    if not plan.entries:
        return ""
    try:
        archiving.queue_compaction(plan=plan, actor=actor)
    except Conflict:
        return " A compaction is at work."
    return " A compaction was started."


def _full_on(today: date, used: int, limit: int) -> date | None:
    """The day the limit is reached at the average growth of the last month."""
    earlier = StorageSample.objects.filter(day__gte=today - _TREND, day__lt=today).first()
    if not limit or earlier is None or used <= earlier.used_bytes:
        return None
    growth = (used - earlier.used_bytes) / (today - earlier.day).days  # bytes a day
    days = (limit - used) / growth
    return today + timedelta(days=round(days)) if 0 <= days <= _FAR else None
