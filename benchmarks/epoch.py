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

from benchmarks.installation import installation
from benchmarks.reporting import at_most, report, told

HOME = installation()

from training.engine.config import Config  # noqa: E402 - after the installation
from training.engine.data import prepare  # noqa: E402
from training.engine.fit import fit, set_threads, start  # noqa: E402
from training.models import Dataset, TrainingSession  # noqa: E402
from training.services import sessions, slices  # noqa: E402
from training.services.draws import load_history, simulate_dataset  # noqa: E402
from training.services.planning import history_of  # noqa: E402
from training.tasks import Recorder, follow  # noqa: E402

SETTINGS = {"mlp": {}, "gru": {"encoder": "gru", "features": ["window"], "hidden_size": 160}}


def bare(config: Config, dataset: Dataset) -> float:
    """Seconds per epoch of the engine alone."""
    data = prepare(load_history(dataset), config)
    state = start(config, data)
    began = time.perf_counter()
    for _ in fit(config, data, state):
        pass
    return (time.perf_counter() - began) / config.epochs


def whole(config: Config, dataset: Dataset, name: str) -> tuple[float, float, float]:
    """Seconds per epoch of a session with everything stored, the engine's part of them, and
    the session's fixed seconds.
    """
    began = time.perf_counter()
    session = sessions.start_session(
        model_name=name,
        dataset_name=dataset.name,
        settings=config.as_dict(),
        actor="benchmark",
        queued=False,
    )
    lease = slices.claim(session_id=session.pk, owner="benchmark")
    assert lease is not None
    data = prepare(history_of(session), config)
    state = start(config, data)
    recorder = Recorder(lease, state)
    ready = time.perf_counter()
    with slices.beating(lease):
        engine: list[float] = []
        follow(fit(config, data, state), recorder, lambda report: engine.append(report.seconds))
    seconds = time.perf_counter() - ready
    slices.discard(lease=lease)
    assert TrainingSession.objects.get(pk=session.pk).current_epoch == config.epochs
    fixed = time.perf_counter() - began - seconds
    return seconds / config.epochs, sum(engine) / config.epochs, fixed


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
    simulate_dataset(name="bench", actor="benchmark", draws=1800, matrix="5/69+26")
    dataset = Dataset.objects.get(name="bench")
    figures = []
    for encoder, settings in SETTINGS.items():
        epochs = asked.epochs if encoder == "mlp" else max(3, asked.epochs // 25)
        config = Config.parse({"epochs": epochs, **settings})
        bare(config, dataset)
        alone, stack, inside, fixed = [], [], [], []
        for turn in range(asked.rounds):
            alone.append(bare(config, dataset))
            loop, engine, rest = whole(config, dataset, f"{encoder}-{turn}")
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
