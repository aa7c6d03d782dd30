"""Appending: one process, eight at once, and sqlite3 alone with the same table beside both.

Import it after the installation (`benchmarks.installation`).
"""

import multiprocessing
import sqlite3
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

from benchmarks.reporting import Figure, at_least, at_most, told
from memory import services
from memory.integrity import verify_journal
from memory.models import JournalEntry

END = {"epochs": 100, "best_epoch": 7, "best_gain": 0.0019, "seconds": 61.5}
WRITERS = 8
RAW = Path(settings.HELIOS_HOME) / "raw.sqlite3"


def append_one() -> None:
    services.append(
        event_type="training_end", model_name="lstm-small-7", session_id=3, metadata=END
    )


def raw_database() -> tuple[str, list[object]]:
    """A database of sqlite3 alone with the same table and indexes; how a row is put into it."""
    RAW.unlink(missing_ok=True)
    raw = raw_connection()
    raw.execute("PRAGMA journal_mode=WAL")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = 'memory_journalentry' "
            "AND type IN ('table', 'index') AND sql IS NOT NULL"
        )
        for (statement,) in cursor.fetchall():
            raw.execute(statement)
    row = list(JournalEntry.objects.values_list().first())
    values = ", ".join("?" * (len(row) - 1))
    newest = "(SELECT coalesce(max(seq), 0) + 1 FROM memory_journalentry)"
    insert = f"INSERT INTO memory_journalentry VALUES ({newest}, {values})"
    return insert, [str(row[1]), *row[2:]]


def raw_connection() -> sqlite3.Connection:
    raw = sqlite3.connect(RAW, isolation_level=None, timeout=20)
    raw.execute("PRAGMA synchronous=NORMAL")
    return raw


def raw_times(insert: str, row: list[object], count: int) -> list[float]:
    """Seconds of each row, in a transaction of its own."""
    raw, seconds = raw_connection(), []
    for _ in range(count):
        began = time.perf_counter()
        raw.execute("BEGIN IMMEDIATE")
        raw.execute(insert, row)
        raw.execute("COMMIT")
        seconds.append(time.perf_counter() - began)
    return seconds


def appending(count: int) -> list[Figure]:
    """One entry a transaction through the service, in one process."""
    append_one()
    floor = count / sum(raw_times(*raw_database(), count))
    began = time.perf_counter()
    for _ in range(count):
        append_one()
    rate = count / (time.perf_counter() - began)
    return [
        told("raw sqlite3 insert, one transaction each", floor, "rows/s"),
        at_least("append through the service, one transaction each", rate, "entries/s", 2000),
        told("append / raw floor", floor / rate, "times the floor's cost"),
    ]


def append_times(count: int) -> list[float]:
    """Seconds of each append."""
    seconds = []
    for _ in range(count):
        began = time.perf_counter()
        append_one()
        seconds.append(time.perf_counter() - began)
    return seconds


def together(work: Callable[[], list[float]]) -> list[float]:
    """What WRITERS processes that do the same at once return, sorted."""
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    waits: multiprocessing.Queue[list[float]] = fork.Queue()
    writers = [fork.Process(target=lambda: waits.put(work())) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    seconds = sorted(second for _ in writers for second in waits.get(timeout=300))
    for writer in writers:
        writer.join()
    return seconds


def many_writers(total: int) -> list[Figure]:
    """Eight processes append together: one gapless chain, nothing lost; sqlite3 alone beside."""
    before, insert, each = JournalEntry.objects.count(), raw_database(), total // WRITERS
    floor = together(lambda: raw_times(*insert, each))
    began = time.perf_counter()
    seconds = together(lambda: append_times(each))
    took = time.perf_counter() - began
    lost = total - (JournalEntry.objects.count() - before)
    return [
        at_most(f"{WRITERS} processes, {total} entries: lost", lost, "entries", 0),
        at_most(
            "the same: chain broken", float(not verify_journal(compare=False).good), "chains", 0
        ),
        told("the same: together", total / took, "entries/s"),
        told("the same: one append, median", 1e3 * statistics.median(seconds), "ms"),
        at_most("the same: one append, p95", 1e3 * seconds[int(0.95 * len(seconds))], "ms", 2),
        told("sqlite3 alone: one row, median", 1e3 * statistics.median(floor), "ms"),
        told("sqlite3 alone: one row, p95", 1e3 * floor[int(0.95 * len(floor))], "ms"),
    ]
