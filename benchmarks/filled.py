"""Rows in bulk for what measures pages: as many as a large installation has.

Written straight into the tables, but for the journal, whose chain is made as it always is.
"""

import datetime as dt
import random

from django.db import transaction
from django.utils import timezone

from memory import services as journal
from registry.models import ModelAlias, ModelArtifact, ModelTag, RegisteredModel
from training.engine.config import Config
from training.models import Dataset, TrainingSession
from training.services.draws import simulate_dataset

ENCODERS = ("mlp", "gru", "transformer", "counts")
BATCH = 2_000


def fill(*, models: int, sessions: int, entries: int) -> Dataset:
    """So many models with a scored version each, sessions and entries, of a simulated history."""
    dataset = Dataset.objects.filter(name="bench").first() or simulate_dataset(
        name="bench", actor="bench", draws=400, seed=1
    )
    rows = add_models(models, dataset)
    add_sessions(sessions, rows, dataset)
    add_entries(entries, rows)
    return dataset


def add_models(count: int, dataset: Dataset) -> list[RegisteredModel]:
    """Models with one version, an alias here and a tag there."""
    dice, first = random.Random(1), RegisteredModel.objects.count() + 1
    rows = RegisteredModel.objects.bulk_create(
        RegisteredModel(name=f"model-{n}", key=f"model-{n}", number=n, created_by="bench")
        for n in range(first, first + count)
    )
    versions = ModelArtifact.objects.bulk_create(
        [version_of(row, dataset, dice) for row in rows], batch_size=BATCH
    )
    for row, version in zip(rows, versions, strict=True):
        row.newest = version
    RegisteredModel.objects.bulk_update(rows, ["newest"], batch_size=100)
    some = versions[::5]
    ModelAlias.objects.bulk_create(
        ModelAlias(model=one.model, alias="challenger", version=one) for one in some
    )
    ModelTag.objects.bulk_create(ModelTag(model=one.model, text="fifth") for one in some)
    return rows


def version_of(model: RegisteredModel, dataset: Dataset, dice: random.Random) -> ModelArtifact:
    """A version with scores near chance and a curve."""
    gain = dice.gauss(-0.005, 0.01)
    curve = [round(gain - 0.1 / (n + 1), 5) for n in range(60)]
    return ModelArtifact(
        model=model,
        version=1,
        folder=f"{model.name}-1",
        size_bytes=100_000,
        encoder=dice.choice(ENCODERS),
        parameter_count=20_000,
        dataset_name=dataset.name,
        dataset_fingerprint=dataset.fingerprint,
        matrix="5/69+26",
        trained_until=dt.date(2025, 3, 1),
        val_gain=gain,
        val_low=gain - 0.02,
        val_high=gain + 0.02,
        test_gain=gain,
        test_low=gain - 0.02,
        test_high=gain + 0.02,
        metrics={"best_epoch": 30, "epochs": 60, "curve": curve, "train_seconds": 2.0},
    )


def add_sessions(count: int, models: list[RegisteredModel], dataset: Dataset) -> None:
    """Sessions that are over, spread over half a year."""
    now = timezone.now()
    configs = [Config.parse({"encoder": "mlp", "seed": seed}).as_dict() for seed in range(4)]
    rows = TrainingSession.objects.bulk_create(
        [
            TrainingSession(
                model=models[n % len(models)],
                dataset=dataset,
                dataset_fingerprint=dataset.fingerprint,
                config=configs[n % len(configs)],
                state="failed" if n % 20 == 0 else "completed",
                actor="bench",
                total_epochs=60,
                current_epoch=60,
                best_epoch=30,
                best_gain=-0.005,
                process_seconds=2.0,
                artifact=models[n % len(models)].newest,
                finished_at=now - dt.timedelta(hours=4 * n),
            )
            for n in range(count)
        ],
        batch_size=BATCH,
    )
    for n, row in enumerate(rows):
        row.created_at = now - dt.timedelta(hours=4 * n)
    TrainingSession.objects.bulk_update(rows, ["created_at"], batch_size=100)


def add_entries(count: int, models: list[RegisteredModel]) -> None:
    """Entries of the journal, by the verb that writes all of them."""
    for begin in range(0, count, BATCH):
        with transaction.atomic():
            for n in range(begin, min(begin + BATCH, count)):
                journal.append(
                    event_type="note_added",
                    actor="bench",
                    model_name=models[n % len(models)].name,
                    metadata={"text": f"entry {n} of the bench"},
                )
