"""kill -9 at every step of saving and of deleting a version: no ghost row, no orphan file."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.dying import Stage, stage

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


@pytest.fixture(scope="module")
def acts(tmp_path_factory) -> Iterator[Stage]:
    with stage("model_files", tmp_path_factory.mktemp("files")) as made:
        yield made


@pytest.fixture(scope="module")
def prepared(acts, tmp_path_factory) -> Path:
    """A home with one version."""
    home = tmp_path_factory.mktemp("files") / "home"
    acts.told("prepare", home)
    return home


@pytest.mark.parametrize(("act", "call", "number"), STEPS)
def test_a_kill_at_any_step_is_mended_by_the_next_start(
    acts, prepared, tmp_path, act, call, number
):
    home = shutil.copytree(prepared, tmp_path / "copy")
    killed = acts.run(act, home, f"{call}:{number}")
    assert killed.returncode == -9, f"{act} makes fewer than {number} calls of {call}"
    found = acts.told("mend", home)
    assert found["missing"] == []
    assert found["files"] == found["wanted"]
