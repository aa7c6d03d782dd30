"""Compactions: plan, begin, carry out, follow and cancel a run over the parts of the memory.

One run at a time, over any of the parts (`memory.floors`): the journal's entries, and what the
floors above add. A run is done by a worker (`queue_*`) or in the process that asks. A step that
was interrupted is done again by the next run.
"""

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from memory import floors, services, space
from memory.chain import moment, timestamp
from memory.compaction import AT_LEAST
from memory.floors import Order, Part, PartPlan, Step
from memory.models import Compaction
from memory.policies import read_policy
from memory.recall import archive, archive_folder
from memory.refusals import Conflict, Invalid, NotFound, Refusal

DEAD_AFTER = timedelta(seconds=120)  # without a sign of life
State, Kind = Compaction.State, Compaction.Kind


@dataclass(frozen=True)
class Plan:
    """What a compaction would do, part by part."""

    orders: Mapping[str, Order]
    parts: Mapping[str, PartPlan]

    @property
    def rows(self) -> int:
        """Rows that would leave the database."""
        return sum(part.rows for part in self.parts.values())

    @property
    def files(self) -> int:
        """Archive files that would be written."""
        return sum(part.files for part in self.parts.values())

    @property
    def frees(self) -> int:
        """Bytes that would be freed, about."""
        return sum(part.frees for part in self.parts.values())


def plan_compaction(
    *,
    older_than: timedelta | None = None,
    at_least: int = AT_LEAST,
    parts: Iterable[str] = (),
) -> Plan:
    """Return what compacting would do: all parts or those named, at their policy's ages or one."""
    return plan_orders(_orders(older_than, at_least, tuple(parts) or tuple(floors.PARTS)))


def plan_orders(orders: Mapping[str, Order]) -> Plan:
    """Return what carrying out these orders would do now."""
    return Plan(orders, {name: _part(name).plan(order) for name, order in orders.items()})


def begin_compaction(*, plan: Plan, actor: str) -> Compaction:
    """Make the row of a run, to be worked on by `carry_out`; Conflict when another one is
    under way."""
    orders = {name: _as_json(order) for name, order in plan.orders.items()}
    return _begin(kind=Kind.COMPACT, actor=actor, orders=orders, planned=plan.rows)


def queue_compaction(*, plan: Plan, actor: str) -> Compaction:
    """Begin a run that a worker does."""
    return _queued(begin_compaction(plan=plan, actor=actor))


def begin_restore(*, file_name: str, actor: str) -> Compaction:
    """Make the row of a run that puts an archive's rows back; NotFound, or Conflict likewise."""
    found = find_archive(file_name)
    if found.forgotten:
        raise Conflict("Of this archive only the hashes are left.")
    return _begin(kind=Kind.RESTORE, actor=actor, file_name=found.file_name, planned=found.rows)


def queue_restore(*, file_name: str, actor: str) -> Compaction:
    """Begin a restore that a worker does."""
    return _queued(begin_restore(file_name=file_name, actor=actor))


def carry_out(run: Compaction) -> Compaction:
    """Do what a run asks for. Whoever comes second for the same run does nothing."""
    mine = Compaction.objects.filter(pk=run.pk, state=State.QUEUED)
    claimed = mine.update(state=State.RUNNING, beat_at=timezone.now())
    run.refresh_from_db()
    if not claimed:
        return run
    before = space.used_bytes()
    try:
        done = _restore(run) if run.kind == Kind.RESTORE else _compact(run)
    except (archive().BadSegment, OSError, DatabaseError, Refusal) as error:
        run.error = str(error)[:300]
        _finish(run, State.FAILED, before)
        raise
    return _finish(run, State.DONE if done else State.CANCELLED, before)


def cancel_compaction(*, number: int) -> None:
    """Ask a run to stop after the batch it is at."""
    under_way = Compaction.objects.filter(pk=number, state__in=Compaction.UNDER_WAY)
    if not under_way.update(cancel_asked=True):
        raise NotFound(f"No compaction {number} is at work.")


def find_archive(file_name: str) -> floors.Archive:
    """The archive of this name, of whatever part; NotFound when there is none."""
    for part in floors.PARTS.values():
        for found in part.archives():
            if found.file_name == file_name:
                return found
    raise NotFound(f"There is no archive {file_name[:120]}.")


def archive_path(file_name: str) -> Path:
    """The file of an archive; NotFound when there is no such archive, or its file is gone."""
    path = archive_folder() / find_archive(file_name).file_name
    if not path.exists():
        raise NotFound(f"The file of the archive {file_name} is gone. Is there a backup?")
    return path


def verify_archive(*, file_name: str) -> str:
    """Read a whole archive and compare it with what was sealed; what is wrong, "" for nothing."""
    return _part(find_archive(file_name).part).verify(file_name=file_name)


def forget_archive(*, file_name: str, actor: str) -> int:
    """Delete an archive for good; bytes freed. Refused while a run is under way."""
    part = _part(find_archive(file_name).part)
    if busy := _under_way().first():
        raise Conflict(f"Compaction {busy.pk} is at work; wait for it or cancel it.")
    return part.forget(file_name=file_name, actor=actor)


def _orders(
    older_than: timedelta | None, at_least: int, parts: Iterable[str]
) -> dict[str, Order]:
    policy, now = read_policy(), timezone.now()
    orders = {}
    for name in parts:
        age = older_than if older_than is not None else policy.age_of(_part(name).name)
        if age is not None:
            orders[name] = Order(now - age, max(1, at_least), policy.stretch)
    return orders


def _part(name: str) -> Part:
    if name not in floors.PARTS:
        known = ", ".join(floors.PARTS)
        raise Invalid(fields={"parts": f"{name[:40]!r} is not one of {known}."})
    return floors.PARTS[name]


def _begin(**about: Any) -> Compaction:
    now = timezone.now()
    with transaction.atomic():
        services.lock_head()  # two that begin at once wait here for each other
        _under_way().filter(beat_at__lt=now - DEAD_AFTER).update(
            state=State.FAILED, error="It stopped without an end.", finished_at=now
        )
        if busy := _under_way().first():
            raise Conflict(f"Compaction {busy.pk} is at work; wait for it or cancel it.")
        return Compaction.objects.create(**about, started_at=now, beat_at=now)


def _under_way() -> QuerySet[Compaction]:
    return Compaction.objects.filter(state__in=Compaction.UNDER_WAY)


def _queued(run: Compaction) -> Compaction:
    """Let a worker do it."""
    transaction.on_commit(lambda: async_task("memory.tasks.carry_out", run.pk))
    return run


def _compact(run: Compaction) -> bool:
    """Go through the parts batch by batch; False when told to stop."""
    for name, order in run.orders.items():
        if run.cancel_asked:
            return False
        with closing(_part(name).compact(_as_order(order), actor=run.actor)) as steps:
            for step in steps:
                _note(run, name, step)
                if run.cancel_asked:
                    return False
    return True


def _restore(run: Compaction) -> bool:
    found = find_archive(run.file_name)
    rows = _part(found.part).restore(file_name=found.file_name, actor=run.actor)
    _note(run, found.part, Step(rows=rows, files=1))
    return True


def _note(run: Compaction, part: str, step: Step) -> None:
    """Write down how far the run is and that it is alive; learn whether it is to stop."""
    run.done[part] = run.done.get(part, 0) + step.rows
    run.moved += step.rows
    run.files += step.files
    run.beat_at = timezone.now()
    run.save(update_fields=["done", "moved", "files", "beat_at"])
    run.refresh_from_db(fields=["cancel_asked"])


def _finish(run: Compaction, state: str, before: int) -> Compaction:
    """Shrink the database, tell the journal and close the run."""
    space.shrink()
    run.freed_bytes = max(0, before - space.used_bytes())
    run.state, run.finished_at = state, timezone.now()
    with transaction.atomic():
        if run.moved and run.kind == Kind.COMPACT:
            services.append(
                event_type="memory_compacted",
                actor=run.actor,
                metadata={
                    "entries": run.done.get("journal", 0),
                    "segments": run.files,
                    "freed_bytes": run.freed_bytes,
                    **{name: rows for name, rows in run.done.items() if name != "journal"},
                },
            )
        run.save()
    return run


def _as_json(order: Order) -> dict[str, Any]:
    return {**asdict(order), "cutoff": timestamp(order.cutoff)}


def _as_order(stored: dict[str, Any]) -> Order:
    return Order(**stored | {"cutoff": moment(stored["cutoff"])})
