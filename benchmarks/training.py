"""The engine beside the bare loop, other trainers, many models at once, and the original Helios.

1,800 fair draws, window 20, batch 64, the 18,847-parameter MLP, one thread, unless said. Everything
that is compared runs in turns; ratios are medians over the rounds. Our own loops share a process,
the trainers of others and the whole stack have one each.

    python -m benchmarks.training [--rounds 7] [--quick] [--cpu]

The peers come from requirements-bench.txt; without them their figures say "not measured".
"""

import argparse
import importlib
import statistics
from collections.abc import Callable
from functools import partial

import torch

from benchmarks import bare, many, peers
from benchmarks.bare import Epochs
from benchmarks.contestants import Build, contestants
from benchmarks.reporting import (
    Figure,
    at_least,
    at_most,
    clock,
    in_turns,
    milliseconds,
    not_measured,
    ratio,
    report,
    told,
)
from training.engine.config import PRESETS
from training.engine.fit import set_threads

ORIGINAL_WINDOWS_PER_SECOND = 436  # the original Helios' 786k network, performance.md 9
FASTER = {
    "Lightning": 2.8,
    "Lightning + MLflow autolog": 3.3,
    "Keras 3 on torch": 3.5,
    "skorch": 1.7,
}

Rows = list[Figure]


def against_bare(rounds: int) -> Rows:
    """The engine with one model beside the best plain loop."""
    figures = []
    for kind, epochs, most in (("mlp", 10, 1.10), ("gru", 1, 1.03)):
        works = {"engine": bare.engine(kind, epochs), "bare": bare.index_batches(kind, epochs)}
        seconds = in_turns(works, rounds)
        figures += [
            told(f"{kind}: bare loop", milliseconds(seconds["bare"]), "ms per epoch"),
            told(f"{kind}: engine, K = 1", milliseconds(seconds["engine"]), "ms per epoch"),
            at_most(
                f"{kind}: engine / bare loop", ratio(seconds, "engine", "bare"), "ratio", most
            ),
        ]
    return figures


def whole_stack() -> Epochs:
    """A session as a worker trains it: rows, journal, checkpoints, live."""
    stack = importlib.import_module("benchmarks.stack")  # makes an installation
    return stack.session(bare.SETTINGS["mlp"], 80)


def against_peers(rounds: int) -> Rows:
    """Other trainers beside the whole stack, each in a process of its own."""
    figures: Rows = []
    builds: dict[str, Build] = {"stack": whole_stack}
    for name, (package, build) in peers.PEERS.items():
        if peers.installed(package):
            builds[name] = partial(build, "mlp", 8)
    with contestants(builds) as works:
        seconds = in_turns(works, max(3, rounds))
    figures.append(told("whole stack, K = 1", milliseconds(seconds["stack"]), "ms per epoch"))
    for name, least in FASTER.items():
        title = f"{name} / whole stack"
        if name in seconds:
            figures.append(told(name, milliseconds(seconds[name]), "ms per epoch"))
            figures.append(at_least(title, ratio(seconds, name, "stack"), "ratio", least))
        else:
            figures.append(not_measured(title, "ratio", least, "not installed"))
    return figures


def against_naive(rounds: int) -> Rows:
    """A Dataset that encodes in Python beside the engine."""
    works = {"engine": bare.engine("mlp", 5), "naive": bare.naive(1)}
    seconds = in_turns(works, max(2, rounds // 3))
    name = "Dataset that encodes in Python / engine"
    return [at_least(name, ratio(seconds, "naive", "engine"), "ratio", 40)]


def many_at_once(rounds: int, epochs: int) -> Rows:
    """32 replicas on two cores beside one after another: plain loops, Lightning, our own engine."""
    works: dict[str, Callable[[], float]] = {
        "together": lambda: many.seconds(many.replicas, 32, epochs) / epochs,
        "plain": bare.index_batches("mlp", 5),
        "engine": bare.engine("mlp", 5),
    }
    if peers.installed("lightning"):
        works["lightning"] = peers.lightning("mlp", 3)
    seconds = in_turns(works, max(2, rounds // 2))
    times = {name: 32 * ratio(seconds, name, "together") for name in works}
    name = "32 replicas on 2 cores / {} one after another"
    figures = [
        told("32 replicas", milliseconds(seconds["together"]) / 32, "ms per model and epoch"),
        at_least(name.format("plain loops"), times["plain"], "times faster", 5),
        told(name.format("our engine's K = 1"), times["engine"], "times faster"),
    ]
    peer = name.format("Lightning")
    if "lightning" in times:
        return [*figures, at_least(peer, times["lightning"], "times faster", 10)]
    return [*figures, not_measured(peer, "times faster", 10, "not installed")]


def all_controls(count: int) -> Rows:
    """Controls on simulated draws, 30 epochs each, every epoch stored."""
    seconds = many.seconds(many.controls, count, 30)
    name = f"{count} controls x 30 epochs on 2 cores, stored"
    return [at_most(name, seconds, "s", 45 * count / 200)]


def of_the_original(rounds: int) -> Rows:
    """Training windows per second of the `standard` preset."""
    settings = {**PRESETS["standard"].values, "epochs": 10_000, "patience": 0}
    work = bare.engine("mlp", 2, **settings)
    epoch = statistics.median(work() for _ in range(max(2, rounds // 2)))
    windows = bare.DRAWS - bare.WINDOW - 2 * int(bare.DRAWS * 0.02)
    rate = windows / epoch
    return [
        told("standard: training windows", rate, "per second"),
        at_least(
            "standard / the original Helios",
            rate / ORIGINAL_WINDOWS_PER_SECOND,
            "times faster",
            20,
        ),
    ]


def on_a_gpu(rounds: int) -> Rows:
    """256 models on the GPU beside one on a core of the CPU."""
    name = "GPU, K = 256 / one CPU core"
    if not torch.cuda.is_available():
        return [not_measured(name, "times faster", 100, "no GPU here")]
    works = {
        "gpu": bare.engine("mlp", 3, replicas=256, device="cuda"),
        "cpu": bare.engine("mlp", 3, device="cpu"),
    }
    seconds = in_turns(works, rounds)
    return [at_least(name, 256 * ratio(seconds, "cpu", "gpu"), "times faster", 100, "eager")]


def main() -> None:
    """Measure everything and print the JSON object."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--quick", action="store_true", help="fewer rounds and controls")
    options.add_argument(
        "--cpu", action="store_true", help="CPU time, where others compute too"
    )
    asked = options.parse_args()
    clock.cpu = asked.cpu
    rounds = 3 if asked.quick else asked.rounds
    set_threads(1)
    figures = [
        *against_bare(rounds),
        *against_peers(rounds),
        *against_naive(rounds),
        *many_at_once(rounds, 3 if asked.quick else 8),
        *all_controls(40 if asked.quick else 200),
        *of_the_original(rounds),
        at_most("memory of a training worker", many.worker_memory(), "MB", 500),
        *on_a_gpu(rounds),
    ]
    report(figures)


if __name__ == "__main__":
    main()
