"""A walk-forward replay: nothing looks ahead, and every fold is what it would be alone."""

import numpy as np
import pytest

from reflection.walking.data import gather
from reflection.walking.folds import Fold, Protocol, chunks, folds, probes
from reflection.walking.poison import poisoned, probe
from reflection.walking.walk import scores, walk
from registry.networks import features
from registry.networks.history import History
from tests.reflection.walking.conftest import history
from training.engine.selection import DataError

PROTOCOL = Protocol(origin=90, refit=30)
ENCODERS = {
    "mlp": {},
    "mlp with dropout": {"dropout": 0.3, "replicas": 2},
    "gru": {"encoder": "gru", "features": ["window"]},
    "transformer": {"encoder": "transformer", "features": ["window", "calendar"], "heads": 2},
    "counts": {"encoder": "counts"},
    "overlap": {"encoder": "overlap"},
}


def said(one: History, config, protocol=PROTOCOL) -> np.ndarray:
    data = gather([one], config, protocol)
    return np.concatenate([part[0].logits for part in scores(config, data, protocol)])


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize("kind", ENCODERS)
def test_the_forecast_of_a_draw_does_not_depend_on_it_or_any_later_one(small, kind, warm):
    config, protocol = small.replace(**ENCODERS[kind]), Protocol(90, 30, warm)
    clean = history(1)
    truth = said(clean, config, protocol)
    for at in (120, 137):  # the first draw of a fold, and one in its middle
        bent = said(poisoned(clean, at), config, protocol)
        assert np.array_equal(truth[: at - 90 + 1], bent[: at - 90 + 1])
        assert kind == "mlp" or not np.array_equal(truth, bent)


@pytest.mark.parametrize("more", [{}, {"patience": 1, "dropout": 0.2}, {"grad_clip": 0.1}])
def test_a_fold_has_the_bits_it_has_alone(small, more):
    config, clean = small.replace(epochs=6, **more), history(2)
    together = walk([clean], config, PROTOCOL)[0]
    for cut in (120, 150):
        alone = walk([clean], config, Protocol(cut, 30))[0]
        assert np.array_equal(together.gains[cut - 90 :], alone.gains)


def test_many_histories_at_once_have_the_bits_of_one_by_one(small):
    three = [history(seed) for seed in (3, 4, 5)]
    together = walk(three, small, PROTOCOL)
    for one, found in zip(three, together, strict=True):
        assert np.array_equal(walk([one], small, PROTOCOL)[0].gains, found.gains)


def test_a_warm_refit_goes_on_from_the_fold_before(small):
    clean = history(6)
    cold, warm = (
        walk([clean], small, Protocol(90, 30, warm))[0].gains for warm in (False, True)
    )
    assert np.array_equal(cold[:30], warm[:30])
    assert not np.array_equal(cold[30:60], warm[30:60])


def test_a_ball_that_comes_too_often_is_found(small):
    config = small.replace(epochs=20)
    fair, bent = history(7), history(7, favourite=11)
    gains = [found.gains.sum() for found in walk([fair, bent], config, PROTOCOL)]
    assert gains[0] < 1.0
    assert gains[1] > 10.0


def test_the_uniform_forecast_gains_nothing_and_counts_look_no_further_than_the_draw(small):
    clean = history(8)
    assert not walk([clean], small.replace(encoder="uniform"), PROTOCOL)[0].gains.any()
    found = walk([clean], small.replace(encoder="counts"), PROTOCOL)[0]
    assert (found.first, len(found.gains)) == (90, 100)


def test_every_draw_after_the_origin_belongs_to_one_fold():
    found = folds(190, PROTOCOL)
    assert found == [Fold(90, 120), Fold(120, 150), Fold(150, 180), Fold(180, 190)]


def test_chunks_are_as_large_as_pays(small):
    spec = small.spec(white=69, bonus=26)
    assert [len(part) for part in chunks(1390, small, Protocol(), spec)] == [22]
    assert {len(part) for part in chunks(1390, small, Protocol(warm=True), spec)} == {1}
    gru = small.replace(encoder="gru", features=["window"], replicas=3)
    assert {
        len(part) for part in chunks(1390, gru, Protocol(), gru.spec(white=69, bonus=26))
    } == {2}
    assert {len(part) for part in chunks(1390, small, Protocol(), spec, 19)} == {1}


def test_what_cannot_be_walked_is_said_with_the_remedy(small):
    with pytest.raises(DataError, match="origin: Only 190 draws are selected; 190 come before"):
        walk([history(9)], small, Protocol(190, 30))
    with pytest.raises(DataError, match="train on 12 draws and validate on 3"):
        walk([history(9)], small, Protocol(20, 30))
    with pytest.raises(DataError, match="same number of draws"):
        walk([history(9), history(9, 100)], small, PROTOCOL)


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
def test_a_replay_proves_its_own_innocence(small, warm):
    protocol = Protocol(90, 30, warm)
    places = probes(190, protocol)
    assert places == [105, 165, 185]
    for at in places[:2]:
        found = probe(history(10), small, protocol, at)
        assert (found.same, found.noticed) == (True, True)


def test_a_feature_that_looks_ahead_is_caught(small, monkeypatch):
    honest = features.frequency
    ahead = lambda hot, window: honest(np.roll(hot, -1, axis=0), window)  # noqa: E731
    monkeypatch.setattr(features, "frequency", ahead)
    assert not probe(history(10), small, PROTOCOL, 105).same
