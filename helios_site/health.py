"""Is everything well? Asked of what is there, in words, with what to do where it is not.

The status page, the About tab, REST and the diagnostic bundle say the same.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.checks import run_checks
from django.db import connection
from django.utils import timezone
from redis import Redis, RedisError

from helios_site.checks import TAG
from helios_site.context import worker
from memory.models import Compaction, JournalCheck, JournalEntry, JournalSegment
from memory.quota import read_quota
from memory.recall import newest_seq
from memory.sentences import counted, size
from memory.space import archives, database_bytes, missing
from registry.inference import client
from registry.models import ModelArtifact
from training.models import TrainingSession

LITTLE_ROOM = 1_000_000_000  # bytes left on the disk
SECONDS = 2.0  # to wait for the broker
SETTLED = timedelta(days=7)  # after which a journal should have been verified once


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `state` is ok, warn or bad; `remedy` says what to do."""

    name: str
    state: str
    words: str
    remedy: str = ""


def findings() -> list[Finding]:
    """Everything, in the order of the way of a session."""
    looks: tuple[Callable[[], Finding], ...] = (
        _database,
        _broker,
        _queue,
        _inference,
        _journal,
        _archives,
        _models,
        _room,
        _settings,
    )
    return [look() for look in looks]


def worst(found: list[Finding]) -> str:
    """The state of the whole: bad before warn before ok."""
    states = {finding.state for finding in found}
    return next(state for state in ("bad", "warn", "ok") if state in states)


def _database() -> Finding:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    milliseconds = 1000 * (time.perf_counter() - began)
    kind = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    words = f"{kind} answers in {milliseconds:.1f} ms and holds {size(database_bytes())}."
    return Finding("Database", "ok", words)


def _broker() -> Finding:
    if not settings.REDIS_URL:
        return Finding("Broker", "ok", "None is needed: the queue is in the database.")
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=SECONDS) as broker:
            broker.ping()
    except RedisError as error:
        return Finding("Broker", "bad", f"Redis does not answer: {error}", "Start Redis.")
    return Finding("Broker", "ok", "Redis answers.")


def _queue() -> Finding:
    now, waiting = worker(), TrainingSession.objects.waiting().count()
    words = f"{now['worker_words'].capitalize()}; {waiting:,} in the queue."
    if now["worker_state"] == "online":
        return Finding("Queue", "ok", words)
    remedy = "Start it: manage.py serve, or serve --only queue on another host."
    return Finding("Queue", "bad" if waiting else "warn", words, remedy)


def _inference() -> Finding:
    try:
        held = client.held()
    except client.Unavailable:
        remedy = "manage.py serve starts it. Until then no model can be loaded."
        return Finding("Inference", "warn", "The inference process does not answer.", remedy)
    words = f"Answers; loaded: {counted(len(held), 'version')} ({size(sum(held.values()))})."
    return Finding("Inference", "ok", words)


def _journal() -> Finding:
    check, entries = JournalCheck.objects.first(), newest_seq()
    if check is None:
        words = f"{counted(entries, 'entry', 'entries')}, not verified yet."
        first = JournalEntry.objects.order_by("seq").values_list("at", flat=True).first()
        is_new = first is None or timezone.now() - first < SETTLED
        remedy = "Run manage.py verify_journal."
        return Finding("Journal", "ok" if is_new else "warn", words, remedy)
    if check.good:
        words = f"Verified on {check.at:%Y-%m-%d}: {counted(check.checked, 'entry', 'entries')}, none changed."
        return Finding("Journal", "ok", words)
    words = f"Entry {check.fault.get('seq')}: {check.fault.get('problem')}"
    return Finding("Journal", "bad", words, "Restore a backup, and find out who changed it.")


def _archives() -> Finding:
    if gone := missing(archives()):
        words = f"{counted(len(gone), 'archive')} cannot be found, {gone[0]} for one."
        return Finding("Archives", "bad", words, "Put the files back into archives/.")
    damaged = JournalSegment.objects.exclude(damaged="").count()
    if damaged:
        words = f"{counted(damaged, 'archive')} cannot be read."
        return Finding("Archives", "bad", words, "See Memory; put their files back.")
    last = Compaction.objects.first()
    if last and last.state == Compaction.State.FAILED:
        words = f"The last compaction failed: {last.error}"
        return Finding("Archives", "warn", words, "See Memory; nothing was lost.")
    return Finding(
        "Archives", "ok", f"{counted(JournalSegment.objects.count(), 'archive')}, all readable."
    )


def _models() -> Finding:
    damaged = ModelArtifact.objects.filter(status=ModelArtifact.Status.DAMAGED).count()
    if damaged:
        words = f"The files of {counted(damaged, 'version')} are not what was saved."
        return Finding("Models", "bad", words, "Put the files back, or delete the versions.")
    versions = ModelArtifact.objects.filter(deleted_at=None).count()
    if versions and not (settings.HELIOS_HOME / "models").is_dir():
        words = f"The folder of the models is gone, with {counted(versions, 'version')}."
        return Finding("Models", "bad", words, "Put it back, or restore a backup.")
    return Finding("Models", "ok", f"{counted(versions, 'version')}, none known to be damaged.")


def _room() -> Finding:
    free, quota = shutil.disk_usage(settings.HELIOS_HOME).free, read_quota()
    words = f"{size(quota.used)} used, {size(free)} free on the disk"
    words += f", quota {size(quota.limit)}." if quota.limit else "; no quota is set."
    if quota.level == "full" or free < LITTLE_ROOM / 10:
        return Finding("Room", "bad", words, "No session starts. Delete models or compact.")
    if quota.level == "warn" or free < LITTLE_ROOM:
        return Finding("Room", "warn", words, "Delete models or compact the memory soon.")
    return Finding("Room", "ok", words)


def _settings() -> Finding:
    problems = run_checks(tags=[TAG])
    if not problems:
        return Finding("Settings", "ok", "No combination of settings is dangerous.")
    words = "; ".join(f"{problem.id}: {problem.msg}" for problem in problems)
    return Finding("Settings", "warn", words, "docs/operations.md explains each number.")
