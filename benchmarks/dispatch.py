"""From the POST of a start to the row of its first epoch, on an installation as `make run` starts it.

The supervisor, a web server, the queue and one worker run as usual; this process asks over HTTP
and looks into the database. The first session of a worker pays for importing torch, told apart.

    python -m benchmarks.dispatch [--starts 15]
"""

import argparse
import os
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from contextlib import closing

from benchmarks.installation import installation
from benchmarks.reporting import at_most, report, told

HOME = installation("helios-dispatch-")

import httpx  # noqa: E402 - after the installation
import psutil  # noqa: E402

from helios_site.accounts import local_owner, make_token  # noqa: E402
from training.services.draws import simulate_dataset  # noqa: E402

START_SECONDS = 60.0


class House:
    """`manage.py serve` with one worker."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environment = os.environ | {"PORT": str(port), "HELIOS_WORKERS": "1"}
        self.log = (HOME / "serve.log").open("wb")
        command = [sys.executable, "manage.py", "serve"]
        self.process = subprocess.Popen(
            command, env=environment, stdout=self.log, stderr=self.log
        )
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
        token = make_token(name="bench", user=local_owner())
        self.client.headers["Authorization"] = f"Bearer {token}"
        self._wait()

    def _wait(self) -> None:
        """Until the page answers and the first session of every installation is over."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                self.client.get("/healthz").raise_for_status()
                return
            except httpx.TransportError:
                time.sleep(0.1)
        raise TimeoutError("the server did not start")

    def first_epoch(self, name: str, epochs: int = 2) -> float:
        """Seconds from asking for a start to the row of the first epoch."""
        body = {"modelName": name, "dataSource": "bench", "epochs": epochs}
        began = time.monotonic()
        answer = self.client.post("/api/train/start", json=body)
        answer.raise_for_status()
        number = answer.json()["sessionId"]
        self._until("SELECT 1 FROM training_epoch WHERE session_id = ?", number)
        seconds = time.monotonic() - began
        self._until(
            "SELECT 1 FROM training_trainingsession WHERE id = ? AND state = 'completed'",
            number,
        )
        return seconds

    def _until(self, query: str, number: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        address = f"file:{HOME}/helios.sqlite3?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as database:
            while not database.execute(query, (number,)).fetchone():
                if time.monotonic() > deadline:
                    raise TimeoutError(query)
                time.sleep(0.002)

    def worker_megabytes(self) -> float:
        """The most that any process of the house has used: the worker's, which has torch."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return max(child.memory_info().rss for child in children) / 1e6

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        self.log.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--starts", type=int, default=15)
    asked = options.parse_args()
    simulate_dataset(name="bench", actor="benchmark", draws=1800, matrix="5/69+26")
    house = House()
    try:
        cold = house.first_epoch("cold")
        warm = sorted(house.first_epoch(f"warm-{number}") for number in range(asked.starts))
        memory = house.worker_megabytes()
    finally:
        house.stop()
    report(
        [
            at_most(
                "warm worker: start to first epoch, p50", statistics.median(warm), "s", 0.6
            ),
            told("warm worker: the slowest", warm[-1], "s"),
            told("behind the first session of a new installation", cold, "s"),
            at_most("memory of the worker, resident", memory, "MB", 500),
        ]
    )
    shutil.rmtree(HOME, ignore_errors=True)


if __name__ == "__main__":
    main()
