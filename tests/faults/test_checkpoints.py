"""kill -9 while a checkpoint is written, flushed or renamed: the one before it is whole."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from helios_site.home import prepare_home
from tests.faults.house import ROOT

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace"),
]

# Which call is the last one: a checkpoint has a flush of its file, a rename and a flush of its folder.
STEPS = [("fsync", 1), ("rename", 3), ("fsync", 6)]


def run(act: str, home: Path, *before: str) -> subprocess.CompletedProcess[str]:
    """One act on a home, under the program `before` if given."""
    command = [*before, sys.executable, "-m", "tests.faults.checkpoints", act, str(home)]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HELIOS_")}
    clean |= {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=120
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A home with draws."""
    home = tmp_path_factory.mktemp("checkpoints") / "home"
    prepare_home(home)
    done = run("prepare", home)
    assert done.returncode == 0, done.stderr
    return home


def mended(home: Path) -> dict[str, Any]:
    done = run("mend", home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def undisturbed(prepared, tmp_path_factory) -> dict[str, Any]:
    home = shutil.copytree(prepared, tmp_path_factory.mktemp("whole") / "copy")
    assert run("train", home).returncode == 0
    return mended(home)


@pytest.mark.parametrize(("call", "number"), STEPS)
def test_a_kill_while_a_checkpoint_is_written_costs_no_bit(
    prepared, undisturbed, tmp_path, call, number
):
    home = shutil.copytree(prepared, tmp_path / "copy")
    calls = {"rename": "rename,renameat2"}.get(call, call)
    inject = f"inject={calls}:signal=SIGKILL:when={number}"
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", inject]
    killed = run("train", home, *strace)
    assert killed.returncode != 0, f"fewer than {number} calls of {call}"
    found = mended(home)
    assert (found["state"], found["count"], found["files"]) == ("completed", 12, [])
    assert found["epochs"] == undisturbed["epochs"]
    assert found["weights"] == undisturbed["weights"]
