"""Histories side by side are what each would be alone, in a session as in a replay."""

import numpy as np
import pytest

from reflection.controlling.replay import outcomes, session, train_session, walk_chunk
from reflection.walking.data import gather
from reflection.walking.folds import Fold, Protocol
from reflection.walking.walk import walk
from tests.reflection.walking.conftest import history
from training.engine.data import prepare
from training.engine.fit import finish, fit, start

THREE = [history(seed) for seed in (3, 4, 5)]


def as_a_session(config, one):
    data = prepare(one, config)
    state = start(config, data)
    list(fit(config, data, state))
    return finish(config, data, state)


@pytest.mark.parametrize("kind", [{}, {"replicas": 2, "dropout": 0.2}, {"encoder": "counts"}])
def test_a_control_is_tested_as_a_session_would_test_it(small, kind):
    config = small.replace(**kind)
    data, state, together = session(config, THREE)
    assert list(train_session(together, data, state)) == [1, 2, 3, 4]
    for one, found in zip(THREE, outcomes(data, state, 3), strict=True):
        alone = as_a_session(config, one)
        assert found.test_gains == pytest.approx(alone.test_gains, abs=1e-5)
        assert found.train_bits == pytest.approx(alone.train_gains.sum(), abs=1e-4)
        assert found.train_draws == len(alone.train_gains)


@pytest.mark.parametrize("kind", [{}, {"replicas": 2}, {"encoder": "overlap"}])
def test_a_control_is_walked_as_a_backtest_walks(small, kind):
    config, protocol = small.replace(**kind), Protocol(90, 50)
    data = gather(THREE, config, protocol)
    chunk = (Fold(90, 140), Fold(140, 190))
    *_, (_, _, gains) = walk_chunk(config, data, chunk, None)
    for one, found in zip(gains, walk(THREE, config, protocol), strict=True):
        assert np.array_equal(one, found.gains)


def test_a_warm_control_is_walked_as_a_warm_backtest_walks(small):
    protocol = Protocol(90, 50, warm=True)
    data = gather(THREE, small, protocol)
    before, parts = None, []
    for fold in (Fold(90, 140), Fold(140, 190)):
        *_, (_, state, gains) = walk_chunk(small, data, (fold,), None, before)
        before = state.best
        parts.append(gains)
    for place, found in enumerate(walk(THREE, small, protocol)):
        mine = np.concatenate([part[place] for part in parts])
        assert np.array_equal(mine, found.gains)
    cold = walk(THREE, small, Protocol(90, 50))
    assert not np.array_equal(mine, cold[-1].gains)
