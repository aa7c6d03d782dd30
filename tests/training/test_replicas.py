"""Replicas and sweeps: each model's curve is stored, and the spread between them told."""

from statistics import fmean, stdev

import pytest

from memory.refusals import Invalid
from training import reproduction
from training.services.draws import fair_twin
from training.services.draws.histories import refresh_facts
from training.services.sessions import find_session
from training.tasks import run_slice


@pytest.fixture
def three(start):
    session = start(epochs=4, replicas=3, seed=10)
    run_slice(session.pk)
    return session


def test_each_replica_has_its_own_curve(api, three):
    models = api.get(f"/api/train/sessions/{three.pk}/models").json()["models"]
    assert [model["seed"] for model in models] == [10, 11, 12]
    assert all(len(model["curve"]) == 4 for model in models)
    assert len({tuple(model["curve"]) for model in models}) == 3


def test_the_spread_is_that_of_the_best_gains(api, three):
    answer = api.get(f"/api/train/sessions/{three.pk}/models").json()
    best = [model["bestGain"] for model in answer["models"]]
    assert answer["meanGain"] == pytest.approx(fmean(best))
    assert answer["deviation"] == pytest.approx(stdev(best))
    assert best == [max(model["curve"]) for model in answer["models"]]


def test_an_epoch_row_is_the_mean_of_its_models(api, three):
    models = api.get(f"/api/train/sessions/{three.pk}/models").json()["models"]
    stored = list(three.epochs.values_list("gain", flat=True))
    for number, gain in enumerate(stored):
        assert gain == pytest.approx(fmean(m["curve"][number] for m in models), abs=1e-6)


def test_a_replica_is_the_model_trained_alone(api, start, three):
    alone = start("alone", epochs=4, seed=11)
    run_slice(alone.pk)
    models = api.get(f"/api/train/sessions/{three.pk}/models").json()["models"]
    gains = list(alone.epochs.values_list("gain", flat=True))
    assert models[1]["curve"] == pytest.approx(gains, abs=1e-6)


def test_a_sweep_varies_the_learning_rate(api, drum):
    sweep = [{"learningRate": rate, "weightDecay": 0.0, "seed": 1} for rate in (1e-4, 1e-2)]
    body = {
        "modelName": "sweep",
        "dataSource": "drum",
        "epochs": 2,
        "window": 5,
        "sweep": sweep,
    }
    session = api.post("/api/train/start", body, format="json").json()["sessionId"]
    run_slice(session)
    models = api.get(f"/api/train/sessions/{session}/models").json()["models"]
    assert [model["learningRate"] for model in models] == [1e-4, 1e-2]


@pytest.fixture
def twin(drum):
    """The drum's days with other draws; only a real history has such a twin."""
    drum.kind = "real"
    drum.save()
    return fair_twin(dataset=drum, actor="alice")


def test_a_row_of_a_sweep_may_train_on_draws_of_its_own(api, start, twin):
    rows = [{"seed": 4}, {"seed": 4, "data_source": twin.name}]
    session = start("sweep", epochs=3, sweep=rows)
    run_slice(session.pk)
    models = api.get(f"/api/train/sessions/{session.pk}/models").json()["models"]
    assert [model["dataSource"] for model in models] == ["drum", "drum-fair"]
    assert models[0]["curve"] != models[1]["curve"]
    for model in models:
        alone = start(
            f"on-{model['dataSource']}", epochs=3, seed=4, dataset=model["dataSource"]
        )
        run_slice(alone.pk)
        gains = list(alone.epochs.values_list("gain", flat=True))
        assert model["curve"] == pytest.approx(gains, abs=1e-6)
    assert reproduction.verify_session(session=find_session(session.pk), actor="bob").reproduced


def test_a_row_s_draws_that_changed_end_the_session_clearly(start, twin):
    session = start("sweep", sweep=[{"seed": 4}, {"seed": 4, "data_source": twin.name}])
    twin.draws.last().delete()
    run_slice(session.pk)
    assert find_session(session.pk).error_code == "datasetchanged"


def test_a_row_s_draws_must_be_held_and_as_many(start, twin):
    with pytest.raises(Invalid, match="No dataset has the name nothing"):
        start(sweep=[{"seed": 1, "data_source": "nothing"}])
    twin.draws.last().delete()
    refresh_facts(twin)
    with pytest.raises(Invalid, match="has 239 draws of 5 here, not 240 of 5"):
        start(sweep=[{"seed": 1, "data_source": twin.name}])


def test_the_page_shows_the_spread(signed_in, three):
    page = signed_in.get(f"/sessions/{three.pk}/?tab=models").content.decode()
    assert "3 models: best validation gain" in page
    assert "mean of 3 models; their mixture" in page


def test_a_single_model_has_no_spread(api, start, signed_in):
    session = start()
    run_slice(session.pk)
    answer = api.get(f"/api/train/sessions/{session.pk}/models").json()
    assert (answer["models"], answer["deviation"]) == ([], None)
    page = signed_in.get(f"/sessions/{session.pk}/?tab=models").content.decode()
    assert "This session trains one model" in page
