"""kill -9 while a checkpoint is written, flushed or renamed: the one before it is whole."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from helios_site.home import prepare_home
from tests.faults.dying import run

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace"),
]

# Which call is the last one: a checkpoint has a flush of its file, a rename and a flush of its folder.
STEPS = [("fsync", 1), ("rename", 3), ("fsync", 6)]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A home with draws."""
    home = tmp_path_factory.mktemp("checkpoints") / "home"
    prepare_home(home)
    done = run("checkpoints", "prepare", home)
    assert done.returncode == 0, done.stderr
    return home


def mended(home: Path) -> dict[str, Any]:
    done = run("checkpoints", "mend", home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def undisturbed(prepared, tmp_path_factory) -> dict[str, Any]:
    home = shutil.copytree(prepared, tmp_path_factory.mktemp("whole") / "copy")
    assert run("checkpoints", "train", home).returncode == 0
    return mended(home)


@pytest.mark.parametrize(("call", "number"), STEPS)
def test_a_kill_while_a_checkpoint_is_written_costs_no_bit(
    prepared, undisturbed, tmp_path, call, number
):
    home = shutil.copytree(prepared, tmp_path / "copy")
    killed = run("checkpoints", "train", home, f"{call}:{number}")
    assert killed.returncode == -9, f"fewer than {number} calls of {call}"
    found = mended(home)
    assert (found["state"], found["count"], found["files"]) == ("completed", 12, [])
    assert found["epochs"] == undisturbed["epochs"]
    assert found["weights"] == undisturbed["weights"]
