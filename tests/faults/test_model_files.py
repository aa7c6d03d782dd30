"""kill -9 at every step of saving and of deleting a version: no ghost row, no orphan file."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helios_site.home import prepare_home
from tests.faults.house import ROOT

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace"),
]

# Calls that change what is on the disk, and which of them to die at: the files, their names, and
# the database's transaction between them.
CALLS = {
    "save": {"fsync": (1, 3, 4, 5, 6), "rename": (1, 2), "pwrite64": (12, 30)},
    "delete": {"pwrite64": (12, 40), "rename": (1,), "unlinkat": (1, 2), "rmdir": (1,)},
}
STEPS = [
    (act, call, number)
    for act, calls in CALLS.items()
    for call, numbers in calls.items()
    for number in numbers
]


def run(act: str, home: Path, *before: str) -> subprocess.CompletedProcess[str]:
    """One act on a home, under the program `before` if given."""
    command = [*before, sys.executable, "-m", "tests.faults.model_files", act, str(home)]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HELIOS_")}
    return subprocess.run(
        command, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=120
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A home with one version."""
    home = tmp_path_factory.mktemp("files") / "home"
    prepare_home(home)
    done = run("prepare", home)
    assert done.returncode == 0, done.stderr
    return home


@pytest.mark.parametrize(("act", "call", "number"), STEPS)
def test_a_kill_at_any_step_is_mended_by_the_next_start(prepared, tmp_path, act, call, number):
    home = shutil.copytree(prepared, tmp_path / "copy")
    inject = f"inject={call}:signal=SIGKILL:when={number}"
    killed = run(
        act, home, "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject
    )
    assert killed.returncode != 0, f"{act} makes fewer than {number} calls of {call}"
    mended = run("mend", home)
    assert mended.returncode == 0, mended.stderr
    found = json.loads(mended.stdout)
    assert found["missing"] == []
    assert found["files"] == found["wanted"]
