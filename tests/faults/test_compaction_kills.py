"""kill -9 at every step of a compaction or a restore: every answer stays, the next run finishes."""

import json
import shutil
from pathlib import Path

import pytest

from helios_site.home import prepare_home
from tests.faults.dying import run

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace"),
]

# Calls that change what is on the disk, and which of them to die at: files synced and named, the
# database's transactions from the first seal to the last batch, its file cut, archives removed.
CALLS = {
    "compact": {
        "fsync": (2,),
        "rename": (2, 5),
        "pwrite64": (60, 250, 450, 700),
        "ftruncate": (2,),
    },
    "restore": {"pwrite64": (100, 400), "unlink": (5,)},
}
STEPS = [
    (act, call, number)
    for act, calls in CALLS.items()
    for call, numbers in calls.items()
    for number in numbers
]
ASKED = ("entries", "counts", "found", "digest")


def told(act: str, home: Path) -> list[dict]:
    done = run("memory_files", act, home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> tuple[Path, Path, dict]:
    """A home before a compaction, the same after it, and what a reader is told of both."""
    home = tmp_path_factory.mktemp("memory") / "home"
    prepare_home(home)
    assert run("memory_files", "prepare", home).returncode == 0
    after = Path(shutil.copytree(home, home.with_name("after")))
    before, compacted = told("finish", after)
    assert {name: compacted[name] for name in ASKED} == {name: before[name] for name in ASKED}
    assert compacted["hot"] == 0
    assert compacted["epochs"] < before["epochs"] / 2
    return home, after, before


@pytest.mark.parametrize(("act", "call", "number"), STEPS)
def test_a_kill_at_any_step_loses_and_doubles_nothing(prepared, tmp_path, act, call, number):
    home, after, before = prepared
    copy = Path(shutil.copytree(home if act == "compact" else after, tmp_path / "copy"))
    killed = run("memory_files", act, copy, f"{call}:{number}")
    assert killed.returncode == -9, f"{act} makes fewer than {number} calls of {call}"
    for now in (found := told("finish", copy)):
        assert {name: now[name] for name in ASKED} == {name: before[name] for name in ASKED}
        assert not any(now["bad"])
    assert found[-1]["hot"] == 0
