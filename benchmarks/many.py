"""Many models at once: two processes of one thread, each training a state of K rows."""

import multiprocessing
import os
import sqlite3
import tempfile
from collections.abc import Callable
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from benchmarks.bare import SETTINGS, fair_draws
from benchmarks.reporting import clock
from training.engine import checkpoint
from training.engine.config import Config
from training.engine.data import prepare, prepare_many
from training.engine.fit import fit, set_threads, start

PROCESSES = 2
CHUNK = 20  # controls that train together


def replicas(rank: int, count: int, epochs: int, ready: Callable[[], object]) -> None:
    """`count` replicas of the small MLP for some epochs, after one to warm up."""
    settings = {**SETTINGS["mlp"], "epochs": epochs + 1, "replicas": count, "seed": 1000 * rank}
    config = Config.parse(settings)
    data = prepare(fair_draws(), config)
    reports = fit(config, data, start(config, data))
    next(reports)
    ready()
    for _ in reports:
        pass


def controls(rank: int, count: int, epochs: int, ready: Callable[[], object]) -> None:
    """`count` controls, each on fair draws of its own, every epoch of every one stored."""
    ready()
    with tempfile.TemporaryDirectory() as folder:
        store = sqlite3.connect(Path(folder) / "epochs.sqlite3", isolation_level=None)
        store.execute("PRAGMA journal_mode=WAL")
        store.execute("CREATE TABLE epoch (control, number, train, val, gain, norm)")
        for first in range(0, count, CHUNK):
            seed = 1000 * rank + first
            settings = {"epochs": epochs, "replicas": min(CHUNK, count - first), "seed": seed}
            config = Config.parse({**SETTINGS["mlp"], **settings})
            histories = [fair_draws(seed + k) for k in range(config.replicas)]
            data = prepare_many(histories, config)
            state = start(config, data)
            for report in fit(config, data, state):
                figures = [
                    (
                        seed + k,
                        report.number,
                        row.train_bits,
                        row.val_bits,
                        row.gain,
                        row.grad_norm,
                    )
                    for k, row in enumerate(report.rows)
                ]
                store.execute("BEGIN")
                store.executemany("INSERT INTO epoch VALUES (?, ?, ?, ?, ?, ?)", figures)
                store.execute("COMMIT")
            checkpoint.save(state, Path(folder) / f"{seed}.safetensors")


def seconds(work: Callable[..., None], total: int, epochs: int) -> float:
    """What `total` models take on two processes that start together: the slower one's seconds."""
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(PROCESSES), context.SimpleQueue()
    workers = [
        context.Process(
            target=_run,
            args=(work, rank, total // PROCESSES, epochs, barrier, answers, clock.cpu),
        )
        for rank in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    return max(answers.get() for _ in workers)


def _run(
    work: Callable[..., None],
    rank: int,
    share: int,
    epochs: int,
    barrier: Barrier,
    answers: "SimpleQueue[float]",
    cpu: bool,
) -> None:
    clock.cpu = cpu
    set_threads(1)
    began: list[float] = []
    work(rank, share, epochs, lambda: (barrier.wait(), began.append(clock())))
    answers.put(clock() - began[0])


def worker_memory() -> float:
    """MB a process needs at most to train the small MLP, torch included."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=_measure_memory, args=(theirs,))
    worker.start()
    megabytes = float(ours.recv())
    worker.join()
    return megabytes


def _measure_memory(pipe: object) -> None:
    set_threads(1)
    replicas(0, 1, 5, os.getpid)
    peak = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
    pipe.send(int(peak) / 1024)  # type: ignore[attr-defined]
