"""Models with settings that train in a blink, on short drums."""

import datetime as dt

import numpy as np
import pytest
import torch

from reflection.models import Backtest
from reflection.services import jobs
from reflection.tasks import run_job_slice
from registry.models import ModelArtifact
from registry.networks.spec import layout
from registry.services import VersionRecord, reserve_model, save_version
from training.draws.simulate import Bias
from training.engine.config import Config
from training.services.draws import simulate_dataset

SMALL = {"epochs": 3, "hidden_size": 8, "window": 5, "batch_size": 32}
ASKED = {"origin": 90, "refit": 30}
FEW_DRAWS = 170


@pytest.fixture(autouse=True)
def one_thread():
    """What a worker does before it trains."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def drum(db):
    return simulate_dataset(name="drum", actor="alice", draws=FEW_DRAWS, matrix="5/69+26")


@pytest.fixture
def bent(db):
    """A drum whose ball 7 comes nearly always."""
    bias = Bias(ball=7, weight=100.0)
    return simulate_dataset(
        name="bent", actor="alice", draws=FEW_DRAWS, matrix="5/69+26", bias=bias
    )


@pytest.fixture
def version(drum):
    """A version of a model that was trained on a drum: `version("owl", epochs=5)`."""

    def make(name: str = "owl", dataset: str = "drum", **settings) -> ModelArtifact:
        config = Config.parse({**SMALL, **settings})
        spec = config.spec(white=69, bonus=26)
        days = [str(drum.last_date - dt.timedelta(days=i)) for i in range(20)][::-1]
        test = {"dates": days, "gains": [0.0] * 20, "hits": [0] * 20}
        record = VersionRecord(
            config=config.as_dict(),
            network=spec.as_dict(),
            dataset_name=dataset,
            dataset_fingerprint="ab" * 32,
            session_id=None,
            metrics={"test_gain": 0.0, "test_n": 20},
            evaluation={"test": test},
        )
        weights = {part: np.zeros((1, *shape), np.float32) for part, shape in layout(spec)}
        model = reserve_model(name=name, actor="alice")
        return save_version(model=model, weights=weights, record=record, actor="alice")

    return make


@pytest.fixture
def backtest(enqueued):
    """Run a backtest to its end: `backtest("owl", refit=60)`."""

    def run(name: str = "owl", **asked) -> Backtest:
        settings = {"model_name": name, **ASKED, **asked}
        job = jobs.start_job(kind="backtest", settings=settings, actor="alice")
        run_job_slice(job.pk)
        job.refresh_from_db()
        assert job.error == ""
        return Backtest.objects.get(pk=job.result["backtest"])

    return run
