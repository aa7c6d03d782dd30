"""Versions to try things on: the smallest network, saved through the verb."""

from collections.abc import Callable

import numpy as np
import pytest

from registry.models import ModelArtifact
from registry.networks.spec import NetSpec, layout
from registry.services import VersionRecord, reserve_model, save_version

NETWORK = NetSpec(encoder="mlp", white=69, bonus=26, window=3, hidden=8)
GAINS = {"dates": ["2026-01-03", "2026-01-05", "2026-01-07"], "gains": [0.2, -0.1, 0.05]}


def random_weights(network: NetSpec = NETWORK, members: int = 1) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(0)
    return {
        name: generator.normal(size=(members, *shape)).astype(np.float32)
        for name, shape in layout(network)
    }


def a_record(**changes: object) -> VersionRecord:
    facts = {
        "config": {"encoder": "mlp", "seed": 7, "epochs": 3},
        "network": NETWORK.as_dict(),
        "dataset_name": "practice",
        "dataset_fingerprint": "ab" * 32,
        "metrics": {"best_epoch": 2, "epochs": 3, "val_gain": -0.01, "test_gain": 0.05},
        "evaluation": {"test": {**GAINS, "hits": [0, 1, 0]}},
        "history": [
            {"number": n, "train_bits": 28.2, "val_bits": 28.3, "gain": -0.1 * n}
            for n in range(1, 101)
        ],
        "environment": {"numpy": np.__version__},
    }
    return VersionRecord(**{**facts, **changes})


@pytest.fixture
def make_version(
    db: None, django_capture_on_commit_callbacks: Callable
) -> Callable[..., ModelArtifact]:
    """Save one more version of a model, as training does at its end, and commit."""

    def make(name: str = "owl", **changes: object) -> ModelArtifact:
        model = reserve_model(name=name, actor="alice")
        weights = changes.pop("weights", None) or random_weights()
        record = a_record(**changes)
        with django_capture_on_commit_callbacks(execute=True):
            return save_version(model=model, weights=weights, record=record, actor="alice")

    return make
