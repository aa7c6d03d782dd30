"""A process ends after the one that started it, however that one died."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

# A holder that starts a child on its leash, says the child's number and waits.
HOLDER = """
import os, subprocess, sys, time
leash, _mine = os.pipe()
child = subprocess.Popen([sys.executable, "-c", {code!r}, str(leash)], pass_fds=[leash])
print(child.pid, flush=True)
time.sleep(60)
"""
POLITE = """
import sys, time
from helios_site.leash import end_with_holder
end_with_holder(int(sys.argv[1]))
time.sleep(60)
"""
STUBBORN = """
import signal, sys, time
from helios_site import leash
leash.GRACE_SECONDS = 0.5
signal.signal(signal.SIGTERM, signal.SIG_IGN)
leash.end_with_holder(int(sys.argv[1]))
time.sleep(60)
"""
FORKED = """
import os, sys, time
from helios_site import leash
leash.GRACE_SECONDS = 0.5
leash.end_forks_with_holder(int(sys.argv[1]))
if os.fork():
    os.execvp("sleep", ["sleep", "60"])  # never notices: only the forked one is on the leash
time.sleep(60)
"""


def start(code: str) -> tuple[subprocess.Popen, psutil.Process]:
    command = [sys.executable, "-c", HOLDER.format(code=code)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    child = psutil.Process(int(holder.stdout.readline()))
    time.sleep(0.5)
    return holder, child


def gone(process: psutil.Process, seconds: float = 3.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("code", [POLITE, STUBBORN])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_ends_when_its_holder_is_gone(code, number):
    holder, child = start(code)
    assert child.is_running()
    os.kill(holder.pid, number)
    assert gone(child)
    holder.communicate()


def test_a_forked_process_ends_by_itself_though_its_parent_lives_on():
    holder, parent = start(FORKED)
    (forked,) = parent.children()
    holder.kill()
    assert gone(forked)
    assert parent.is_running()
    parent.kill()
    holder.communicate()
