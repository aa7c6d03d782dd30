"""Random kill -9 of a worker, the queue's main process, or everything; resumed to the same bits?

A real `serve --only queue` trains sessions while this script kills it. Each finished session is
compared with one of the same settings that nobody disturbed: weights and every stored epoch.

    python -m benchmarks.kills [--kills 12] [--seed 0]
"""

import argparse
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import time

from benchmarks.installation import installation
from benchmarks.reporting import at_least, at_most, report, told

os.environ.setdefault("HELIOS_LEASE_SECONDS", "3")
HOME = installation("helios-kills-")

import psutil  # noqa: E402 - after the installation

from training.models import TrainingSession  # noqa: E402
from training.services import sessions, slices  # noqa: E402
from training.services.draws import simulate_dataset  # noqa: E402
from training.services.finishing import epochs_digest  # noqa: E402

SETTINGS = {"epochs": 500, "dropout": 0.1, "schedule": "plateau"}
KINDS = ("worker", "cluster", "all")
PATIENCE = 120.0


class Queue:
    """The supervised queue as its own process tree."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "manage.py", "serve", "--only", "queue"]
        with (HOME / "queue.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def tree(self) -> list[psutil.Process]:
        """The supervisor and everything below it, the supervisor first."""
        assert self.process is not None
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def kill(self, kind: str, worker: int) -> None:
        """kill -9 one kind of victim; `all` starts anew."""
        tree = self.tree()
        main = next(one for one in tree[1:] if "work" in one.cmdline())
        victims = {"worker": [psutil.Process(worker)], "cluster": [main], "all": tree}[kind]
        for victim in victims:
            victim.kill()
        if kind == "all":
            assert self.process is not None
            self.process.wait()
            self.start()

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


def begin(name: str) -> TrainingSession:
    """Queue one session by its row alone: the reaper hands it over."""
    return sessions.start_session(
        model_name=name, dataset_name="bench", settings=SETTINGS, actor="benchmark"
    )


def until(condition, session: TrainingSession) -> None:
    """Wait until the session's row meets the condition."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        session.refresh_from_db()
        if condition(session):
            return
        time.sleep(0.01)
    raise TimeoutError(f"session {session.pk} is {session.state} at {session.current_epoch}")


def strike(queue: Queue, session: TrainingSession, kind: str, chance: random.Random) -> float:
    """Kill at a random moment of running work; returns the seconds of work that were lost."""
    target = session.current_epoch + chance.randint(5, 120)
    until(lambda row: row.is_over or (row.lease_owner and row.current_epoch >= target), session)
    if session.is_over:
        return -1.0
    time.sleep(chance.random() * 0.05)
    written = slices.checkpoint_path(session.checkpoint)
    lost = time.time() - written.stat().st_mtime if written.is_file() else 0.0
    queue.kill(kind, int(session.lease_owner.rsplit(":", 1)[1]))
    return max(0.0, lost)


def bits(session: TrainingSession) -> tuple[str, str]:
    """What must be equal: the weights and every epoch."""
    return session.artifact.weights_sha256, epochs_digest(session)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=12)
    options.add_argument("--seed", type=int, default=0)
    asked = options.parse_args()
    chance = random.Random(asked.seed)
    simulate_dataset(name="bench", actor="benchmark", draws=1800, matrix="5/69+26")
    queue = Queue()
    queue.start()
    reference = begin("undisturbed")
    until(lambda row: row.is_over, reference)
    kills, lost, same, ended = 0, [], 0, 0
    began = time.monotonic()
    while kills < asked.kills:
        session = begin(f"struck-{ended}")
        while kills < asked.kills and not session.is_over:
            seconds = strike(queue, session, chance.choice(KINDS), chance)
            if seconds >= 0:
                kills += 1
                lost.append(seconds)
        until(lambda row: row.is_over, session)
        numbers = list(session.epochs.values_list("number", flat=True))
        once = numbers == list(range(1, SETTINGS["epochs"] + 1))
        ended += 1
        same += once and bits(session) == bits(reference)
    queue.stop()
    report(
        [
            told("kills", kills, "kill -9"),
            at_least(
                "sessions with the bits of an undisturbed one", same / ended, "share", 1.0
            ),
            told("sessions compared", ended, "sessions"),
            told("work lost by a kill, median", statistics.median(lost), "s"),
            at_most("work lost by a kill, worst", max(lost), "s", 1.0),
            told("time per kill and recovery", (time.monotonic() - began) / kills, "s"),
        ]
    )
    shutil.rmtree(HOME, ignore_errors=True)


if __name__ == "__main__":
    main()
