"""kill -9 while a checkpoint is written, flushed or renamed: the one before it is whole."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.dying import Stage, stage

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace"),
]

# Which call is the last one: a checkpoint has a flush of its file, a rename and a flush of its folder.
STEPS = [("fsync", 1), ("rename", 3), ("fsync", 6)]


@pytest.fixture(scope="module")
def acts(tmp_path_factory) -> Iterator[Stage]:
    with stage("checkpoints", tmp_path_factory.mktemp("checkpoints")) as made:
        yield made


@pytest.fixture(scope="module")
def prepared(acts, tmp_path_factory) -> Path:
    """A home with draws."""
    home = tmp_path_factory.mktemp("checkpoints") / "home"
    acts.told("prepare", home)
    return home


@pytest.fixture(scope="module")
def undisturbed(acts, prepared, tmp_path_factory) -> dict[str, Any]:
    home = shutil.copytree(prepared, tmp_path_factory.mktemp("whole") / "copy")
    assert acts.run("train", home).returncode == 0
    return acts.told("mend", home)


@pytest.mark.parametrize(("call", "number"), STEPS)
def test_a_kill_while_a_checkpoint_is_written_costs_no_bit(
    acts, prepared, undisturbed, tmp_path, call, number
):
    home = shutil.copytree(prepared, tmp_path / "copy")
    killed = acts.run("train", home, f"{call}:{number}")
    assert killed.returncode == -9, f"fewer than {number} calls of {call}"
    found = acts.told("mend", home)
    assert (found["state"], found["count"], found["files"]) == ("completed", 12, [])
    assert found["epochs"] == undisturbed["epochs"]
    assert found["weights"] == undisturbed["weights"]
