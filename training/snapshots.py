"""What a live page shows, read once for everybody who watches.

A key is the number of a session, or `OVERVIEW` for all sessions that are not over. One query
says what changed; a session that did costs two more, and one that waits two each time, because
others move its place in the queue.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Protocol

from django.db.models import Q

from training.models import Epoch, TrainingSession
from training.progress import Progress, measure, place_of

OVERVIEW = 0
MOST_CARDS = 3  # on the overview
TAIL = 500  # epochs kept in memory; who misses more reads the database
AT_WORK = TrainingSession.AT_WORK
ASIDE = (*TrainingSession.TERMINAL, TrainingSession.State.QUEUED)  # not on the overview
CURVE = 60  # points of a small drawing
BATCH = 2000  # the most epochs of one message


class Snapshot(Protocol):
    """One state of what a key shows."""

    @property
    def last(self) -> int:
        """The number of the newest epoch, 0 when there is none."""

    @property
    def is_over(self) -> bool:
        """Will nothing change any more?"""

    def after(self, number: int) -> Sequence[Epoch] | None:
        """The epochs after a number; None when they reach further back than what is kept."""

    def read_after(self, number: int) -> Sequence[Epoch]:
        """The next BATCH epochs after a number, from the database."""


@dataclass(frozen=True, slots=True, eq=False)
class SessionSnapshot:
    """A session with its newest epochs, oldest first."""

    session: TrainingSession
    measured: Progress
    epochs: tuple[Epoch, ...]

    @property
    def last(self) -> int:
        return self.epochs[-1].number if self.epochs else 0

    @property
    def is_over(self) -> bool:
        return self.session.is_over

    @property
    def curve(self) -> list[float]:
        """Validation gains of the newest epochs in bits, thinned for a small drawing."""
        step = -(-len(self.epochs) // CURVE) or 1
        return [epoch.gain for epoch in self.epochs[::-step]][::-1]

    def after(self, number: int) -> tuple[Epoch, ...] | None:
        if self.epochs and self.epochs[0].number > number + 1:
            return None
        # by number, not by place: of archived epochs only some are here
        return tuple(epoch for epoch in self.epochs if epoch.number > number)

    def read_after(self, number: int) -> list[Epoch]:
        rows = Epoch.objects.filter(session_id=self.session.pk, number__gt=number)
        return list(rows.defer("rows").order_by("number")[:BATCH])


@dataclass(frozen=True, slots=True, eq=False)
class OverviewSnapshot:
    """The sessions that a worker has or a person must decide about, the newest first.

    `last` counts how often a session came, went or changed its state.
    """

    revisions: Mapping[int, tuple[int, str]]
    sessions: tuple[SessionSnapshot, ...]
    last: int
    is_over: bool = False

    def after(self, number: int) -> tuple[Epoch, ...]:
        return ()

    def read_after(self, number: int) -> tuple[Epoch, ...]:
        return ()


def look(
    keys: Iterable[int], before: Mapping[int, Snapshot | None]
) -> dict[int, Snapshot | None]:
    """The snapshot of every key: the same object as before where nothing changed."""
    wanted = set(keys)
    rows = TrainingSession.objects.filter(_watched(wanted)).values_list(
        "pk", "revision", "state"
    )
    now = {pk: (revision, state) for pk, revision, state in rows}
    seen: dict[int, Snapshot | None] = {}
    for key in wanted - {OVERVIEW}:
        seen[key] = _session(key, now[key][0], before.get(key)) if key in now else None
    if OVERVIEW in wanted:
        running = {pk: row for pk, row in now.items() if row[1] not in ASIDE}
        seen[OVERVIEW] = _overview(running, before.get(OVERVIEW))
    return seen


def _watched(wanted: set[int]) -> Q:
    rows = Q(pk__in=wanted)
    if OVERVIEW in wanted:
        rows |= ~Q(state__in=ASIDE)
    return rows


def _session(pk: int, revision: int, before: Snapshot | None) -> SessionSnapshot | None:
    """Read a session anew if its revision is another one. First the row, then its epochs: a
    session that is over has all of them."""
    if isinstance(before, SessionSnapshot) and before.session.revision == revision:
        place = place_of(before.session)
        if place == before.measured.place:
            return before
        return replace(before, measured=replace(before.measured, place=place))
    found = TrainingSession.objects.select_related("model", "dataset", "artifact")
    session = found.filter(pk=pk).first()
    if session is None:
        return None
    known = before.epochs if isinstance(before, SessionSnapshot) else ()
    return _snapshot(session, _newest(pk, known))


def _snapshot(session: TrainingSession, epochs: tuple[Epoch, ...]) -> SessionSnapshot:
    return SessionSnapshot(session, measure(session, epochs), epochs)


def _newest(pk: int, known: tuple[Epoch, ...]) -> tuple[Epoch, ...]:
    """The last TAIL epochs, of which some are known."""
    rows = Epoch.objects.filter(session_id=pk).defer("rows").order_by("-number")
    if known:
        rows = rows.filter(number__gt=known[-1].number)
    fresh = tuple(reversed(rows[:TAIL]))
    if known and fresh and fresh[0].number != known[-1].number + 1:
        known = ()  # more than TAIL at once: what lies between is read from the database
    return (known + fresh)[-TAIL:]


def _overview(
    running: Mapping[int, tuple[int, str]], before: Snapshot | None
) -> OverviewSnapshot:
    """The strip of what is going on now."""
    old = before if isinstance(before, OverviewSnapshot) else None
    if old and old.revisions == running:
        return old
    known = {each.session.pk: each for each in old.sessions} if old else {}
    newest = sorted(running, key=lambda pk: (running[pk][1] in AT_WORK, pk), reverse=True)
    newest = newest[:MOST_CARDS]  # as `busiest_first` has them
    sessions = [_session(pk, running[pk][0], known.get(pk)) for pk in newest]
    shape = {pk: state for pk, (_, state) in running.items()}
    same = old is not None and shape == {pk: state for pk, (_, state) in old.revisions.items()}
    return OverviewSnapshot(
        running,
        tuple(each for each in sessions if each is not None),
        last=(old.last if old else 0) + (not same),
    )


def first_look(session: TrainingSession) -> SessionSnapshot:
    """The snapshot for a page that is painted now."""
    return _snapshot(session, _newest(session.pk, ()))


def first_looks(sessions: Sequence[TrainingSession]) -> list[SessionSnapshot]:
    """The snapshots of a few sessions that are not over, with their epochs in one query."""
    tails = [Q(session=each, number__gt=each.current_epoch - TAIL) for each in sessions]
    found: dict[int, list[Epoch]] = {each.pk: [] for each in sessions}
    if tails:
        rows = Epoch.objects.filter(reduce(or_, tails)).defer("rows").order_by("number")
        for epoch in rows:
            found[epoch.session_id].append(epoch)
    return [_snapshot(each, tuple(found[each.pk][-TAIL:])) for each in sessions]
