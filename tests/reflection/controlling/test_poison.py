"""The poison test passes what does not look ahead and catches what does."""

import pytest

from reflection.controlling.plan import LEAK, cuts
from reflection.controlling.poison import Poisoning, poison
from reflection.walking.folds import Protocol
from tests.reflection.walking.conftest import history


def tried(config, leak: float = 0.0) -> Poisoning:
    *epochs, found = poison(history(1), config, cut=150, leak=leak)
    assert all(isinstance(number, int) for number in epochs)
    return found


@pytest.mark.parametrize(
    "kind", [{}, {"replicas": 2}, {"encoder": "counts"}, {"encoder": "overlap"}]
)
def test_a_pipeline_that_looks_only_back_passes(small, kind):
    assert tried(small.replace(**kind)) == Poisoning(150, 0.0, 20, 0)


def test_a_warm_refit_is_poisoned_with_the_one_before_it(small):
    warm = Protocol(origin=90, refit=30, warm=True)
    *epochs, found = poison(history(1), small, cut=150, protocol=warm)
    assert found == Poisoning(150, 0.0, 20, 0)
    assert epochs == [0, 0, 0, 0, 1, 2, 3, 4]
    *epochs, _ = poison(history(1), small, cut=90, protocol=warm)
    assert 0 not in epochs


def test_the_canary_is_caught(small):
    found = tried(small, LEAK)
    assert found == Poisoning(150, LEAK, 20, 2)


def test_the_pipeline_is_tried_from_its_origin_to_the_end():
    assert cuts(190, Protocol(origin=90)) == [90, 130, 170]
    assert cuts(100, Protocol(origin=90)) == [80]
