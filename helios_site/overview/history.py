"""What became of the sessions so far: the best gain by date, the newest ones, days of work."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.utils import timezone

from helios_site.overview.figures import Best, Done, best_so_far
from helios_site.overview.numbers import UNIFORM
from memory.models import JournalEntry
from training.models import Dataset, TrainingSession

RECENT = 8  # entries
RANGES = {"30d": 30, "90d": 90, "": 0}  # days of `?range=`; 0: everything
WEEKS = 26


@dataclass(frozen=True, slots=True)
class Day:
    """The sessions of one day, and where its cell lies."""

    day: dt.date
    count: int
    week: int
    weekday: int
    level: int  # 0 to 4: how busy, beside the busiest day

    @property
    def said(self) -> str:
        """The day as a person reads it; the template's filter takes 50 times as long."""
        return f"{self.day:%-d %b %Y}"

    @property
    def x(self) -> str:
        return f"{100 * self.week / WEEKS:.2f}%"

    @property
    def y(self) -> int:
        return 16 * self.weekday


@dataclass(frozen=True, slots=True)
class Activity:
    """The sessions started per day, in columns of weeks that begin on Monday."""

    days: list[Day]

    @property
    def busy(self) -> list[Day]:
        """Days with a session, the newest first."""
        return [day for day in reversed(self.days) if day.count]

    @property
    def total(self) -> int:
        return sum(day.count for day in self.days)


def best_sessions(held: Dataset | None, days: int) -> Best | None:
    """The best validation gain so far over the sessions of the last `days` (0: all).

    Of one history: gains on different draws are not one curve. The uniform forecast is left
    out: it is the line of chance itself.
    """
    rows = TrainingSession.objects.filter(
        dataset=held, finished_at__isnull=False, artifact__val_gain__isnull=False
    ).exclude(artifact__encoder=UNIFORM)
    if days:
        rows = rows.filter(finished_at__gte=timezone.now() - dt.timedelta(days=days))
    columns = ("pk", "model__name", "finished_at")
    measured = ("artifact__val_gain", "artifact__val_low", "artifact__val_high")
    found = rows.order_by("finished_at", "pk").values_list(*columns, *measured)
    return best_so_far([Done(*row) for row in found])


def recent_entries(only: tuple[str, ...] = ()) -> list[tuple[dt.date, list[JournalEntry]]]:
    """The newest journal entries, by day; of these event types where any are named."""
    days: dict[dt.date, list[JournalEntry]] = {}
    rows = JournalEntry.objects.order_by("-seq")
    if only:
        rows = rows.filter(event_type__in=only)
    for entry in rows[:RECENT]:
        days.setdefault(timezone.localdate(entry.at), []).append(entry)
    return list(days.items())


def activity() -> Activity:
    """The sessions started on each day of the last WEEKS weeks, in the reader's time zone."""
    today = timezone.localdate()
    first = today - dt.timedelta(days=today.weekday() + 7 * (WEEKS - 1))
    begin = timezone.make_aware(dt.datetime.combine(first, dt.time()))
    moments = TrainingSession.objects.filter(created_at__gte=begin).order_by()
    zone = timezone.get_current_timezone()  # asked once: it is looked up at every moment else
    counts = Counter(
        at.astimezone(zone).date() for at in moments.values_list("created_at", flat=True)
    )
    busiest = max(counts.values(), default=0)
    return Activity(
        [_day(first, place, counts, busiest) for place in range((today - first).days + 1)]
    )


def _day(first: dt.date, place: int, counts: Counter[dt.date], busiest: int) -> Day:
    day = first + dt.timedelta(days=place)
    count = counts[day]
    level = -(-4 * count // busiest) if count else 0
    return Day(day, count, *divmod(place, 7), level)
