"""The quota: how full it is, when it will be full, and refusing what needs room.

A part of it is kept for the journal, which is never refused: what happens is always written
down.
"""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from memory import archiving, space
from memory.models import StorageSample
from memory.policies import quota_bytes
from memory.refusals import Conflict, Full
from memory.sentences import size

WARN_AT = 0.8
RESERVE = 0.05  # of the limit, for the journal ...
MAX_RESERVE = 20_000_000  # ... but no more bytes than that
_TREND = timedelta(days=30)  # the growth of the last month is the forecast's
_FAR = 36_500  # days: further ahead nothing is said
_LOOK = 10.0  # seconds for which a running session takes the last look for granted
_AT_LEAST = 1_000  # rows that are worth a compaction when there is no room


@dataclass(frozen=True)
class Quota:
    """What is used of what is allowed; `limit` 0 means there is no limit."""

    used: int
    limit: int
    full_on: date | None = None  # the quota, or the disk, by the growth of the last month
    disk_free: int = 0  # bytes

    @property
    def reserve(self) -> int:
        """Bytes of the limit that are left to the journal."""
        return int(min(MAX_RESERVE, RESERVE * self.limit))

    @property
    def share(self) -> float:
        """Used part of what others than the journal may use, 0 without a limit."""
        return self.used / (self.limit - self.reserve) if self.limit else 0.0

    @property
    def level(self) -> str:
        """ok, warn or full."""
        if self.share >= 1:
            return "full"
        return "warn" if self.share >= WARN_AT else "ok"

    @property
    def words(self) -> str:
        """How much of what is used."""
        return f"{size(self.used)} of {size(self.limit)} are used (HELIOS_QUOTA_MB)"


def read_quota() -> Quota:
    """Measure what is used, and return it with the day on which it is all."""
    return forecast(space.used(), quota_bytes(), recent_samples())


def recent_samples() -> list[StorageSample]:
    """What was used on the days of the last month, oldest first."""
    return list(StorageSample.objects.filter(day__gte=timezone.localdate() - _TREND))


def forecast(used: int, limit: int, samples: Sequence[StorageSample]) -> Quota:
    """What is used of the limit, and when it is all; the first look of a day is remembered."""
    today = timezone.localdate()
    if all(sample.day != today for sample in samples):
        StorageSample.objects.update_or_create(day=today, defaults={"used_bytes": used})
    free = shutil.disk_usage(settings.HELIOS_HOME).free
    left = min(free, limit - used) if limit else free
    return Quota(used, limit, _full_on(today, used, left, samples), free)


def require_room(*, actor: str = "system") -> None:
    """Raise Full when the quota is used up, having started a compaction that may help."""
    if not quota_bytes():
        return
    quota = read_quota()
    if quota.level != "full":
        return
    large = space.largest(space.look_at_files(), 3)
    names = ", ".join(f"{path} ({size(held)})" for path, held in large)
    raise Full(
        f"{quota.words}.{make_room(actor=actor)} Delete models you no longer need, or raise the "
        f"quota. Largest files: {names}."
    )


class Watch:
    """The quota as a running session looks at it, again and again, at no great cost."""

    def __init__(self) -> None:
        self._looked = float("-inf")
        self._problem = ""

    def problem(self) -> str:
        """Why the session cannot go on, "" while there is room."""
        if time.monotonic() - self._looked >= _LOOK:
            self._problem = self._look()
            self._looked = time.monotonic()
        return self._problem

    def _look(self) -> str:
        limit = quota_bytes()
        if not limit:
            return ""
        quota = Quota(space.used(), limit)
        if quota.level != "full":
            return ""
        return (
            f"No room is left: {quota.words}.{make_room(actor='quota')} Free some and resume."
        )


def make_room(*, actor: str) -> str:
    """Start a compaction where it is worth it, and say so in a sentence with a space before."""
    plan = archiving.plan_compaction(at_least=_AT_LEAST)
    if not plan.rows:
        return ""
    try:
        archiving.queue_compaction(plan=plan, actor=actor)
    except Conflict:
        return " A compaction is at work."
    return " A compaction was started."


def _full_on(
    today: date, used: int, left: int, samples: Sequence[StorageSample]
) -> date | None:
    """The day on which nothing is left at the average growth since the first sample."""
    earlier = next((sample for sample in samples if sample.day < today), None)
    if earlier is None or used <= earlier.used_bytes:
        return None
    growth = (used - earlier.used_bytes) / (today - earlier.day).days  # bytes a day
    days = left / growth
    return today + timedelta(days=round(days)) if 0 <= days <= _FAR else None
