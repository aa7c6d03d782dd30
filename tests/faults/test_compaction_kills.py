"""kill -9 at every step of a compaction or a restore: every answer stays, the next run finishes."""

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

# Calls that change what is on the disk, and which of them to die at: files synced and named, the
# database's transactions from the first seal to the last batch, its file cut, archives removed.
CALLS = {
    "compact": {
        "fsync": (2,),
        "rename": (2, 5),
        "pwrite64": (60, 250, 450, 700),
        "ftruncate": (2,),
    },
    "restore": {"pwrite64": (100, 400), "unlink": (14,)},
}
STEPS = [
    (act, call, number)
    for act, calls in CALLS.items()
    for call, numbers in calls.items()
    for number in numbers
]
ASKED = ("entries", "counts", "found", "digest")


def run(act: str, home: Path, *before: str) -> subprocess.CompletedProcess[str]:
    """One act on a home, under the program `before` if given."""
    command = [*before, sys.executable, "-m", "tests.faults.memory_files", act, str(home)]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HELIOS_")}
    return subprocess.run(
        command, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=120
    )


def told(act: str, home: Path) -> list[dict]:
    done = run(act, home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> tuple[Path, Path, dict]:
    """A home before a compaction, the same after it, and what a reader is told of both."""
    home = tmp_path_factory.mktemp("memory") / "home"
    prepare_home(home)
    assert run("prepare", home).returncode == 0
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
    inject = f"inject={call}:signal=SIGKILL:when={number}"
    killed = run(
        act, copy, "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject
    )
    assert killed.returncode != 0, f"{act} makes fewer than {number} calls of {call}"
    for now in (found := told("finish", copy)):
        assert {name: now[name] for name in ASKED} == {name: before[name] for name in ASKED}
        assert not any(now["bad"])
    assert found[-1]["hot"] == 0
