"""Sessions and their epochs by the ten thousand: lists sorted by gain, and bytes of an epoch."""

import random
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
from django.core.management import call_command
from django.db import connection

from memory import space
from registry.models import ModelArtifact, RegisteredModel
from training.models import CompactedEpochs, Dataset, Epoch, EpochFile, TrainingSession

BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
MODELS, DRAWS = 500, 200
CHANCE = 28.122387543405754  # bits of a fair drum, 5 of 69 and 1 of 26


def seed_sessions(count: int, seed: int = 1) -> None:
    """Sessions of MODELS models, each with a version that holds the gain of DRAWS draws."""
    rng = random.Random(seed)
    dataset = Dataset.objects.create(name="bench", game="powerball", kind="simulated")
    models = RegisteredModel.objects.bulk_create(
        RegisteredModel(name=f"bench-{n}", key=f"bench-{n}", number=n + 1)
        for n in range(MODELS)
    )
    versions = ModelArtifact.objects.bulk_create(
        (
            ModelArtifact(
                model=models[n % MODELS],
                version=n // MODELS + 1,
                folder=f"bench-{n % MODELS}/{n // MODELS + 1}",
                encoder="mlp",
                size_bytes=90_000,
                parameter_count=18_847,
                dataset_name="bench",
                evaluation={"test": {"gains": [rng.gauss(0, 1) for _ in range(DRAWS)]}},
            )
            for n in range(count)
        ),
        batch_size=500,
    )
    states = ("completed",) * 8 + ("stopped", "failed")
    TrainingSession.objects.bulk_create(
        (
            TrainingSession(
                model=version.model,
                dataset=dataset,
                artifact=version,
                config={"encoder": "mlp", "epochs": 100},
                state=states[n % 10],
                current_epoch=100,
                total_epochs=100,
                best_epoch=rng.randrange(1, 100),
                best_gain=rng.gauss(0, 0.01),
                finished_at=BEGAN + timedelta(hours=n),
            )
            for n, version in enumerate(versions)
        ),
        batch_size=500,
    )


def epoch_bytes(sessions: int, epochs: int) -> tuple[float, float, float]:
    """Bytes of an epoch in the database, in its archive, and the part of the rows that stays."""
    rng = np.random.default_rng(1)
    chosen = list(TrainingSession.objects.order_by("pk")[:sessions])
    for session in chosen:
        Epoch.objects.bulk_create(_epochs(session, epochs, rng), batch_size=1000)
    pks = [session.pk for session in chosen]
    TrainingSession.objects.filter(pk__in=pks).update(current_epoch=epochs)
    TrainingSession.objects.exclude(pk__in=pks).update(current_epoch=0)
    hot = space.measure()["epochs"] / Epoch.objects.count()
    call_command("compact_memory", "--part", "epochs", "--older-than", "0d", stdout=sys.stderr)
    assert CompactedEpochs.objects.count() == sessions
    archived = sum(EpochFile.objects.values_list("size_bytes", flat=True))
    stay = Epoch.objects.count() / (sessions * epochs)
    connection.close()
    return hot, archived / (sessions * epochs), stay


def _epochs(session: TrainingSession, count: int, rng: np.random.Generator) -> list[Epoch]:
    """As the engine measures: nats in single precision, the rest made from them."""
    nats = rng.normal(0, 0.3, (count, 2)).astype(np.float32).astype(float) / np.log(2)
    norms = np.abs(rng.normal(1, 0.3, count)).astype(np.float32).astype(float)
    seconds = np.round(rng.gamma(9, 0.0015, count), 6)
    return [
        Epoch(
            session=session,
            number=n + 1,
            train_bits=CHANCE - nats[n, 0],
            val_bits=CHANCE - nats[n, 1],
            gain=nats[n, 1],
            learning_rate=1e-3,
            grad_norm=norms[n],
            seconds=seconds[n],
            at=BEGAN + timedelta(seconds=(n // 18) * 0.25, microseconds=9 * n),
        )
        for n in range(count)
    ]
