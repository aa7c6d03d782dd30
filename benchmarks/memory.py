"""The memory: appending, reading at a million entries, verifying, compacting; sessions, epochs.

Beside it in the same run: the same row into the same SQLite without chain, service or Django,
and MLflow where an interpreter that has it is named (an environment of its own: it wants other
versions of what we use).

    python -m benchmarks.memory [--entries 1000000] [--appends 5000] [--requests 60]
        [--mlflow /path/to/python]
"""

import argparse
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.installation import installation
from benchmarks.reporting import Figure, at_least, at_most, not_measured, report, told

HOME = installation()

import httpx  # noqa: E402 - after the installation
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks.journals import fill  # noqa: E402
from benchmarks.memory_appending import appending, many_writers  # noqa: E402
from benchmarks.memory_mlflow import mlflow_memory  # noqa: E402
from benchmarks.memory_sessions import epoch_bytes, seed_sessions  # noqa: E402
from helios_site.accounts import make_token  # noqa: E402
from memory import archiving, space, triggers, word_index  # noqa: E402
from memory.integrity import verify_journal  # noqa: E402

PAIR = {"modelName": "lstm-small-7", "eventType": "training_end", "limit": 100}


SESSIONS = 10_000
RANKED = "/api/train/history?state=completed&sort=-bestGain&limit=100"


def sessions(requests: int) -> list[Figure]:
    """Lists of many sessions over HTTP, and what an epoch takes."""
    seed_sessions(SESSIONS)
    with server() as client:
        seconds = sorted(times(lambda: client.get(RANKED).raise_for_status(), requests))
    hot, archived, stay = epoch_bytes(200, 300)
    p50, p95 = (1e3 * seconds[int(share * len(seconds))] for share in (0.5, 0.95))
    return [
        told(f"{SESSIONS:,} sessions: 100 completed ones by best gain, HTTP, p50", p50, "ms"),
        at_most(
            f"{SESSIONS:,} sessions: 100 completed ones by best gain, HTTP, p95", p95, "ms", 30
        ),
        at_most("one epoch in the database", hot, "bytes", 150),
        at_most("one epoch in an archive", archived, "bytes", 25),
        told("rows of 300 epochs that stay hot", stay, "of all"),
    ]


def beside_mlflow(python: str, ours: list[Figure]) -> list[Figure]:
    """The same work of MLflow in the same run, and how many times ours that is."""
    theirs = mlflow_memory(python, SESSIONS) if python else None
    if theirs is None:
        return [not_measured("MLflow", "", None, "no --mlflow interpreter that has it")]
    rate = next(one.value for one in ours if one.name.startswith("append through"))
    ranked = next(one.value for one in ours if "by best gain, HTTP, p95" in one.name)
    return [
        told("MLflow log_metric", theirs["log_metric_per_s"], "metrics/s"),
        at_least("append / MLflow log_metric", rate / theirs["log_metric_per_s"], "times", 13),
        told(f"MLflow: newest 100 of {SESSIONS:,} runs, no HTTP", theirs["newest_ms"], "ms"),
        told(
            f"MLflow: 100 of {SESSIONS:,} runs by a metric, no HTTP", theirs["sorted_ms"], "ms"
        ),
        told("the same / ours over HTTP", theirs["sorted_ms"] / ranked, "times"),
    ]


@contextmanager
def server() -> Iterator[httpx.Client]:
    """A client of a real ASGI server on this installation."""
    user = User.objects.create_superuser(f"bench{time.monotonic_ns()}")
    token = make_token(name="bench", user=user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["uvicorn", "helios_site.asgi:application", "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", *command, "--log-level", "warning"],
        env=os.environ | {"PORT": "1"},
    )
    try:
        headers = {"Authorization": f"Bearer {token}"}
        base = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=base, headers=headers, timeout=60) as client:
            _wait(client)
            yield client
    finally:
        process.terminate()
        process.wait()


def _wait(client: httpx.Client) -> None:
    for _ in range(200):
        try:
            client.get("/healthz")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server did not start")


def asking(client: httpx.Client, requests: int, **query: object) -> float:
    """Median milliseconds of a request for journal entries."""

    def ask() -> None:
        answer = client.get(f"/api/journal?{urlencode(query)}")
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["entries"]) == query["limit"] or query.get("q"), query

    return median_ms(ask, requests)


def median_ms(work: Callable[[], object], count: int) -> float:
    return 1e3 * statistics.median(times(work, count))


def times(work: Callable[[], object], count: int) -> list[float]:
    """Seconds of each of `count` runs, after one that is not counted."""
    work()
    seconds = []
    for _ in range(count):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return seconds


def reading(entries: int, requests: int) -> list[Figure]:
    """Over HTTP at 10,000 entries and at many."""
    empty()
    fill(10_000)
    with server() as client:
        small = asking(client, requests, **PAIR)
    empty()
    fill(entries)
    with server() as client:
        large = asking(client, requests, **PAIR)
        deep = asking(client, requests, limit=100, before=entries // 10)
        far = asking(client, requests, limit=100, offset=entries * 9 // 10)
        rare = asking(client, max(5, requests // 6), limit=100, q="zebra")
        common = asking(client, requests, limit=100, q="powerball")
    at = f"at {entries:,} entries, HTTP"
    return [
        told("100 newest of a model and type at 10,000 entries, HTTP", small, "ms"),
        at_most(f"100 newest of a model and type {at}", large, "ms", 20),
        at_most("the same / at 10,000", large / small, "ratio", 1.5),
        at_most(f"100 entries below number {entries // 10:,} {at}", deep, "ms", 30),
        at_most(f"100 entries at offset {entries * 9 // 10:,} {at}", far, "ms", 30),
        at_most(f"text search, no entry matches, {at}", rare, "ms", 150),
        at_most(f"text search, many entries match, {at}", common, "ms", 150),
    ]


def verifying(entries: int) -> list[Figure]:
    per_million = _verified()
    size = Path(connection.settings_dict["NAME"]).stat().st_size
    return [
        at_most(f"verify {entries:,} entries, per million", per_million, "s", 10),
        told("database file", size / entries, "bytes per entry"),
    ]


def compacting(entries: int, requests: int) -> list[Figure]:
    """Move everything into archives, and read it from there."""
    plan = archiving.plan_compaction(older_than=timedelta(0), parts=["journal"])
    hot_bytes = space.used_bytes()
    began, worked = time.perf_counter(), time.process_time()
    run = archiving.carry_out(archiving.begin_compaction(plan=plan, actor="bench"))
    seconds, processor = time.perf_counter() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    archives = sum(path.stat().st_size for path in space.archive_files())
    assert run.moved > 0.9 * entries
    with server() as client:
        page = asking(client, requests, **PAIR)
        first = asking(client, requests, limit=100, before=entries // 10)
    return [
        at_most("compact, per million entries", seconds * 1e6 / plan.rows, "s", 60),
        told("the same, processor time", processor * 1e6 / plan.rows, "s"),
        at_most("compact: peak memory of the process", peak, "MiB", 300),
        at_least(
            "bytes before / after, archives included",
            hot_bytes / space.used_bytes(),
            "ratio",
            8,
        ),
        told("archive", archives / plan.rows, "bytes per entry"),
        at_most("100 newest of a model and type, archived, HTTP", page, "ms", 150),
        at_most("100 entries in the oldest tenth, archived, HTTP", first, "ms", 150),
        at_most("verify, archived, per million entries", _verified(), "s", 10),
    ]


def _verified() -> float:
    check = verify_journal()
    assert check.good
    return check.seconds * 1e6 / check.checked


def empty() -> None:
    """Empty the journal as nobody may outside a benchmark."""
    with triggers.lifted(connection), connection.cursor() as cursor:
        for table in ("memory_journalentry", "memory_journalhead"):
            cursor.execute(f"DELETE FROM {table}")
        word_index.clear(connection)
        cursor.execute("VACUUM")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--entries", type=int, default=1_000_000)
    options.add_argument("--appends", type=int, default=5_000)
    options.add_argument("--requests", type=int, default=60)
    options.add_argument("--mlflow", default="", help="an interpreter that has MLflow")
    asked = options.parse_args()
    figures = [*appending(asked.appends), *many_writers(10_000)]
    figures += [*reading(asked.entries, asked.requests), *verifying(asked.entries)]
    figures += compacting(asked.entries, asked.requests)
    figures += sessions(asked.requests)
    figures += beside_mlflow(asked.mlflow, figures)
    report(figures)
    shutil.rmtree(HOME, ignore_errors=True)


if __name__ == "__main__":
    main()
