"""Reflection over much data, and whether its evidence keeps its promises.

    python -m benchmarks.reflection

Comparison over HTTP means through the whole stack of middleware and JSON, by the test client.
"""

import statistics
import time

import numpy as np

from benchmarks.installation import installation
from benchmarks.reporting import Figure, at_most, report, told

HOME = installation()

from django.contrib.auth.models import User  # noqa: E402 - after the installation
from django.core.cache import cache  # noqa: E402
from django.utils import timezone  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402

from benchmarks.walk_forward import walk_forward  # noqa: E402
from reflection.statistics.evidence import (  # noqa: E402
    accepted_by_e_bh,
    hedged_wealth,
    house_wealth,
    wealth,
)
from reflection.statistics.scores import Drum, white_gain  # noqa: E402
from registry.models import ModelArtifact, RegisteredModel  # noqa: E402
from registry.services import reserve_model  # noqa: E402
from training.engine.config import Config  # noqa: E402
from training.models import Dataset, Epoch, TrainingSession  # noqa: E402
from training.services.draws import simulate_dataset  # noqa: E402

MODELS, SESSIONS, EPOCHS, TEST_DRAWS = 20, 50, 100, 208
ERA_DRAWS = 1436


def main() -> None:
    """Measure everything; nothing is kept."""
    report([*evidence_speed(), *type_one_error(), *power(), *comparison(), *walk_forward()])


def evidence_speed() -> list[Figure]:
    """Hedged evidence of 50 models x 1,436 draws, from stored gains to bankroll."""

    gains = np.random.default_rng(0).normal(-0.02, 0.2, size=(50, ERA_DRAWS))
    numbers = np.arange(1, 51)
    times = []
    for _ in range(9):
        start = time.perf_counter()
        paths = hedged_wealth(gains)
        house_wealth(numbers, paths)
        accepted_by_e_bh(np.exp2(paths[:, -1]))
        times.append(1000 * (time.perf_counter() - start))
    middle = statistics.median(times)
    return [at_most("evidence for 50 models x 1,436 draws", middle, "ms", 100)]


def type_one_error() -> list[Figure]:
    """Fair histories in which a noise forecast ever passed 20, looking after every draw."""

    rng = np.random.default_rng(1)
    theta = rng.normal(0.0, 0.1, size=69)
    fair = np.argpartition(rng.random((400_000, 69)), 5, axis=-1)[:, :5]
    scored = white_gain(theta, fair)
    gains = scored[rng.integers(0, scored.size, size=(2000, ERA_DRAWS))]
    crossed = {
        "raw": wealth(gains).max(axis=1) >= np.log2(20),
        "hedged": hedged_wealth(gains).max(axis=1) >= np.log2(20),
    }
    return [
        at_most(
            f"type-I error, {name}, 2,000 fair histories", float(share.mean()), "share", 0.05
        )
        for name, share in crossed.items()
    ]


def power() -> list[Figure]:
    """One ball at +20, +50 and +100 % of its chance, known to the forecaster: draws to pass 20.

    The reference (statistics.md 3.4), from a few hundred histories: half within 1,526, 250 and
    77 draws, 80 % within 3,054, 522 and 154.
    """
    rng, chance = np.random.default_rng(2), Drum().inclusion
    reference = {0.2: (1526, 3054), 0.5: (250, 522), 1.0: (77, 154)}
    figures = []
    for change, expected in reference.items():
        q, draws = chance * (1 + change), 4 * expected[1]
        hit = rng.random((2000, draws)) < q
        gains = np.where(hit, np.log2(q / chance), np.log2((1 - q) / (1 - chance)))
        passed = wealth(gains) >= np.log2(20)
        first = np.where(passed.any(axis=1), passed.argmax(axis=1) + 1, draws)
        for share, wanted in zip((0.5, 0.8), expected, strict=True):
            name = f"draws in which {share:.0%} of histories find a ball at +{change:.0%}"
            found = float(np.quantile(first, share))
            figures.append(Figure(name, found, "draws", wanted, abs(found / wanted - 1) < 0.12))
    return figures


def comparison() -> list[Figure]:
    """20 models, 50 sessions each, 100 epochs each, compared over HTTP."""

    names = fill()
    client = APIClient(SERVER_NAME="localhost")
    client.force_authenticate(User.objects.create_superuser("bench"))

    def once() -> float:
        """Milliseconds of one comparison."""
        start = time.perf_counter()
        answer = client.post("/api/reflection/compare", {"models": names}, format="json")
        assert answer.status_code == 200, answer.content
        return 1000 * (time.perf_counter() - start)

    once()
    cold, warm = [], []
    for _ in range(15):
        cache.clear()
        cold.append(once())
        warm.append(once())
    return [
        at_most("compare 20 models, cold", statistics.median(cold), "ms", 150),
        at_most("compare 20 models, unchanged", statistics.median(warm), "ms", 30),
        told("epoch rows behind the comparison", MODELS * SESSIONS * EPOCHS, "rows"),
    ]


def fill() -> list[str]:
    """Models, sessions, epochs and scored versions, straight into the tables."""
    rng = np.random.default_rng(3)
    dataset = simulate_dataset(name="bench", actor="bench", draws=1000, seed=1)
    days = [str(draw.date) for draw in dataset.draws.order_by("date")][-TEST_DRAWS:]
    names = [f"model-{place}" for place in range(MODELS)]
    for place, name in enumerate(names):
        model = reserve_model(name=name, actor="bench")
        config = Config.parse({"hidden_size": 8 + 8 * place}).as_dict()
        sessions = add_sessions(model, dataset, config, rng)
        test = rng.normal(-0.02, 0.25, size=TEST_DRAWS)
        scored = {"dates": days, "gains": test.tolist(), "hits": [0] * TEST_DRAWS}
        model.newest = ModelArtifact.objects.create(
            model=model,
            version=1,
            folder=name,
            size_bytes=0,
            encoder="mlp",
            config=config,
            parameter_count=20_000,
            dataset_name=dataset.name,
            dataset_fingerprint=dataset.fingerprint,
            session_id=sessions[-1].pk,
            test_gain=float(test.mean()),
            metrics={"train_seconds": 2.0 + place},
            evaluation={"test": scored},
        )
        model.save()
    return names


def add_sessions(
    model: RegisteredModel, dataset: Dataset, config: dict, rng: np.random.Generator
) -> list[TrainingSession]:
    """50 completed sessions of a model with 100 epochs each."""
    now, gains = timezone.now(), rng.normal(-0.01, 0.2, size=(SESSIONS, EPOCHS))
    over = {"state": "completed", "total_epochs": EPOCHS, "current_epoch": EPOCHS}
    about = {"dataset_fingerprint": dataset.fingerprint, "config": config, "actor": "bench"}
    sessions = TrainingSession.objects.bulk_create(
        TrainingSession(
            model=model,
            dataset=dataset,
            best_gain=float(row.max()),
            best_epoch=int(row.argmax()) + 1,
            **over,
            **about,
        )
        for row in gains
    )
    same = {"train_bits": 28.0, "learning_rate": 0.001, "grad_norm": 1.0, "seconds": 0.02}
    Epoch.objects.bulk_create(
        Epoch(session=session, number=at, val_bits=28.1224 - gain, gain=gain, at=now, **same)
        for session, row in zip(sessions, gains.tolist(), strict=True)
        for at, gain in enumerate(row, 1)
    )
    return sessions


if __name__ == "__main__":
    main()
