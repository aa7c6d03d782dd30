"""Each trainer in a process of its own, which waits until it is its turn.

In one process they would slow each other: every package leaves hooks, threads and some hundred
thousand objects behind, which the next collection of garbage walks through.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection

from benchmarks.bare import Epochs
from benchmarks.reporting import clock
from training.engine.fit import set_threads

Build = Callable[[], Epochs]  # importable by name


@contextmanager
def contestants(builds: Mapping[str, Build]) -> Iterator[dict[str, Epochs]]:
    """Works for `in_turns`, each built and warmed up in its own process."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(_contestant(build)) for name, build in builds.items()}


@contextmanager
def _contestant(build: Build) -> Iterator[Epochs]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_take_turns, args=(build, theirs, clock.cpu))
    process.start()
    theirs.close()  # or nobody would notice that the process is gone
    ours.recv()

    def turn() -> float:
        ours.send(True)
        return float(ours.recv())

    yield turn
    ours.send(False)
    process.join()


def _take_turns(build: Build, pipe: Connection, cpu: bool) -> None:
    clock.cpu = cpu
    set_threads(1)
    work = build()
    work()  # imports, databases and caches
    pipe.send(True)
    while pipe.recv():
        pipe.send(work())
