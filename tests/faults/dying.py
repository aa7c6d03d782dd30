"""Dying at a call: a process of the fault tests lets strace kill it from there on.

Python and Django start before strace looks: under it they would take twice as long.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.house import ROOT

AT = "DIE_AT"  # of the environment: a call and which of them is the last, such as `fsync:3`
ALSO = {"rename": "rename,renameat2"}


def run(part: str, act: str, home: Path, die_at: str = "") -> subprocess.CompletedProcess[str]:
    """One act of `tests.faults.PART` on a home, to the end or to the call at which it dies."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HELIOS_")}
    clean |= {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1", AT: die_at}
    command = [sys.executable, "-m", f"tests.faults.{part}", act, str(home)]
    return subprocess.run(
        command, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=120
    )


def arm() -> None:
    """In the process itself, before its act: wait until strace holds the knife, if one is asked for."""
    if not os.environ.get(AT):
        return
    call, number = os.environ[AT].split(":")
    calls = ALSO.get(call, call)
    watch = ["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(os.getpid())]
    inject = f"inject={calls}:signal=SIGKILL:when={number}"
    strace = subprocess.Popen([*watch, "-e", f"trace={calls}", "-e", inject])
    while "TracerPid:\t0\n" in Path("/proc/self/status").read_text():
        assert strace.poll() is None, "strace did not come"
        time.sleep(0.005)
