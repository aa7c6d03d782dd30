"""kill -9 at every step of a compaction or a restore: every answer stays, the next run finishes."""

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

# Calls that change what is on the disk, and which of them to die at: archives written, synced and
# named, the database's transactions from the first seal to the last batch, its file cut.
COMPACT = {
    "write": (20, 80),
    "fsync": (2, 5),
    "rename": (2, 3),
    "pwrite64": (60, 170, 200, 250, 330, 450, 690),
    "ftruncate": (2,),
}
RESTORE = {"pwrite64": (100, 400), "unlink": (3, 5)}
PHASES = {"half a file", "a file without a row", "sealed", "being emptied", "not shrunk yet"}
ASKED = ("entries", "counts", "found", "digest")


@pytest.fixture(scope="module")
def acts(tmp_path_factory) -> Iterator[Stage]:
    with stage("memory_files", tmp_path_factory.mktemp("memory")) as made:
        yield made


@pytest.fixture(scope="module")
def prepared(acts, tmp_path_factory) -> tuple[Path, Path, dict]:
    """A home before a compaction, the same after it, and what a reader is told of both."""
    home = tmp_path_factory.mktemp("memory") / "home"
    acts.told("prepare", home)
    after = Path(shutil.copytree(home, home.with_name("after")))
    before, compacted = acts.told("finish", after)
    assert {name: compacted[name] for name in ASKED} == {name: before[name] for name in ASKED}
    assert compacted["hot"] == 0
    assert compacted["epochs"] < before["epochs"] / 2
    return home, after, before


def killed(acts: Stage, home: Path, act: str, step: str, before: dict) -> dict[str, Any]:
    """What there is after a kill, once the next run has made it good."""
    died = acts.run(act, home, step)
    assert died.returncode == -9, f"{act} does not come to {step}"
    found = acts.told("finish", home)
    for now in found:
        assert {name: now[name] for name in ASKED} == {name: before[name] for name in ASKED}, (
            step
        )
        assert not any(now["bad"]), step
    assert (found[-1]["hot"], found[-1]["half"]) == (0, 0), step
    return found[0]


def steps(calls: dict[str, tuple[int, ...]]) -> Iterator[str]:
    return (f"{call}:{number}" for call, numbers in calls.items() for number in numbers)


def phase(between: dict[str, Any], whole: int) -> str:
    """How far a compaction had come."""
    if between["half"]:
        return "half a file"
    if between["orphans"]:
        return "a file without a row"
    if between["hot"] == whole:
        return "sealed"
    return "being emptied" if between["hot"] else "not shrunk yet"


def test_a_kill_at_any_step_of_a_compaction_loses_and_doubles_nothing(acts, prepared, tmp_path):
    home, _, before = prepared
    hit = set()
    for step in steps(COMPACT):
        copy = Path(shutil.copytree(home, tmp_path / step))
        hit.add(phase(killed(acts, copy, "compact", step, before), before["hot"]))
    assert hit == PHASES


def test_a_kill_at_any_step_of_a_restore_loses_and_doubles_nothing(acts, prepared, tmp_path):
    _, after, before = prepared
    hot = set()
    for step in steps(RESTORE):
        copy = Path(shutil.copytree(after, tmp_path / step))
        hot.add(killed(acts, copy, "restore", step, before)["hot"])
    assert len(hot) > 2  # nothing, some and all of it was back
