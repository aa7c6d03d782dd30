"""Acts on a home of their own, each in a process that strace may kill at a call.

A stage has imported everything and forks an actor for each act: Python and Django take longer to
start than most acts last, and under strace twice as long.
"""

import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.house import ROOT

ALSO = {"rename": "rename,renameat2"}


@dataclass(frozen=True)
class Acted:
    """How an act ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


class Stage:
    """The process of `tests.faults.PART`."""

    def __init__(self, part: str, folder: Path) -> None:
        self.said = folder / "said"
        clean = {key: value for key, value in os.environ.items() if "HELIOS" not in key}
        clean |= {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
        clean |= {"HELIOS_SECRET_KEY": "only for these tests, which sign nothing at all",
                  "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "helios_site.settings"}  # fmt: skip
        command = [sys.executable, "-m", f"tests.faults.{part}"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(command, cwd=ROOT, env=clean, text=True, **pipes)

    def run(self, act: str, home: Path, die_at: str = "") -> Acted:
        """One act on a home, to the end or to a call: `fsync:3` is the third, and the last."""
        home.mkdir(mode=0o700, exist_ok=True)
        request = {"act": act, "home": str(home), "die_at": die_at, "said": str(self.said)}
        self.process.stdin.write(f"{json.dumps(request)}\n")
        self.process.stdin.flush()
        code = int(self.process.stdout.readline())
        return Acted(code, *(Path(f"{self.said}.{end}").read_text() for end in ("out", "err")))

    def told(self, act: str, home: Path) -> Any:
        """What an act that is not killed writes, which is JSON."""
        done = self.run(act, home)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "null")


@contextmanager
def stage(part: str, folder: Path) -> Iterator[Stage]:
    """A stage for the tests of a module."""
    made = Stage(part, folder)
    with made.process:  # it ends once its pipe is closed
        yield made


def perform(acts: Mapping[str, Callable[[], None]]) -> None:
    """In the stage's process: fork an actor for each request, until there are no more."""
    for line in sys.stdin:
        request = json.loads(line)
        actor = os.fork()
        if actor == 0:
            os._exit(_play(acts[request["act"]], **request))
        _, status = os.waitpid(actor, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _play(verb: Callable[[], None], *, act: str, home: str, die_at: str, said: str) -> int:
    """In the actor's process; its exit status."""
    from django.conf import settings  # noqa: PLC0415 - who asks for an act needs no Django
    from django.db import connection  # noqa: PLC0415

    for number, end in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{said}.{end}", os.O_CREAT | os.O_TRUNC | os.O_WRONLY), number)
    settings.HELIOS_HOME = Path(home)
    connection.settings_dict["NAME"] = str(Path(home) / "helios.sqlite3")
    try:
        if die_at:
            _let_die(*die_at.split(":"))
        verb()
        connection.close()
    except BaseException:  # noqa: BLE001 - told to who asked
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _let_die(call: str, number: str) -> None:
    """Wait until strace holds the knife."""
    calls = ALSO.get(call, call)
    watch = ["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(os.getpid())]
    inject = f"inject={calls}:signal=SIGKILL:when={number}"
    strace = subprocess.Popen([*watch, "-e", f"trace={calls}", "-e", inject])
    while "TracerPid:\t0\n" in Path("/proc/self/status").read_text():
        assert strace.poll() is None, "strace did not come"
        time.sleep(0.005)
