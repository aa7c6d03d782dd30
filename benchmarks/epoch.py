"""What the whole stack (rows, checkpoints, live, lease) adds to an epoch over the bare engine.

Both loops train the same configuration in one process, in turns. A wandering clock moves them
by more than the stack costs, so what is added is taken within one run: the loop's wall time
less the time the engine itself reports for its epochs. The ratio of the two loops is told too.
Beside it: one raw SQLite transaction of the same size, the least that storing can cost.

    python -m benchmarks.epoch [--epochs 200] [--rounds 5]
"""

import argparse
import shutil
import sqlite3
import statistics
import time

from benchmarks.reporting import at_most, report, told
from benchmarks.stack import HOME, bare, draws, whole
from training.engine.config import Config
from training.engine.fit import set_threads

SETTINGS = {"mlp": {}, "gru": {"encoder": "gru", "features": ["window"], "hidden_size": 160}}


def raw_transaction(rounds: int = 300) -> float:
    """Median seconds of one SQLite transaction with one row of an epoch's size."""
    connection = sqlite3.connect(HOME / "raw.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("CREATE TABLE epoch (number, a, b, c, d, e, f, best, at)")
    seconds = []
    for number in range(rounds):
        began = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO epoch VALUES (?,1.,2.,3.,4.,5.,6.,0,'')", (number,))
        connection.execute("COMMIT")
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--epochs", type=int, default=200)
    options.add_argument("--rounds", type=int, default=5)
    asked = options.parse_args()
    set_threads(1)
    dataset = draws()
    figures = []
    for encoder, settings in SETTINGS.items():
        epochs = asked.epochs if encoder == "mlp" else max(3, asked.epochs // 25)
        config = Config.parse({"epochs": epochs, **settings})
        bare(config, dataset)
        alone, stack, inside, fixed = [], [], [], []
        for _ in range(asked.rounds):
            alone.append(bare(config, dataset))
            loop, engine, rest = whole(config, dataset)
            stack.append(loop)
            inside.append(engine)
            fixed.append(rest)
        added = [1e3 * (s - a) for s, a in zip(stack, inside, strict=True)]
        share = [s / a for s, a in zip(stack, inside, strict=True)]
        turns = [s / a for s, a in zip(stack, alone, strict=True)]
        most = 1.05 if encoder == "mlp" else 1.01
        figures += [
            told(f"{encoder}: bare engine", 1e3 * statistics.median(alone), "ms per epoch"),
            told(f"{encoder}: whole stack", 1e3 * statistics.median(stack), "ms per epoch"),
            at_most(
                f"{encoder}: added by the stack", statistics.median(added), "ms per epoch", 1.0
            ),
            at_most(
                f"{encoder}: whole stack / its engine", statistics.median(share), "ratio", most
            ),
            told(
                f"{encoder}: whole stack / bare loop, in turns",
                statistics.median(turns),
                "ratio",
            ),
            told(f"{encoder}: start and end of a session", statistics.median(fixed), "s"),
        ]
    figures.append(told("one raw SQLite transaction", 1e3 * raw_transaction(), "ms"))
    report(figures)
    shutil.rmtree(HOME, ignore_errors=True)


if __name__ == "__main__":
    main()
