"""A practice drum small enough to train on in a blink, and sessions on it."""

import datetime as dt

import numpy as np
import pytest

from training.models import Dataset, Draw, TrainingSession
from training.services import leases, sessions
from training.services.draws.histories import refresh_facts

FEW = {"epochs": 3, "hidden_size": 8, "window": 5, "batch_size": 32}


@pytest.fixture
def drum(db) -> Dataset:
    """240 fair draws of today's matrix, made by numpy."""
    rng = np.random.default_rng(7)
    dataset = Dataset.objects.create(name="drum", game="powerball", kind="simulated")
    first = dt.date(2015, 10, 7)
    rows = []
    for i in range(240):
        white = sorted(int(ball) + 1 for ball in rng.choice(69, 5, replace=False))
        balls = {f"white{j}": ball for j, ball in enumerate(white, 1)}
        bonus = int(rng.integers(1, 27))
        date = first + dt.timedelta(days=7 * i)
        rows.append(Draw(dataset=dataset, date=date, bonus=bonus, **balls))
    Draw.objects.bulk_create(rows)
    refresh_facts(dataset)
    return dataset


@pytest.fixture
def start(drum, alice):
    """Start a session: `start(name="m", epochs=2)`."""

    def start(name: str = "first", dataset: str = "drum", **settings) -> TrainingSession:
        return sessions.start_session(
            model_name=name, dataset_name=dataset, settings={**FEW, **settings}, actor="alice"
        )

    return start


@pytest.fixture
def enqueued(monkeypatch):
    """The rows handed to the queue, in order."""
    handed = []
    monkeypatch.setattr(leases, "enqueue", lambda model, pk: handed.append(pk))
    return handed
