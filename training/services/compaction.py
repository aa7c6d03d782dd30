"""The epochs of sessions that are over, as a part of the memory that grows old.

All of a session's rows go into a file, which is read back; then one transaction takes most of
them out of the hot table. What stays is a thinned curve (`memory.curves`): the first, last,
lowest and highest of each stretch and figure, the best of every model, and the last ten epochs.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Sum

from memory import services as journal
from memory.curves import most_kept
from memory.floors import Archive, Order, Step
from memory.recall import archive_folder
from memory.refusals import Conflict, NotFound
from memory.sentences import counted
from training.histories import FIGURES
from training.models import CompactedEpochs, EpochFile, TrainingSession
from training.progress import RECENT
from training.services import thinning

FILE_ROWS = 100_000  # epochs of a full file
HOT_BYTES, ARCHIVED_BYTES = 150, 25  # of one epoch, as benchmarks/memory.py measures them


@dataclass(frozen=True)
class Plan:
    """The sessions of each file that would be written, with their epochs."""

    groups: tuple[tuple[tuple[int, int], ...], ...]
    stretch: int

    @property
    def files(self) -> int:
        """The number of files."""
        return len(self.groups)

    @property
    def rows(self) -> int:
        """Epochs that would go into them; a few of each session stay as well."""
        return sum(count for group in self.groups for _, count in group)

    @property
    def frees(self) -> int:
        """Bytes that would be freed, about."""
        stay = sum(_most_kept(n, self.stretch) for group in self.groups for _, n in group)
        return (self.rows - stay) * HOT_BYTES - self.rows * ARCHIVED_BYTES


class EpochsPart:
    """The epochs of sessions (`memory.floors.Part`)."""

    name = "epochs"
    rows = "epochs"
    tables: tuple[str, ...] = ("training_epoch",)

    def plan(self, order: Order) -> Plan:
        """Sessions that ended before the cutoff and are long enough to be worth it.

        Not those that the champion came from: what is at hand every day stays at hand.
        """
        over = TrainingSession.objects.filter(
            state__in=TrainingSession.TERMINAL,
            finished_at__lt=order.cutoff,
            epochs_kept=None,
            lease_owner="",
        )
        rows = over.exclude(artifact__aliases__alias="champion").order_by("pk")
        found = [
            (pk, count)
            for pk, count in rows.values_list("pk", "current_epoch")
            if _most_kept(count, order.stretch) <= count / 2
        ]
        groups = [
            group for group in _groups(found) if sum(n for _, n in group) >= order.at_least
        ]
        return Plan(tuple(groups), order.stretch)

    def compact(self, order: Order, *, actor: str) -> Generator[Step, None, None]:
        """Write a file, then take its sessions' epochs out of the table one by one."""
        for group in self.plan(order).groups:
            sessions = [pk for pk, _ in group]
            file, written = thinning.seal(sessions, actor)
            yield Step(files=1)
            for pk in sessions:
                yield Step(rows=thinning.thin(file, written, pk, order.stretch))

    def archives(self) -> list[Archive]:
        """The files, oldest first."""
        files = EpochFile.objects.annotate(
            held=Count("sessions"), epochs=Sum("sessions__count")
        )
        return [_as_archive(file) for file in files]

    def restore(self, *, file_name: str, actor: str) -> int:
        """Put all epochs of a file back into the hot table; return how many."""
        file = _file(file_name)
        count = sum(
            thinning.put_back(file, one) for one in file.sessions.select_related("session")
        )
        with transaction.atomic():
            metadata = {"file_name": file.file_name, "epochs": count}
            journal.append(event_type="epochs_restored", actor=actor, metadata=metadata)
            file.delete()
        (archive_folder() / file_name).unlink(missing_ok=True)
        return count

    def verify(self, *, file_name: str) -> str:
        """Read every epoch of a file and compare it with what was sealed; what is wrong."""
        file = _file(file_name, forgotten=True)
        if not file.forgotten:
            file.mark_damaged(next(filter(None, map(thinning.problem_of, _placed(file))), ""))
        return file.damaged

    def forget(self, *, file_name: str, actor: str) -> int:
        """Delete a file for good; bytes freed. What stayed of its curves stays."""
        file = _file(file_name)
        with transaction.atomic():
            journal.append(
                event_type="epochs_forgotten",
                actor=actor,
                metadata={
                    "file_name": file.file_name,
                    "sha256": file.sha256,
                    "sessions": file.sessions.count(),
                    "freed_bytes": file.size_bytes,
                },
            )
            EpochFile.objects.filter(pk=file.pk).update(forgotten=True)
        (archive_folder() / file_name).unlink(missing_ok=True)
        return file.size_bytes


def _most_kept(count: int, stretch: int) -> int:
    return most_kept(count, stretch, len(FIGURES)) + RECENT + 2


def _groups(found: Sequence[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], ...]]:
    """Sessions in files of about FILE_ROWS epochs."""
    group: list[tuple[int, int]] = []
    for one in found:
        group.append(one)
        if sum(count for _, count in group) >= FILE_ROWS:
            yield tuple(group)
            group = []
    if group:
        yield tuple(group)


def _file(file_name: str, *, forgotten: bool = False) -> EpochFile:
    file = EpochFile.objects.filter(file_name=file_name).first()
    if file is None:
        raise NotFound(f"There is no archive {file_name[:120]}.")
    if file.forgotten and not forgotten:
        raise Conflict("This archive was deleted; only thinned curves are left.")
    return file


def _as_archive(file: Any) -> Archive:
    return Archive(
        part="epochs",
        file_name=file.file_name,
        holds=f"{counted(file.epochs or 0, 'epoch')} of {counted(file.held, 'session')}",
        first_at=file.first_at,
        last_at=file.last_at,
        rows=file.epochs or 0,
        size_bytes=0 if file.forgotten else file.size_bytes,
        sha256=file.sha256,
        sealed_at=file.sealed_at,
        damaged=file.damaged,
        forgotten=file.forgotten,
    )


def _placed(file: EpochFile) -> Iterator[CompactedEpochs]:
    yield from file.sessions.select_related("file")
