"""A run cut anywhere and taken up again from its file ends with the bits of an uninterrupted one."""

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.networks.spec import FEATURES
from tests.registry.networks.histories import fair_history
from tests.training.engine.conftest import begin, small
from training.engine import checkpoint
from training.engine.checkpoint import CheckpointDamaged
from training.engine.config import Config
from training.engine.data import TrainingData, prepare
from training.engine.environment import differences, environment
from training.engine.fit import fit, start
from training.engine.reports import EpochReport
from training.engine.state import State

RULES = {"epochs": 8, "dropout": 0.2, "schedule": "plateau", "patience": 4, "grad_clip": 1.0}
RUNS: dict[str, Config] = {
    "mlp": small(**RULES),
    "sweep": small(**RULES, sweep=[{"seed": 1, "learning_rate": 0.05}, {"seed": 2}]),
    "gru": small(**RULES, encoder="gru", features=FEATURES),
    "transformer": small(**RULES, encoder="transformer", features=FEATURES),
    "counts": small(epochs=8, encoder="counts"),
}


def told(report: EpochReport) -> EpochReport:
    """A report without its wall time, and without what the process happened to hold."""
    return dataclasses.replace(report, seconds=0.0, memory_bytes=None)


def run(
    config: Config, data: TrainingData, cuts: set[int], path: Path
) -> tuple[list[EpochReport], State]:
    """Train to the end, saving and loading anew after each epoch in `cuts`."""
    state, reports = start(config, data), []
    while not state.finished:
        for report in fit(config, data, state):
            reports.append(told(report))
            if report.number in cuts:
                checkpoint.save(state, path)
                state = checkpoint.load(path, config, data)
                break
    return reports, state


def check_that_cuts_leave_no_trace(config: Config, cuts: set[int], folder: Path) -> None:
    data = prepare(fair_history(120), config)
    whole, straight = run(config, data, set(), folder / "never")
    parts, resumed = run(config, data, cuts, folder / "state")
    assert parts == whole
    for tensor in checkpoint.TENSORS:
        assert torch.equal(getattr(straight, tensor), getattr(resumed, tensor))


@pytest.mark.parametrize("name", RUNS)
@given(cuts=st.sets(st.integers(1, 8)))
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_cuts_leave_no_trace(name: str, cuts: set[int], tmp_path: Path) -> None:
    check_that_cuts_leave_no_trace(RUNS[name], cuts, tmp_path)


@pytest.mark.parametrize("name", ["mlp", "gru"])
def test_cuts_leave_no_trace_with_two_threads(name: str, tmp_path: Path) -> None:
    """Few steps: where others compute, two threads wait for each other at every operation."""
    torch.set_num_threads(2)
    config = RUNS[name].replace(epochs=3, threads=2)
    check_that_cuts_leave_no_trace(config, {1, 2}, tmp_path)


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, Config, TrainingData]:
    config = small()
    data, state = begin(config)
    next(fit(config, data, state))
    path = tmp_path / "state.safetensors"
    checkpoint.save(state, path)
    return path, config, data


def shorten(content: bytearray) -> bytearray:
    return content[: len(content) // 2]


def flip_a_weight(content: bytearray) -> bytearray:
    content[-100] ^= 1
    return content


def flip_a_rule(content: bytearray) -> bytearray:
    return content.replace(b'\\"epoch\\": 1', b'\\"epoch\\": 7')


def empty(content: bytearray) -> bytearray:
    return bytearray()


def scribble(content: bytearray) -> bytearray:
    content[:64] = os.urandom(64)
    return content


@pytest.mark.parametrize("damage", [shorten, flip_a_weight, flip_a_rule, empty, scribble])
def test_a_damaged_checkpoint_is_noticed(
    damage: Callable[[bytearray], bytearray], saved: tuple[Path, Config, TrainingData]
) -> None:
    path, config, data = saved
    whole = path.read_bytes()
    broken = damage(bytearray(whole))
    assert broken != whole
    path.write_bytes(broken)
    with pytest.raises(CheckpointDamaged):
        checkpoint.load(path, config, data)


@pytest.mark.parametrize("change", [{"seed": 1}, {"epochs": 7}, {"hidden_size": 24}])
def test_another_runs_checkpoint_is_refused(
    change: dict[str, Any], saved: tuple[Path, Config, TrainingData]
) -> None:
    path, _, data = saved
    with pytest.raises(CheckpointDamaged, match="another configuration"):
        checkpoint.load(path, small(**change), data)


def test_other_draws_are_refused(saved: tuple[Path, Config, TrainingData]) -> None:
    path, config, _ = saved
    with pytest.raises(CheckpointDamaged, match="other draws"):
        checkpoint.load(path, config, prepare(fair_history(160, seed=5), config))


def test_nothing_but_the_checkpoint_is_left_in_the_folder(
    saved: tuple[Path, Config, TrainingData],
) -> None:
    path, _, _ = saved
    assert [file.name for file in path.parent.glob("state*")] == [path.name]


def test_another_number_of_threads_is_said_not_to_be_exact(
    saved: tuple[Path, Config, TrainingData],
) -> None:
    path, config, data = saved
    state = checkpoint.load(path, config, data)
    assert differences(state.environment, environment(config, data)) == []
    torch.set_num_threads(2)
    found = differences(state.environment, environment(config, data))
    assert found == ["threads was 1, is 2"]


def test_other_code_is_said_by_its_digests() -> None:
    config = small()
    here = environment(config, prepare(fair_history(160), config))
    (text,) = differences({**here, "code": "f" * 64}, here)
    assert text == f"trained by other code ({'f' * 12}, here {str(here['code'])[:12]})"
    assert "code was" not in text
    assert differences({}, here)[0].startswith("trained by other code (not recorded")


def test_the_environment_knows_the_code_and_which_draws_did_what() -> None:
    config = small()
    data = prepare(fair_history(160), config)
    found = environment(config, data)
    assert len(str(found["code"])) == 64
    assert found["draws"] == data.fingerprint
    assert found["split"] == "train 5:112 val 112:136 test 136:160"
    other = environment(config, prepare(fair_history(160, seed=1), config))
    assert other["draws"] != found["draws"]
