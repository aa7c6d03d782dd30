"""The epochs of a session, wherever they are: in the hot table, in an archive, or thinned out.

Whoever wants more than the newest epochs asks here, and says `History.words` to the person.
From an archive every number is what it was. Only where the archive is damaged or was deleted
there is less: the rows that stayed, and for every other epoch a bound (`recall`).
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isnan
from typing import Any

import numpy as np
from django.db.models import F, Q, QuerySet, Sum, Value

from memory.curves import Bound, bound
from memory.recall import archive_folder
from memory.refusals import NotFound
from training.models import CompactedEpochs, Epoch, TrainingSession

FIGURES = ("train_bits", "val_bits", "gain", "learning_rate", "grad_norm", "seconds")
SINCE = ("hits", "memory_bytes")  # None where not measured: older sessions, older archives
COLUMNS = ("id", "number", *FIGURES, *SINCE, "best", "at")
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
LIVE, ARCHIVE, SUMMARY = "live", "archive", "summary"


@dataclass(frozen=True)
class History:
    """Epochs as rows of the asked columns, oldest first; `count` is how many there were."""

    rows: list[tuple[Any, ...]]
    source: str
    count: int
    kept: int

    @property
    def words(self) -> str:
        """Where the epochs come from, where that is not the database; else ""."""
        if self.source == ARCHIVE:
            return f"These {self.count:,} epochs are read from an archive."
        if self.source == SUMMARY:
            return (
                f"The archive of these epochs is not there any more: {self.kept:,} of "
                f"{self.count:,} are shown, among them the first, last, best, lowest and highest. "
                "What is missing lies between the lowest and the highest around it."
            )
        return ""


@dataclass(frozen=True)
class Recalled:
    """One epoch: each figure exactly, or what it lies between."""

    number: int
    figures: dict[str, Bound]
    source: str
    count: int

    @property
    def is_exact(self) -> bool:
        """Whether every figure is known."""
        return all(one.is_exact for one in self.figures.values())


def epoch_files() -> Any:
    """The module `training.epoch_files`, imported with pyarrow only once there is a file."""
    return importlib.import_module("training.epoch_files")


def read_history(
    session: TrainingSession,
    columns: Sequence[str],
    *,
    after: int = 0,
    upto: int | None = None,
    limit: int | None = None,
) -> History:
    """Epochs numbered above `after` (up to a number), at most `limit`. One query, or two."""
    found = None if session.epochs_kept is None else _compacted(session)
    archived = _from_archive(found) if found else None
    if found is None or archived is None:
        rows = Epoch.objects.filter(session=session, number__gt=after).order_by("number")
        if upto is not None:
            rows = rows.filter(number__lte=upto)
        stored = list(rows.values_list(*columns)[:limit])
        if found is None:
            return History(stored, LIVE, session.current_epoch, session.current_epoch)
        return History(stored, SUMMARY, found.count, found.kept)
    numbers = archived.columns["number"]
    first = int(np.searchsorted(numbers, after, "right"))
    last = len(numbers) if upto is None else int(np.searchsorted(numbers, upto, "right"))
    last = last if limit is None else min(last, first + limit)
    chosen = [archived_column(archived, name)[first:last] for name in columns]
    return History(list(zip(*chosen, strict=True)), ARCHIVE, len(numbers), found.kept)


def read_epochs(
    session: TrainingSession, *, after: int = 0, limit: int | None = None
) -> tuple[list[Epoch], History]:
    """The same as Epoch objects, which are not stored when they come from an archive."""
    found = read_history(session, COLUMNS, after=after, limit=limit)
    return [
        Epoch(session_id=session.pk, **dict(zip(COLUMNS, row, strict=True)))
        for row in found.rows
    ], found


def words_of(session: TrainingSession) -> str:
    """Where a page's epochs come from, when not from the database; known once it was read."""
    if session.epochs_kept is None:
        return ""
    found = _compacted(session)
    lost = found.file.forgotten or found.file.damaged
    return History([], SUMMARY if lost else ARCHIVE, found.count, found.kept).words


def recall(session: TrainingSession, number: int) -> Recalled:
    """One epoch; NotFound for one that was not trained."""
    history = read_history(session, ("number", *FIGURES))
    if not 1 <= number <= history.count:
        raise NotFound(f"Session {session.pk} has no epoch {number}.")
    table = np.array(history.rows, dtype=np.float64)
    places = table[:, 0].astype(np.int64) - 1
    parts = _compacted(session).parts if history.source == SUMMARY else 1
    figures = {
        name: bound(places, table[:, column], number - 1, count=history.count, parts=parts)
        for column, name in enumerate(FIGURES, 1)
    }
    return Recalled(number, figures, history.source, history.count)


def seconds_spent(sessions: Q) -> tuple[float, float]:
    """Seconds of all epochs of sessions, and of those after each one's best epoch."""
    hot = Epoch.objects.filter(sessions, session__epochs_kept=None)
    cold = CompactedEpochs.objects.filter(sessions)
    after = Sum("seconds", filter=Q(number__gt=F("session__best_epoch")))
    sums = _sums(hot, after).union(_sums(cold, Sum("seconds_after_best")), all=True)
    found = [(every or 0.0, late or 0.0) for every, late in sums]
    return sum(every for every, _ in found), sum(late for _, late in found)


def _sums(rows: QuerySet[Any], after: Sum) -> QuerySet[Any]:
    """One row: all seconds, and those after the best epoch; none of no rows."""
    together = rows.order_by().annotate(one=Value(1)).values("one")
    return together.annotate(every=Sum("seconds"), after=after).values_list("every", "after")


def _compacted(session: TrainingSession) -> CompactedEpochs:
    return CompactedEpochs.objects.select_related("file").get(session=session)


def _from_archive(found: CompactedEpochs) -> Any:
    """All epochs as they were, or None: the file is then marked as damaged."""
    if found.file.forgotten:
        return None
    files = epoch_files()
    path = archive_folder() / found.file.file_name
    place = found.session_id, found.first_row, found.count
    try:
        return files.read_epochs(path, found.file.sha256, *place)
    except files.BadSegment as damage:
        found.file.mark_damaged(str(damage))
        return None


def archived_column(archived: Any, name: str) -> list[Any]:
    """A column of archived epochs as the database would give it."""
    if name == "rows":
        rows: list[Any] = archived.rows
        return rows
    if name in SINCE:
        measured = archived.columns.get(name)
        none = [None] * len(archived)
        return none if measured is None else [_or_none(value) for value in measured.tolist()]
    values: list[Any] = archived.columns[name].tolist()
    if name == "at":
        return [BEGINNING + timedelta(microseconds=micros) for micros in values]
    return values


def _or_none(value: float) -> float | None:
    """A figure of an archive, which says NaN, or 0 bytes, for one that was not measured."""
    return None if isnan(value) or (isinstance(value, int) and not value) else value
