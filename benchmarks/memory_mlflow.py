"""What MLflow needs for the same work, on SQLite, in the interpreter that has it.

python -m benchmarks.memory_mlflow RUNS
"""

import importlib
import importlib.util
import json
import logging
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STAMP = 1_760_000_000_000  # milliseconds
KEYS = ("train_loss", "val_loss", "gain", "lr", "grad_norm", "seconds", "hits", "accuracy")
PARAMS = ("hidden", "layers", "dropout", "batch", "window", "seed")
POINTS = 10  # of each metric of a run


def mlflow_memory(python: str, runs: int) -> dict[str, float] | None:
    """What `measure` says in `python`'s process; None without MLflow there."""
    command = [python, "-m", "benchmarks.memory_mlflow", str(runs)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def measure(runs: int) -> dict[str, float]:
    """Metrics logged a second; ms of the newest 100 runs, and of 100 sorted by a metric."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    mlflow = importlib.import_module("mlflow")
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_TMP")) as folder:
        file = Path(folder) / "mlflow.db"
        client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{file}")
        owner = client.create_experiment("bench")
        logged = _logged(client, owner)
        _seed(file, int(owner), runs)
        ask = client.search_runs
        return {
            "log_metric_per_s": logged,
            "newest_ms": _median_ms(lambda: ask([owner], max_results=100)),
            "sorted_ms": _median_ms(
                lambda: ask(
                    [owner],
                    "metrics.val_loss < 5",
                    max_results=100,
                    order_by=["metrics.gain DESC"],
                ),
                3,
            ),
        }


def _logged(client: Any, owner: str, count: int = 300) -> float:
    run = client.create_run(owner).info.run_id
    client.log_metric(run, "warm", 1.0)
    began = time.perf_counter()
    for number in range(count):
        client.log_metric(run, "loss", number / 7, STAMP + number, number)
    return count / (time.perf_counter() - began)


def _median_ms(work: Callable[[], object], times: int = 5) -> float:
    work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return 1e3 * statistics.median(taken)


def _seed(file: Path, owner: int, runs: int) -> None:
    """Rows as MLflow writes them, by SQL: its own calls would take hours."""
    rng = random.Random(1)
    with sqlite3.connect(file) as line:
        for run in range(runs):
            ident, begin = uuid.UUID(int=(0x5EED << 112) | run).hex, STAMP + run * 60_000
            line.execute(
                "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name,"
                " user_id, status, start_time, end_time, source_version, lifecycle_stage,"
                " artifact_uri, experiment_id) VALUES"
                " (?, ?, 'UNKNOWN', '', '', 'b', 'FINISHED', ?, ?, '', 'active', ?, ?)",
                (ident, f"run-{run}", begin, begin + 50_000, f"a/{ident}", owner),
            )
            points = [
                (key, rng.random(), begin + step, step, ident)
                for key in KEYS
                for step in range(POINTS)
            ]
            for table, rows in (("metrics", points), ("latest_metrics", points[::-POINTS])):
                line.executemany(
                    f"INSERT INTO {table} (key, value, timestamp, step, is_nan, run_uuid)"
                    " VALUES (?, ?, ?, ?, 0, ?)",
                    rows,
                )
            line.executemany(
                "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
                [(key, str(rng.randrange(50)), ident) for key in PARAMS],
            )
            line.execute(
                "INSERT INTO tags (key, value, run_uuid) VALUES ('mlflow.runName', ?, ?)",
                (f"run-{run}", ident),
            )


if __name__ == "__main__":
    if importlib.util.find_spec("mlflow") is None:
        sys.exit("mlflow is not installed here")
    print(json.dumps(measure(int(sys.argv[1]))))
