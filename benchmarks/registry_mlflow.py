"""MLflow's registry on SQLite with as many rows as ours, asked for the same list.

Run by the interpreter that has MLflow, which need not be ours:

    python -m benchmarks.registry_mlflow MODELS VERSIONS
"""

import importlib
import importlib.util
import logging
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STAMP = 1_760_000_000_000  # milliseconds
ROOT = Path(__file__).resolve().parent.parent


def mlflow_list(python: str, models: int, versions: int) -> float | None:
    """Median ms of MLflow's list of 100 models in `python`'s process; None without MLflow."""
    command = [python, "-m", "benchmarks.registry_mlflow", str(models), str(versions)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return float(done.stdout.split()[-1]) if done.returncode == 0 else None


def measure(models: int, versions: int, times: int = 7) -> float:
    """Median ms of `search_registered_models(max_results=100)`, without HTTP."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    mlflow = importlib.import_module("mlflow")
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_TMP")) as folder:
        file = Path(folder) / "mlflow.db"
        address = f"sqlite:///{file}"
        client = mlflow.MlflowClient(tracking_uri=address, registry_uri=address)
        client.search_registered_models(max_results=1)  # makes the tables
        _seed(file, models, versions)
        taken = []
        for _ in range(times + 1):
            began = time.perf_counter()
            client.search_registered_models(max_results=100)
            taken.append(time.perf_counter() - began)
    return 1e3 * statistics.median(taken[1:])


def _seed(file: Path, models: int, versions: int) -> None:
    """Rows as MLflow writes them, by SQL: its own calls would take minutes."""
    with sqlite3.connect(file) as line:
        line.executemany(
            "INSERT INTO registered_models (name, creation_time, last_updated_time, workspace)"
            " VALUES (?, ?, ?, 'default')",
            [(f"reg-{number}", STAMP, STAMP) for number in range(models)],
        )
        line.executemany(
            "INSERT INTO model_versions (name, version, creation_time, last_updated_time,"
            " current_stage, source, run_id, status, storage_location, workspace)"
            " VALUES (?, ?, ?, ?, 'None', ?, ?, 'READY', ?, 'default')",
            [
                (f"reg-{n % models}", n // models + 1, STAMP + n, STAMP + n, f"a:/{n}",
                 f"{n:032x}", f"a:/{n}")
                for n in range(versions)
            ],
        )  # fmt: skip


if __name__ == "__main__":
    if importlib.util.find_spec("mlflow") is None:
        sys.exit("mlflow is not installed here")
    print(measure(int(sys.argv[1]), int(sys.argv[2])))
