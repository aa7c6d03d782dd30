"""The writing process of benchmarks/live.py: commits epochs through the verb a worker uses.

Prints one JSON line: number of the epoch -> wall time right after its commit.
"""

import argparse
import json
import time

import django

django.setup()

from training.engine.reports import EpochReport  # noqa: E402 - needs the apps
from training.models import TrainingSession  # noqa: E402
from training.services.slices import Lease, record  # noqa: E402


def report_of(number: int) -> EpochReport:
    """An epoch like any other."""
    return EpochReport(
        number=number,
        train_bits=28.12,
        val_bits=28.13,
        gain=-0.007612,
        learning_rate=0.001,
        grad_norm=1.25,
        seconds=0.1,
        best=number == 1,
        rows=(),
        loss=19.5,
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("session", type=int)
    options.add_argument("token", type=int)
    options.add_argument("--rate", type=float, default=10.0)
    options.add_argument("--epochs", type=int, default=200)
    asked = options.parse_args()
    lease = Lease(TrainingSession, asked.session, asked.token, "benchmark")
    committed: dict[int, float] = {}
    began = time.monotonic()
    for number in range(1, asked.epochs + 1):
        time.sleep(max(0.0, began + number / asked.rate - time.monotonic()))
        record(lease=lease, reports=[report_of(number)], checkpoint="", seconds=0.1)
        committed[number] = time.time()
    print(json.dumps(committed))


if __name__ == "__main__":
    main()
