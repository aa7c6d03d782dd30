"""Keeps the processes of Helios alive and ends them together.

Each child is the leader of a process group of its own. SIGTERM goes to the leader alone,
because django-q2 hangs when its whole group gets it; the group is killed only when the
leader is gone or did not end in time. Why not honcho: docs/decisions/0001.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
STOP_SECONDS = 8.0  # after which what is left is killed: everything is gone within 10 s
TICK_SECONDS = 0.05
ECHO_SECONDS = 0.5
STEADY_SECONDS = 10.0  # a child that lived so long is started again at once
LONGEST_WAIT = 30.0


def describe(status: int) -> str:
    """How a process ended, for a person: its exit status, or the signal's name."""
    if status >= 0:
        return f"exit status {status}"
    return signal.Signals(-status).name


@dataclass
class Child:
    """One process, started again whenever it dies.

    `files` are descriptors it inherits.
    """

    name: str
    command: Sequence[str]
    files: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    wait: float = field(default=0.0)

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and command
            self.command,
            pass_fds=self.files,
            process_group=0,
            stdin=subprocess.DEVNULL,
        )
        self.started_at = time.monotonic()

    def look(self) -> str:
        """Start it if it is due; if it has died, sweep its group and say so."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
            return ""
        status = self.process.poll()
        if status is None:
            return ""
        self.kill_group()
        self.process = None
        steady = now - self.started_at > STEADY_SECONDS
        self.wait = 0.0 if steady else min(LONGEST_WAIT, self.wait * 2 or 0.5)
        self.start_at = now + self.wait
        again = f"in {self.wait:g} s" if self.wait else "now"
        return f"The {self.name} process ended ({describe(status)}); starting it again {again}."

    def ask_to_end(self) -> None:
        if self.process is not None:
            self.process.terminate()

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill_group(self) -> None:
        """Kill the leader and whatever it left behind."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            # macOS answers EPERM for a group of which only zombies are left
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Supervisor:
    """Starts children, watches them, and ends them all at the first SIGINT, SIGTERM or SIGHUP."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.children: list[Child] = []
        self.asked = 0  # how often somebody asked for the end; the second time is a hurry
        self._asked_at = float("-inf")
        # Held for life and never written to: see leash.py.
        self.leash, self._holder = os.pipe()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # `make` and `timeout` pass a signal on that the terminal has sent here already.
        now = time.monotonic()
        if now - self._asked_at > ECHO_SECONDS:
            self.asked += 1
        self._asked_at = now

    @property
    def is_stopping(self) -> bool:
        return self.asked > 0

    def add(self, name: str, command: Sequence[str], files: Sequence[int] = ()) -> None:
        """Run a command of manage.py and keep it running; `--leash FD` is added to it."""
        leashed = [sys.executable, str(MANAGE), *command, "--leash", str(self.leash)]
        child = Child(name, leashed, [*files, self.leash])
        child.start()
        self.children.append(child)

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> bool:
        """Watch the children until `ready` (True), the time is over or the end is asked for."""
        deadline = time.monotonic() + seconds
        while not self.is_stopping and time.monotonic() < deadline:
            self._look()
            if ready():
                return True
            time.sleep(TICK_SECONDS)
        return False

    def watch(self) -> None:
        """Return when somebody asks for the end."""
        while not self.is_stopping:
            self._look()
            time.sleep(TICK_SECONDS)

    def _look(self) -> None:
        for child in self.children:
            news = child.look()
            if news:
                self.say(news)

    def stop(self) -> None:
        """End every child: in good order within STOP_SECONDS, else by force."""
        for child in self.children:
            child.ask_to_end()
        deadline = time.monotonic() + STOP_SECONDS
        while any(child.is_alive for child in self.children):
            if time.monotonic() > deadline or self.asked > 1:
                break
            time.sleep(TICK_SECONDS)
        for child in self.children:
            child.kill_group()
