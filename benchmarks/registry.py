"""The registry at 10,000 versions of 500 models: lists, loads, predictions, verification, deletion.

Everything over HTTP goes to the web server as `manage.py serve` starts it, with a token, from
another process. Where there is MLflow (requirements-bench.txt) its registry answers the same list
in the same run, in process and without HTTP, which favours it.

    python -m benchmarks.registry [--versions 10000] [--models 500] [--mlflow PYTHON]
"""

import argparse
import datetime as dt
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np

from benchmarks.installation import installation
from benchmarks.registry_mlflow import mlflow_list
from benchmarks.reporting import Figure, at_least, at_most, not_measured, report, told

HOME = installation()

from django.db import connection  # noqa: E402 - after the installation
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from helios_site.accounts import local_owner, make_token  # noqa: E402
from memory.services import append  # noqa: E402
from registry import services  # noqa: E402
from registry.models import ModelAlias, ModelArtifact, RegisteredModel  # noqa: E402
from registry.networks.spec import NetSpec, layout  # noqa: E402
from training.models import Dataset  # noqa: E402
from training.services.draws import histories, simulate_dataset  # noqa: E402
from training.services.predictions import coming_draw, predict_next  # noqa: E402

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
LARGE = NetSpec(encoder="mlp", white=69, bonus=26, hidden=170,
                features=("window", "frequency", "recency", "calendar"))  # fmt: skip
SMALL = NetSpec(encoder="mlp", white=69, bonus=26, hidden=64)
MISSED = "mlflow is not installed: requirements-bench.txt, or --mlflow PYTHON"


def weights(spec: NetSpec) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    return {
        name: random.normal(0, 0.05, (1, *shape)).astype(np.float32)
        for name, shape in layout(spec)
    }


def record(spec: NetSpec) -> services.VersionRecord:
    random = np.random.default_rng(0)
    gains = {"dates": ["2026-01-03"] * 208, "gains": random.normal(size=208).tolist()}
    return services.VersionRecord(
        config={"seed": 1, "epochs": 30},
        network=spec.as_dict(),
        dataset_name="bench",
        dataset_fingerprint="0" * 64,
        metrics={"epochs": 30, "best_epoch": 3, "test_n": 208, "test_gain": 0.0},
        evaluation={"test": {**gains, "hits": [0] * 208}},
    )


def row_values() -> dict[str, object]:
    """What every version says of itself."""
    said = record(SMALL)
    return {
        "weights_sha256": "a" * 64, "sidecar_sha256": "b" * 64, "size_bytes": 75_000,
        "encoder": "mlp", "network": said.network, "parameter_count": 18_847,
        "config": said.config, "dataset_name": "bench", "dataset_fingerprint": "0" * 64,
        "matrix": "5/69+26", "metrics": said.metrics, "evaluation": said.evaluation, "session_id": 1,
        "val_gain": 0.01, "val_low": -0.1, "val_high": 0.1,
        "test_gain": 0.01, "test_low": -0.1, "test_high": 0.1,
    }  # fmt: skip


def seed_rows(models: int, versions: int) -> None:
    """Rows as training writes them, without files: a list never looks at files."""
    start = RegisteredModel.objects.count()
    names = [f"model-{start + i:04}" for i in range(models)]
    made = RegisteredModel.objects.bulk_create(
        RegisteredModel(name=name, key=name, number=start + i + 1, created_by="benchmark")
        for i, name in enumerate(names)
    )
    values = row_values()
    ModelArtifact.objects.bulk_create(
        (
            ModelArtifact(model=made[i % models], version=i // models + 1,
                          folder=f"{made[i % models].key}/{i // models + 1}", **values)
            for i in range(versions)
        ),
        batch_size=500,
    )  # fmt: skip
    for model in made:
        model.newest = model.versions.order_by("-version").first()
    RegisteredModel.objects.bulk_update(made, ["newest"], batch_size=200)
    ModelAlias.objects.bulk_create(
        ModelAlias(model=model, alias="champion", version=model.newest) for model in made
    )


class House:
    """The web server and the inference process, and a client with a token."""

    def __init__(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        number = str(listener.fileno())
        web = [sys.executable, str(MANAGE), "web", "--socket", number]
        self.processes = [
            subprocess.Popen(web, pass_fds=[listener.fileno()]),
            subprocess.Popen([sys.executable, str(MANAGE), "infer"]),
        ]
        listener.close()
        self.token = make_token(name="benchmark", user=local_owner())
        self.header = f"Authorization: Bearer {self.token}"
        self.wait()

    def wait(self) -> None:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{self.base}/healthz", timeout=5)
            except OSError:
                time.sleep(0.1)
            else:
                return

    def load(self, path: str, connections: int, seconds: float) -> dict[str, float]:
        """Closed-loop load from another process."""
        command = [sys.executable, "-m", "benchmarks.http_load", self.base + path,
                   "--header", self.header, "--connections", str(connections),
                   "--seconds", str(seconds)]  # fmt: skip
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env=os.environ
        )
        found: dict[str, float] = json.loads(done.stdout)
        return found

    def get(self, path: str) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        with urllib.request.urlopen(
            urllib.request.Request(self.base + path, headers=headers)
        ) as a:
            a.read()

    def post(self, path: str, body: object) -> dict[str, object]:
        request = urllib.request.Request(
            self.base + path,
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            found: dict[str, object] = json.load(answer)
        return found

    def close(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(20)


def seconds_of(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_ms(work: Callable[[], object], times: int = 30) -> float:
    """Median milliseconds of a piece of work that was warmed up once."""
    work()
    return 1e3 * statistics.median(seconds_of(work) for _ in range(times))


def lists(house: House, args: argparse.Namespace) -> list[Figure]:
    """A list of 100 over HTTP at 100 and at all versions, and under load."""
    models, versions, seconds = args.models, args.versions, args.seconds
    path = "/api/models?limit=100"
    seed_rows(100, 100)
    house.load(path, 1, 1)
    few = house.load(path, 1, seconds)
    seed_rows(models - 100, versions - 100)
    house.load(path, 1, 1)
    many = house.load(path, 1, seconds)
    crowd = house.load(path, 16, seconds)
    made = []
    for _ in range(30):
        append(
            event_type="note_added", actor="benchmark", metadata={"text": "something changed"}
        )
        began = time.perf_counter()
        house.get(path)
        made.append(time.perf_counter() - began)
    client = Client(SERVER_NAME="localhost")
    client.force_login(local_owner())
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    theirs = mlflow_list(args.mlflow, models, versions)
    peer = (
        told("mlflow_list_100_in_process", theirs, "ms")
        if theirs is not None
        else not_measured("mlflow_list_100_in_process", "ms", None, MISSED)
    )
    return [
        at_most("list_100_http_p50", many["p50_ms"], "ms", 25, f"{versions} versions"),
        at_most(
            "list_100_changed_http_p50",
            1e3 * statistics.median(made),
            "ms",
            25,
            "the registry changed before each request",
        ),
        at_most("list_100_queries", len(queries), "queries", 10, "with session and user"),
        at_most(
            "list_growth", many["p50_ms"] / few["p50_ms"], "times", 1.5, "from 100 versions"
        ),
        at_least("list_per_second", crowd["per_second"], "1/s", 100, "16 connections"),
        at_most("list_errors", crowd["errors"], "answers", 0),
        peer,
    ]


def warm(house: House) -> list[Figure]:
    """Loading and predicting with a model of 1.5 MB."""
    version = services.save_version(
        model=services.reserve_model(name="large", actor="benchmark"),
        weights=weights(LARGE), record=record(LARGE), actor="benchmark",
    )  # fmt: skip
    dataset = Dataset.objects.get(name="bench")
    house.post("/api/models/large/predict", {})
    first = coming_draw(version=version, dataset=dataset, now=timezone.now())
    later = (first + dt.timedelta(days=number) for number in count(1))  # never asked before
    ask = partial(predict_next, version=version, dataset=dataset)
    inside, fresh, read = [], [], []
    for _ in range(30):
        inside.append(seconds_of(ask))
        fresh.append(seconds_of(partial(ask, date=next(later))))
        histories._kept.cache_clear()  # as after an import of draws
        read.append(seconds_of(partial(ask, date=next(later))))
    asked = median_ms(lambda: house.post("/api/models/large/predict", {}))
    opened = median_ms(lambda: house.post("/api/models/load", {"name": "large"}))
    return [
        at_most(
            "load_http_p50", opened, "ms", 20, f"{version.size_bytes / 1e6:.1f} MB, hashed"
        ),
        at_most("predict_inside_p50", 1e3 * statistics.median(inside), "ms", 10, "remembered"),
        at_most(
            "predict_computed_p50", 1e3 * statistics.median(fresh), "ms", 10, "a new question"
        ),
        at_most(
            "predict_after_new_draws_p50",
            1e3 * statistics.median(read),
            "ms",
            10,
            "with 1,390 draws read and fingerprinted",
        ),
        at_most("predict_http_p50", asked, "ms", 30),
    ]


def cold(path: Path) -> None:
    """Let the system forget a file, so that reading it means reading the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def verifying(count: int) -> list[Figure]:
    """Hashing every file, beside only reading them."""
    model = services.reserve_model(name="verified", actor="benchmark")
    large = weights(LARGE)
    for _ in range(count):
        services.save_version(
            model=model, weights=large, record=record(LARGE), actor="benchmark"
        )
    files = sorted((HOME / "models" / "verified").rglob("*.*"))

    def read() -> int:
        return sum(len(path.read_bytes()) for path in files)

    def verify() -> int:
        return sum(found.bytes_read for found in services.verify_artifacts(model=model))

    rates: dict[Callable[[], int], list[float]] = {read: [], verify: []}
    for _ in range(5):
        for work, seconds in rates.items():
            for path in files:
                cold(path)
            began = time.perf_counter()
            size = work()
            seconds.append(size / (time.perf_counter() - began) / 1e6)
    reading, hashing = (statistics.median(found) for found in rates.values())
    return [
        told("disk_read", reading, "MB/s"),
        told("verify_artifacts", hashing, "MB/s"),
        at_least("verify_share_of_disk", hashing / reading, "times", 0.8),
    ]


def deleting(count: int) -> list[Figure]:
    """Deleting every fifth of so many versions and freeing their bytes."""
    small = weights(SMALL)
    model = services.reserve_model(name="deleted", actor="benchmark")
    made = [
        services.save_version(
            model=model, weights=small, record=record(SMALL), actor="benchmark"
        )
        for _ in range(count)
    ]
    before, victims = held(), made[::5]
    began = time.perf_counter()
    numbers = [version.version for version in victims]
    services.delete(model=model, versions=numbers, actor="benchmark")
    services.purge(all_now=True)
    spent = time.perf_counter() - began
    share = (before - held()) / sum(version.size_bytes for version in victims)
    return [
        at_most(
            "delete_version", 1e3 * spent / len(victims), "ms", 2, "row, journal and files"
        ),
        at_least("delete_bytes_back", share, "times", 0.95),
    ]


def held() -> int:
    """Bytes of all model files."""
    return sum(path.stat().st_size for path in (HOME / "models").rglob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", type=int, default=10_000)
    parser.add_argument("--models", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--files", type=int, default=100, help="versions to verify")
    parser.add_argument(
        "--deleted", type=int, default=1000, help="versions, of which a fifth go"
    )
    parser.add_argument("--mlflow", default=sys.executable, help="a Python that has MLflow")
    args = parser.parse_args()
    simulate_dataset(name="bench", actor="benchmark", draws=1390, matrix="5/69+26")
    house = House()
    try:
        figures = lists(house, args) + warm(house)
    finally:
        house.close()
    report(figures + verifying(args.files) + deleting(args.deleted))


if __name__ == "__main__":
    main()
