"""A real Helios under test: real processes, a home of its own, a free port on loopback."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 40.0


def until(condition: Callable[[], Any], seconds: float, what: str = "it") -> Any:
    """Wait until the condition holds and return its value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.05)
    return value


@dataclass
class House:
    """`manage.py serve` on a home; ends without leaving a process behind."""

    home: Path
    port: int = field(default_factory=free_port)
    workers: int = 1
    extra: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    token: str = ""

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "HELIOS_HOME": str(self.home),
            "PORT": str(self.port),
            "HELIOS_WORKERS": str(self.workers),
            "HELIOS_SLICE_SECONDS": "2",
        }
        return {**os.environ, "HELIOS_SECRET_KEY": "", **own, **self.extra}

    @property
    def log(self) -> Path:
        return self.home.parent / f"{self.home.name}.log"

    def manage(self, *command: str) -> str:
        done = self.run(*command)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command that may be refused."""
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def start(self) -> "House":
        """Start it and wait until it says where it is."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        said = len(self.said())
        until(lambda: "Helios is at" in self.said()[said:], START_SECONDS, "the start")
        until(lambda: self.tree("work"), 10, "the queue")
        self.token = self.token or self.manage("api_token", "tests")
        return self

    def said(self) -> str:
        return self.log.read_text()

    # --- its processes ---------------------------------------------------------

    def everybody(self) -> list[psutil.Process]:
        """The processes of this home that are alive, whoever their parent is by now."""
        mark = f"HELIOS_HOME={self.home}\0"
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                environ = Path(f"/proc/{process.pid}/environ").read_text()
                if mark in environ and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def tree(self, part: str) -> psutil.Process | None:
        """The main process of "web" or "work"."""
        if self.process is None:
            return None
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children():
                with contextlib.suppress(psutil.Error):
                    if part in child.cmdline():
                        return child
        return None

    def guard(self) -> psutil.Process:
        """django-q2's sentinel."""
        return until(self._guard, 10, "the guard")

    def _guard(self) -> psutil.Process | None:
        work = self.tree("work")
        children = work.children() if work else []
        return children[0] if children else None

    def pool(self) -> list[psutil.Process]:
        """The workers; they are forked before the monitor and the pusher."""

        def forked() -> list[psutil.Process]:
            children = sorted(self.guard().children(), key=lambda p: p.pid)
            return children if len(children) >= self.workers + 2 else []

        return until(forked, 10, "the pool")[: self.workers]

    def kill(self, *processes: psutil.Process) -> None:
        for process in processes:
            process.kill()

    def stop(self, number: int = signal.SIGINT, seconds: float = 10.0) -> float:
        """Ask for the end; returns how long it took until the last process was gone."""
        assert self.process is not None
        before = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(seconds)
        until(lambda: not self.everybody(), seconds, "the end of every process")
        return time.monotonic() - before

    def end(self) -> None:
        """Whatever happened in the test: nothing is left."""
        for process in self.everybody():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        if self.process is not None:
            self.process.wait()

    # --- what it knows ---------------------------------------------------------

    def ask(self, method: str, path: str, **body: Any) -> httpx.Response:
        return httpx.request(
            method,
            f"http://127.0.0.1:{self.port}{path}",
            headers={"Authorization": f"Bearer {self.token}"},
            json=body or None,
            timeout=60,
        )

    def send(self, path: str, fields: dict[str, str], **files: bytes) -> httpx.Response:
        """Send fields and files as a form does."""
        return httpx.post(
            f"http://127.0.0.1:{self.port}{path}",
            headers={"Authorization": f"Bearer {self.token}"},
            data=fields,
            files={name: (f"{name}.bin", data) for name, data in files.items()},
            timeout=20,
        )

    def train(self, name: str, **settings: Any) -> int:
        """Start a session and return its number."""
        body = {"modelName": name, "dataSource": "practice", **settings}
        answer = self.ask("POST", "/api/train/start", **body)
        assert answer.status_code in (200, 201, 202), answer.text
        return int(answer.json()["sessionId"])

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read the database as it is on disk, whether anything runs or not."""
        connection = sqlite3.connect(f"file:{self.home}/helios.sqlite3?mode=ro", uri=True)
        with contextlib.closing(connection):
            return connection.execute(query, values).fetchall()

    def state(self, session: int) -> str:
        query = "SELECT state FROM training_trainingsession WHERE id = ?"
        return str(self.rows(query, session)[0][0])

    def owner(self, session: int) -> int:
        """The process that works on the session."""
        query = "SELECT lease_owner FROM training_trainingsession WHERE id = ?"
        owner = until(lambda: self.rows(query, session)[0][0], 10, "an owner")
        return int(str(owner).rpartition(":")[2])

    def epochs(self, session: int) -> list[tuple[Any, ...]]:
        """Every epoch's numbers, without its times."""
        return self.rows(
            "SELECT number, train_bits, val_bits, gain, learning_rate, grad_norm, best "
            "FROM training_epoch WHERE session_id = ? ORDER BY id",
            session,
        )

    def weights(self, session: int) -> str:
        query = (
            "SELECT a.weights_sha256 FROM training_trainingsession s "
            "JOIN registry_modelartifact a ON a.id = s.artifact_id WHERE s.id = ?"
        )
        return str(self.rows(query, session)[0][0])

    def events(self, session: int) -> list[str]:
        query = "SELECT event_type FROM memory_journalentry WHERE session_id = ? ORDER BY seq"
        return [str(row[0]) for row in self.rows(query, session)]

    def wait_for(self, session: int, state: str, seconds: float = 120.0) -> None:
        until(lambda: self.state(session) == state, seconds, f"{state} of session {session}")

    def wait_for_epoch(self, session: int, number: int, seconds: float = 60.0) -> None:
        until(lambda: len(self.epochs(session)) >= number, seconds, f"epoch {number}")


@contextlib.contextmanager
def house(home: Path, **options: Any) -> Iterator[House]:
    """A started house that is empty afterwards."""
    made = House(home, **options)
    try:
        yield made.start()
    finally:
        made.end()
